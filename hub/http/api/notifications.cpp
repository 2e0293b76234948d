// What one person was told in his portal, and what he wants to be told: with his own rights, or by
// the token at the end of a letter, which lets its holder choose for this one person and no more.
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/supplier_notices.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "notify/limits.hpp"
#include "notify/preferences.hpp"
#include "notify/sentences.hpp"
#include "notify/signed_person.hpp"
#include "store/await.hpp"
#include "store/identity.hpp"

namespace ombud::http {
namespace {

using notify::Kind;

constexpr std::size_t kReadAtOnceMax = 200;

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

// --- What he was told ----------------------------------------------------------------------------

constexpr Member kNotificationMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "kind", .words = words_of<Kind>},
    {.name = "ticket", .shape = Shape::integer, .required = false},
    {.name = "reference", .required = false},
    {.name = "notice", .shape = Shape::integer, .required = false},
    {.name = "subject", .about = "The ticket's, or the notice's title"},
    {.name = "text", .about = "One sentence in the reader's language"},
    {.name = "at", .shape = Shape::time},
    {.name = "read", .shape = Shape::boolean}};
constexpr Schema kNotificationSchema{"Notification", kNotificationMembers};
constexpr Member kCountMembers[] = {
    {.name = "unread", .shape = Shape::integer, .about = "At most 1000"}};
constexpr Schema kCountSchema{"NotificationCount", kCountMembers};
constexpr Member kReadMembers[] = {
    {.name = "until",
     .shape = Shape::integer,
     .about = "This one and all before it; or `ids`",
     .required = false},
    {.name = "ids", .shape = Shape::integers, .about = "At most 200", .required = false}};
constexpr Schema kReadSchema{"ReadNotifications", kReadMembers};

constexpr Member kListQuery[] = {
    {.name = "unread", .shape = Shape::boolean, .required = false}, kLimit, kCursor};

std::string language_of_reader(Tx& tx, const Principal& who) {
  if (const auto account = find_account(tx, who.account); account && account->language) {
    return *account->language;
  }
  const auto person = find_person(tx, who.person);
  return person ? person->language : "sv";
}

void write_one(json::Writer& out, Tx& tx, const Notification& one, std::string_view language) {
  const Kind kind = from_text<Kind>(one.kind).value_or(Kind::replied);
  std::string reference, subject;
  auto incident = notify::LetterFacts::Phase::under_way;
  if (one.ticket.value != 0) {
    reference = reference_of(one.ticket);
    // Whoever takes part no longer sees no more than that there was something.
    const auto ticket = find_ticket(tx, one.ticket);
    if (ticket && desk::sees_ticket(tx, *ticket)) subject = ticket->subject;
  } else {
    const auto notice = desk::show_notice(tx, one.notice);
    if (notice) subject = notice->notice.told.title;
    incident = notify::incident_phase(phase_of(one.event), notice ? &notice->notice.told : nullptr,
                                      one.at);
  }
  out.begin_object().field("id", one.id.value).field("kind", one.kind);
  write_or_null(out, "ticket", one.ticket);
  write_or_null(out, "reference", reference);
  write_or_null(out, "notice", one.notice);
  out.field("subject", subject)
      .field("text", notify::sentence_of(kind, language, reference, incident))
      .field("at", to_rfc3339(one.at))
      .field("read", one.read_at.has_value())
      .end_object();
}

Result<Response> list_all(Tx& tx, const Call& call) {
  const auto unread = call.query.flag("unread");
  if (!unread) return unread.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const auto cursor = number_cursor(call);
  if (!cursor) return cursor.error();
  std::optional<NotificationId> before;
  if (*cursor) before = NotificationId{**cursor};
  const Principal& who = tx.principal();
  std::vector<Notification> all;
  if (who.is_person()) all = notifications_of(tx, who.person, *unread, before, *limit + 1);
  std::string next;
  if (all.size() > static_cast<std::size_t>(*limit)) {
    all.pop_back();
    next = std::to_string(all.back().id.value);
  }
  const std::string language = language_of_reader(tx, who);
  json::Writer out;
  begin_items(out);
  for (const Notification& one : all) write_one(out, tx, one, language);
  end_items(out, next);
  return json_response(out);
}

