// Use cases of what the desk itself announces to its users: a major incident, a maintenance, or
// something to know. A notice like a supplier's (store/notices.hpp), without a link: published,
// dismissed and promoted by the same use cases (desk/supplier_notices.hpp). Whether it is
// announced, ongoing or over follows from its times. Only who works for all customers may do any of
// this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "desk/supplier_notices.hpp"

namespace ombud::desk {

struct Announce {
  NoticeKind kind = NoticeKind::outage;
  std::string title, text;
  bool for_all = false;  // else `customers`: keys, at least one
  std::vector<std::string> customers;
  std::vector<std::string> services;          // keys
  std::optional<Instant> starts_at, ends_at;  // none: now, and until it is ended
  bool publish = true;                        // users see it at once; else when it is published
  // Of an outage that is planned: its users are told again when it begins.
  bool tell_start = false;
};
Result<NoticeView> announce(Tx& tx, const Announce& request);

struct EditNotice {
  NoticeId notice;
  std::optional<std::string> title, text;
  std::optional<Instant> ends_at;
};
// What users read changes at once, if it is published.
Result<NoticeView> edit_notice(Tx& tx, const EditNotice& request);

// It is over, now.
Result<NoticeView> end_notice(Tx& tx, NoticeId id);

}  // namespace ombud::desk
