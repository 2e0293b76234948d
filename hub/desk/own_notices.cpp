#include "desk/own_notices.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "store/directory.hpp"

namespace ombud::desk {
namespace {

std::optional<Problem> check_words(const std::optional<std::string>& title,
                                   const std::optional<std::string>& text) {
  if (title && title->find_first_not_of(" \t\r\n") == std::string::npos) {
    return invalid("/title", "must not be empty");
  }
  if (title && (title->size() > kNoticeTitleBytesMax || !is_utf8(*title))) {
    return invalid("/title", "is too long or not UTF-8");
  }
  if (text && (text->size() > kNoticeTextBytesMax || !is_utf8(*text))) {
    return invalid("/text", "is too long or not UTF-8");
  }
  return std::nullopt;
}

std::optional<Problem> check_end(const Tx& tx, const std::optional<Instant>& starts_at,
                                 const std::optional<Instant>& ends_at) {
  if (!ends_at) return std::nullopt;
  if (starts_at && *ends_at <= *starts_at) {
    return invalid("/ends_at", "must be after starts_at");
  }
  if (*ends_at <= tx.at()) return invalid("/ends_at", "is over already");
  return std::nullopt;
}

Result<std::vector<std::string>> customers_of(Tx& tx, const Announce& request) {
  std::vector<std::string> keys = request.customers;
  if (request.for_all) {
    keys.clear();
    for (const Customer& customer : list_customers(tx)) keys.push_back(customer.id);
    return keys;
  }
  if (keys.empty()) return invalid("/customers", "must name at least one customer, or be \"all\"");
  for (const std::string& key : keys) {
    if (!find_customer(tx, key)) {
      return invalid("/customers", fmt::format("has \"{}\", who is no customer", key));
    }
  }
  return keys;
}

std::string words_of(const Notice& n) {
  json::Writer out;
  out.begin_object()
      .field("kind", to_text(n.told.kind))
      .field("title", n.told.title)
      .field("text", n.told.text);
  if (n.told.starts_at) out.field("starts_at", to_rfc3339(*n.told.starts_at));
  if (n.told.ends_at) out.field("ends_at", to_rfc3339(*n.told.ends_at));
  return out.end_object().take();
}

// One that the desk announced and that is not over.
Result<Notice> own_notice(Tx& tx, NoticeId id) {
  if (auto refused = needs_desk(tx)) return *refused;
  auto notice = find_notice(tx, id);
  if (!notice) return not_found("notice");
  if (auto refused = needs_all_customers(tx)) return *refused;
  if (!notice->link.empty()) {
    return conflict(
        fmt::format("This is what {} announces, and goes on by its word. Publish it in "
                    "the desk's words, or dismiss it.",
                    notice->supplier));
  }
  if (is_ended(state_at(notice->told, tx.at()))) {
    return conflict("It is over already. Announce a new one.");
  }
  return *std::move(notice);
}

}  // namespace

Result<NoticeView> announce(Tx& tx, const Announce& request) {
  if (auto refused = needs_desk(tx)) return *refused;
  if (auto refused = needs_all_customers(tx)) return *refused;
  if (auto refused = check_words(request.title, request.text)) return *refused;
  if (auto refused = check_end(tx, request.starts_at, request.ends_at)) return *refused;
  for (const std::string& service : request.services) {
    if (!find_service(tx, service)) {
      return invalid("/services", fmt::format("has \"{}\", which is no service", service));
    }
  }
  const auto customers = customers_of(tx, request);
  if (!customers) return customers.error();
  Notice n;
  n.told.remote_id = tx.mint();
  n.told.kind = request.kind;
  n.told.title = request.title;
  n.told.text = request.text;
  n.told.services = request.services;
  n.told.starts_at = request.starts_at;
  n.told.ends_at = request.ends_at;
  n.for_all = request.for_all;
  n.tell_start = request.tell_start;
  n.id = add_notice(tx, n);
  for (const std::string& customer : *customers) {
    put_notice_customer(tx, n.id, {customer, request.services, false, {}});
  }
  log_notice(tx, n.id, "announced", words_of(n));
  if (request.publish) return publish_notice(tx, {n.id, {}, {}, {}});
  return show_notice(tx, n.id);
}

Result<NoticeView> edit_notice(Tx& tx, const EditNotice& request) {
  auto n = own_notice(tx, request.notice);
  if (!n) return n.error();
  if (auto refused = check_words(request.title, request.text)) return *refused;
  if (auto refused = check_end(tx, n->told.starts_at, request.ends_at)) return *refused;
  if (request.title) n->told.title = *request.title;
  if (request.text) n->told.text = *request.text;
  if (request.ends_at) n->told.ends_at = request.ends_at;
  if (n->review == NoticeReview::published) {
    if (request.title) n->public_title = *request.title;
    if (request.text) n->public_text = *request.text;
  }
  put_notice(tx, *n);
  log_notice(tx, n->id, "edited", words_of(*n));
  return show_notice(tx, n->id);
}

Result<NoticeView> end_notice(Tx& tx, NoticeId id) {
  auto n = own_notice(tx, id);
  if (!n) return n.error();
  n->told.state = NoticeState::over;
  n->told.ends_at = tx.at();
  put_notice(tx, *n);
  log_notice(tx, id, "ended", words_of(*n));
  return show_notice(tx, id);
}

}  // namespace ombud::desk