Result<Response> count(Tx& tx, const Call&) {
  const Principal& who = tx.principal();
  json::Writer out;
  out.begin_object()
      .field("unread", who.is_person() ? count_unread(tx, who.person, notify::kUnreadCountMax) : 0)
      .end_object();
  return json_response(out);
}

Result<Work> mark_read(const Call& call) {
  json::Reader in(call.body.root(), "");
  const auto until = in.maybe_integer("until", 1, INT64_MAX);
  const bool listed = in.has("ids");
  std::vector<NotificationId> ids;
  const json::View list = in.array("ids", kReadAtOnceMax);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list.at(i).is_integer()) in.refuse("ids", "must be numbers");
    ids.push_back({list.at(i).integer()});
  }
  if (until.has_value() == listed) in.refuse("until", "is required, or ids; not both");
  if (auto refused = in.finish()) return *refused;
  return Work([until, ids](Tx& tx) -> Result<Response> {
    const Principal& who = tx.principal();
    if (!who.is_person()) return no_content();
    if (until) mark_told_read(tx, who.person, NotificationId{*until});
    if (!until) mark_told_read(tx, who.person, ids);
    return no_content();
  });
}

// --- What he wants to be told --------------------------------------------------------------------

constexpr Member kKindMembers[] = {
    {.name = "kind", .words = words_of<Kind>},
    {.name = "mail", .shape = Shape::boolean},
    {.name = "portal", .shape = Shape::boolean},
    {.name = "locked",
     .shape = Shape::boolean,
     .about = "At least one of both stays on; ignored when it is put",
     .required = false}};
constexpr Schema kKindSchema{"NotificationKind", kKindMembers};
constexpr Member kQuietMembers[] = {{.name = "from", .about = "20:00, by the person's clock"},
                                    {.name = "until", .about = "07:00"}};
constexpr Schema kQuietSchema{"QuietHours", kQuietMembers};
constexpr Member kPreferenceMembers[] = {
    {.name = "kinds",
     .shape = Shape::many,
     .about = "Kinds that are left out are as they are for whoever chose nothing",
     .required = false,
     .of = &kKindSchema},
    {.name = "digest",
     .about = "Mails that can wait are gathered in one; weekly ones go on Mondays",
     .required = false,
     .words = words_of<notify::Digest>},
    {.name = "digest_at", .about = "07:30, by the person's clock", .required = false},
    {.name = "quiet",
     .shape = Shape::one,
     .about = "Mails wait until they end, but not those of major incidents; null: none",
     .required = false,
     .of = &kQuietSchema}};
constexpr Schema kPreferencesSchema{"NotificationPreferences", kPreferenceMembers};

std::string clock_text(int minutes) {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

// "07:30"; nothing if it is no time of a day.
std::optional<int> minutes_of(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return std::nullopt;
  }
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return hours * 60 + minutes;
}

int clock_time(json::Reader& in, std::string_view name, bool required, int fallback) {
  const auto text = in.maybe_text(name, {.required = required});
  if (!text) {
    if (required) in.refuse(name, "is required");
    return fallback;
  }
  const auto minutes = minutes_of(*text);
  if (!minutes) in.refuse(name, "must be a time of the day such as 07:30");
  return minutes.value_or(fallback);
}

void write_preferences(json::Writer& out, const notify::Preferences& chosen) {
  out.begin_object().begin_array("kinds");
  for (const auto& [kind, word] : kWords<Kind>) {
    out.begin_object()
        .field("kind", word)
        .field("mail", chosen.of(kind).mail)
        .field("portal", chosen.of(kind).portal)
        .field("locked", notify::is_locked(kind))
        .end_object();
  }
  out.end_array()
      .field("digest", ombud::to_text(chosen.digest))
      .field("digest_at", clock_text(chosen.digest_at))
      .key("quiet");
  if (chosen.quiet) {
    out.begin_object()
        .field("from", clock_text(chosen.quiet->from))
        .field("until", clock_text(chosen.quiet->until))
        .end_object();
  } else {
    out.null();
  }
  out.end_object();
}

