// Brings a database file to today's schema, and makes checked copies of it.
#pragma once

#include <string>

#include "base/log.hpp"

namespace ombud::sqlite {

// Runs the missing migrations, each in a transaction of its own. An existing database is first
// copied to
// "<path>.before-<number>" and the copy checked. Throws StoreError: written by a newer Ombud, not
// an Ombud database, damaged, disk full; the file is then as it was.
void migrate(const std::string& path, const Log& log);

// A consistent copy of a live database, checked with SQLite's integrity check. `to` must not exist.
void back_up(const std::string& path, const std::string& to);

int schema_version(const std::string& path);  // 0: empty or new
int schema_wanted();

}  // namespace ombud::sqlite
