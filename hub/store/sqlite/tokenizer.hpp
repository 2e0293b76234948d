// The tokenizer of the full-text index, to be asked directly.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <vector>

namespace ombud::sqlite {

class Tokenizer {
 public:
  // As the table message_search names it (migrations/0001_desk.sql). Throws StoreError.
  explicit Tokenizer(sqlite3* db);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;
  std::vector<std::string> words_of(std::string_view text) const;

 private:
  fts5_tokenizer functions_{};
  Fts5Tokenizer* tokenizer_ = nullptr;
};

}  // namespace ombud::sqlite