void read_kinds(json::Reader& in, notify::Preferences& chosen) {
  const json::View list = in.array("kinds", notify::kKinds);
  for (std::size_t i = 0; i < list.size(); ++i) {
    json::Reader one(list.at(i), in.pointer_of("kinds") + "/" + std::to_string(i));
    const auto kind = maybe_word<Kind>(one, "kind");
    if (!list.at(i)["kind"].present()) one.refuse("kind", "is required");
    const bool mail = one.boolean("mail", false), portal = one.boolean("portal", false);
    if (!list.at(i)["mail"].is_boolean()) one.refuse("mail", "is required");
    if (!list.at(i)["portal"].is_boolean()) one.refuse("portal", "is required");
    one.has("locked");
    if (one.finish()) in.absorb(one);
    if (kind) chosen.of(*kind) = {mail, portal};
  }
}

Result<notify::Preferences> read_preferences(const Call& call) {
  json::Reader in(call.body.root(), "");
  notify::Preferences chosen;
  read_kinds(in, chosen);
  chosen.digest = maybe_word<notify::Digest>(in, "digest").value_or(chosen.digest);
  chosen.digest_at = clock_time(in, "digest_at", false, chosen.digest_at);
  in.has("quiet");
  if (call.body["quiet"].present()) {
    json::Reader quiet(call.body["quiet"], "/quiet");
    notify::Quiet hours;
    hours.from = clock_time(quiet, "from", true, hours.from);
    hours.until = clock_time(quiet, "until", true, hours.until);
    if (quiet.finish()) in.absorb(quiet);
    chosen.quiet = hours;
  }
  if (auto refused = in.finish()) return *refused;
  if (auto wrong = notify::mistake_in(chosen)) return *wrong;
  return chosen;
}

Response preferences_response(const notify::Preferences& chosen) {
  json::Writer out;
  write_preferences(out, chosen);
  Response response = json_response(out);
  response.header("ETag", "\"" + sha256_hex(response.body).substr(0, 32) + "\"");
  return response;
}

// As they are; not sent again to who has them.
Result<Response> show_preferences(const Call& call, const notify::Preferences& chosen) {
  Response response = preferences_response(chosen);
  std::string etag(response.header_of("ETag"));
  if (none_match(call, etag)) return not_modified(std::move(etag));
  return response;
}

Result<Response> show_own(Tx& tx, const Call& call) {
  const Principal& who = tx.principal();
  if (!who.is_person()) return not_found("person");
  return show_preferences(call, notify::preferences_of(tx, who.person));
}

// For this person; whoever asked has shown that he may.
net::awaitable<Result<Response>> choose_for(Api& api, Principal who, PersonId person,
                                            notify::Preferences chosen, std::string if_match) {
  Work work = [person, chosen, if_match](Tx& tx) -> Result<Response> {
    if (!find_person(tx, person)) return not_found("person");
    if (!if_match.empty()) {
      const Response now = preferences_response(notify::preferences_of(tx, person));
      if (!none_match(if_match, now.header_of("ETag"))) {
        return problem(ProblemKind::stale,
                       "They were chosen anew in the meantime. Read them again and repeat the "
                       "change.");
      }
    }
    const auto kept = notify::choose(tx, person, chosen);
    if (!kept) return kept.error();
    return preferences_response(notify::preferences_of(tx, person));
  };
  auto response = co_await write<Response>(api.parts.store, std::move(who), std::move(work));
  // What waited for an hour of his may go now.
  if (response && api.parts.chose) api.parts.chose();
  co_return response;
}

net::awaitable<Result<Response>> choose_own(Api& api, Call& call) {
  const auto chosen = read_preferences(call);
  if (!chosen) co_return chosen.error();
  if (!call.principal.is_person()) co_return not_found("person");
  co_return co_await choose_for(api, call.principal, call.principal.person, *chosen,
                                std::string(call.exchange.header("If-Match")));
}

// --- By the token at the end of a letter ---------------------------------------------------------

// Nothing for a token that this hub did not sign; the answer is that of one that is not there.
std::optional<PersonId> person_of_token(const Api& api, const Call& call) {
  if (api.parts.letter_key == nullptr) return std::nullopt;
  return api.parts.letter_key->person_of(call.params.at(0));
}

net::awaitable<Result<Response>> show_by_token(Api& api, Call& call) {
  const auto person = person_of_token(api, call);
  if (!person) co_return not_found("token");
  std::function<Result<Response>(Tx&)> look = [person, &call](Tx& tx) -> Result<Response> {
    if (!find_person(tx, *person)) return not_found("token");
    return show_preferences(call, notify::preferences_of(tx, *person));
  };
  co_return co_await read<Response>(api.parts.store, system_principal("letters"), look);
}

net::awaitable<Result<Response>> choose_by_token(Api& api, Call& call) {
  const auto chosen = read_preferences(call);
  if (!chosen) co_return chosen.error();
  const auto person = person_of_token(api, call);
  if (!person) co_return not_found("token");
  co_return co_await choose_for(api, system_principal("letters"), *person, *chosen,
                                std::string(call.exchange.header("If-Match")));
}

// RFC 8058: the mail program posts, whatever stands in the body, without the reader's having to
// do more.
net::awaitable<Result<Response>> unsubscribe(Api& api, Call& call) {
  const auto person = person_of_token(api, call);
  if (!person) co_return not_found("token");
  Work work = [person](Tx& tx) -> Result<Response> {
    if (!find_person(tx, *person)) return not_found("token");
    notify::Preferences chosen = notify::preferences_of(tx, *person);
    chosen.of(Kind::major_incident).mail = false;
    const auto kept = notify::choose(tx, *person, chosen);
    if (!kept) return kept.error();
    return no_content();
  };
  auto response =
      co_await write<Response>(api.parts.store, system_principal("letters"), std::move(work));
  // What waited for an hour of his may go now.
  if (response && api.parts.chose) api.parts.chose();
  co_return response;
}

}  // namespace

void declare_notifications(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/notifications",
              .id = "list_notifications",
              .needs = Permission::ticket_read,
              .tag = "notifications",
              .summary = "What one was told in the portal, the newest first; of a person alone",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kNotificationSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/notifications/count",
              .id = "count_notifications",
              .needs = Permission::ticket_read,
              .tag = "notifications",
              .summary = "How many of them are unread",
              .handler = &count,
              .answer = &kCountSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/notifications/read",
              .id = "read_notifications",
              .needs = Permission::ticket_read,
              .tag = "notifications",
              .summary = "Mark some of one's own as read, or all up to one",
              .handler = &mark_read,
              .body = &kReadSchema,
              .status = 204});
  router.add({.method = Method::get,
              .path = "/api/v1/account/notifications",
              .id = "show_notification_preferences",
              .needs = Permission::ticket_read,
              .tag = "notifications",
              .summary = "What one wants to be told, and how",
              .handler = &show_own,
              .answer = &kPreferencesSchema});
  router.add({.method = Method::put,
              .path = "/api/v1/account/notifications",
              .id = "choose_notifications",
              .needs = Permission::ticket_answer,
              .tag = "notifications",
              .summary = "Choose what one wants to be told; mails that were held go out",
              .handler = &choose_own,
              .body = &kPreferencesSchema,
              .answer = &kPreferencesSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/notification-preferences/{token}",
              .id = "show_preferences_by_token",
              .needs = Permission::anyone,
              .tag = "notifications",
              .summary = "The same for whoever has no account, by the token at the end of a letter",
              .handler = &show_by_token,
              .answer = &kPreferencesSchema});
  router.add({.method = Method::put,
              .path = "/api/v1/notification-preferences/{token}",
              .id = "choose_by_token",
              .needs = Permission::anyone,
              .tag = "notifications",
              .summary = "Choose by the token at the end of a letter",
              .handler = &choose_by_token,
              .body = &kPreferencesSchema,
              .answer = &kPreferencesSchema});
  router.add(
      {.method = Method::post,
       .path = "/api/v1/notification-preferences/{token}/unsubscribe",
       .id = "unsubscribe_by_token",
       .needs = Permission::anyone,
       .tag = "notifications",
       .summary = "No more mail of major incidents: one click in the mail program (RFC 8058)",
       .handler = &unsubscribe,
       .raw_body = "*/*",
       .status = 204});
}

}  // namespace ombud::http
