// Znuny's generic interface for the conformance kit: 200 for everything, sessions that end, ids
// that are texts or numbers, a search that ignores a field it does not have and lists nothing for a
// time ahead, a history without numbers.
#include <ombud/conformance/dialect.hpp>

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "paging.hpp"
#include "profile_settings.hpp"

namespace ombud::dialects {
namespace {

using namespace ombud::conformance;

constexpr std::string_view kPassword = "canary-znuny-password-4711";
constexpr std::string_view kField = "OmbudReference";
constexpr std::int64_t kOurId = 3, kStaffId = 4;
constexpr std::int64_t kSessionMs = 3'600'000;
constexpr std::size_t kLimit = 500;  // of a search that names none

struct State {
  std::string_view name, type;
};
constexpr State kStates[] = {{"new", "new"},
                             {"open", "open"},
                             {"pending reminder", "pending reminder"},
                             {"pending auto close+", "pending auto"},
                             {"closed successful", "closed"},
                             {"closed unsuccessful", "closed"},
                             {"merged", "merged"}};
constexpr std::string_view kPriorities[] = {"1 very low", "2 low", "3 normal", "4 high",
                                            "5 very high"};

// "2026-11-22 09:30:00", in UTC as the system's setting is.
std::string time_text(std::int64_t ms) {
  std::string text = to_rfc3339(instant_of(ms)).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// A business error is a success.
HttpResponse refused(std::string_view code, std::string_view why) {
  json::Writer out;
  out.begin_object().begin_object("Error").field("ErrorCode", code).field("ErrorMessage", why);
  return {200, out.end_object().end_object().take()};
}

HttpResponse fault(std::string_view why) {
  json::Writer out;
  out.begin_object().field("faultcode", "Server").field("faultstring", why);
  return {500, out.end_object().take(), {{"Content-Type", "text/plain"}}};
}

const State* state_of(std::string_view name) {
  const auto* found = std::find_if(std::begin(kStates), std::end(kStates),
                                   [&](const State& s) { return s.name == name; });
  return found == std::end(kStates) ? nullptr : found;
}

std::int64_t state_id(std::string_view name) {
  const State* state = state_of(name);
  return state == nullptr ? 0 : state - std::begin(kStates) + 1;
}

struct Article {
  std::string id, text, author;
  bool ours = false, shown = true;
  std::int64_t at_ms = 0;
  const File* file = nullptr;
};

std::vector<Article> articles_of(const Ticket& ticket) {
  std::vector<Article> all = {{ticket.id, std::string(ticket.field("description")),
                               std::string(kOurUser), true, true, ticket.created_at_ms, nullptr}};
  for (const Comment& one : ticket.comments) {
    all.push_back({one.id, one.text, one.author, one.ours, one.shown, one.at_ms, nullptr});
  }
  for (const File& one : ticket.files) {
    const auto body = one.fields.find("body");
    all.push_back({one.id, body == one.fields.end() ? std::string() : body->second, one.author,
                   one.ours, one.shown, one.at_ms, &one});
  }
  std::sort(all.begin(), all.end(),
            [](const Article& a, const Article& b) { return number(a.id) < number(b.id); });
  return all;
}

void write_article(json::Writer& out, const Article& article, json::View asked) {
  out.begin_object().field("ArticleID", number(article.id)).field("Body", article.text);
  out.field("From", article.author).field("ContentType", "text/plain; charset=utf-8");
  out.field("SenderType", "agent").field("IsVisibleForCustomer", article.shown ? "1" : "0");
  out.field("CreateBy", article.ours ? kOurId : kStaffId);
  out.field("CreateTime", time_text(article.at_ms));
  if (article.file != nullptr && asked["Attachments"].integer() == 1) {
    const bool whole = asked["GetAttachmentContents"].integer(1) == 1;
    out.begin_array("Attachment").begin_object().field("FileID", "1");
    out.field("Filename", article.file->name).field("ContentType", article.file->media_type);
    out.field("FilesizeRaw", static_cast<std::int64_t>(article.file->bytes.size()));
    out.field("Content", whole ? to_base64(article.file->bytes) : std::string());
    out.end_object().end_array();
  }
  out.end_object();
}

void write_ticket(json::Writer& out, const Ticket& ticket, json::View asked) {
  out.begin_object().field("TicketID", number(ticket.id)).field("TicketNumber", "2026" + ticket.id);
  out.field("Title", ticket.field("subject")).field("Queue", "Service desk");
  out.field("State", ticket.field("status")).field("StateID", state_id(ticket.field("status")));
  const State* state = state_of(ticket.field("status"));
  out.field("StateType", state == nullptr ? std::string_view() : state->type);
  out.field("Priority", ticket.field("priority")).field("CreateBy", kOurId);
  out.field("Created", time_text(ticket.created_at_ms));
  out.field("Changed", time_text(ticket.updated_at_ms));
  if (asked["DynamicFields"].integer() == 1) {
    out.begin_array("DynamicField").begin_object().field("Name", "Other").key("Value").raw("null");
    out.end_object().begin_object().field("Name", kField);
    out.field("Value", ticket.field("reference")).end_object().end_array();
  }
  if (asked["AllArticles"].integer() == 1) {
    out.begin_array("Article");
    for (const Article& article : articles_of(ticket)) write_article(out, article, asked);
    out.end_array();
  }
  out.end_object();
}

std::vector<std::string> ids_in(json::View asked) {
  std::vector<std::string> ids;
  if (asked.is_integer()) return {std::to_string(asked.integer())};
  std::string_view rest = asked.text();
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    ids.push_back(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return ids;
}

class Znuny final : public Dialect {
 public:
  Settings settings() const override {
    return {settings_json(
                R"("url":"https://znuny.example/znuny/nph-genericinterface.pl/Webservice/Ombud",
                "user":"ombud","password":{"$secret":"password"},"queue":"Service desk",
                "customer":"desk@example.org")"),
            {{"password", std::string(kPassword)}}};
  }
  std::string status_word(std::string_view canonical) const override {
    return canonical == "new"           ? "new"
           : canonical == "in_progress" ? "open"
           : canonical == "waiting"     ? "pending reminder"
           : canonical == "resolved"    ? ""  // the profile closes it
           : canonical == "closed"      ? "closed successful"
                                        : "closed unsuccessful";
  }

  HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
    const auto parts = request.segments();
    const auto body = json::parse(request.body);
    if (request.method != "POST" || parts.size() != 5 || parts[3] != "Ombud") {
      return fault("HTTP::REST Error while determine Operation for request URI");
    }
    if (!body || !body->root().is_object()) return fault("Error while decoding request content.");
    const json::View in = body->root();
    const std::string& what = parts[4];
    if (what == "Session") return session(supplier, in);
    const Fields& kept = supplier.scratch();
    const auto since = kept.find("session-" + std::string(in["SessionID"].text()));
    if (since == kept.end() || number(since->second) + kSessionMs < supplier.now_ms()) {
      return refused(what + ".AuthFail", what + ": Authorization failing!");
    }
    if (what == "TicketCreate") return create(supplier, in);
    if (what == "TicketUpdate") return update(supplier, in);
    if (what == "TicketGet") return get(supplier, in);
    if (what == "TicketSearch") return search(supplier, in);
    if (what == "TicketHistory") return history(supplier, in);
    return fault("HTTP::REST Error while determine Operation for request URI");
  }

 private:
  static HttpResponse session(Supplier& supplier, json::View in) {
    if (in["UserLogin"].text() != "ombud" || in["Password"].text() != kPassword) {
      return refused("SessionCreate.AuthFail", "SessionCreate: Authorization failing!");
    }
    Fields& kept = supplier.scratch();
    const std::string id = "s" + std::to_string(kept.size());
    kept["session-" + id] = std::to_string(supplier.now_ms());
    json::Writer out;
    return {200, out.begin_object().field("SessionID", id).end_object().take()};
  }

  // Why the ticket's attributes cannot be, and what they become.
  static std::optional<HttpResponse> read_ticket(const std::string& what, json::View in,
                                                 Fields& fields) {
    const std::string_view state = in["State"].text(), priority = in["Priority"].text();
    if (!state.empty() && state_of(state) == nullptr) {
      return refused(what + ".InvalidParameter", "Ticket->State parameter is invalid!");
    }
    const bool pending = state.starts_with("pending");
    if (in["PendingTime"].present() != pending ||
        (pending && in["PendingTime"]["Diff"].integer() < 1)) {
      return refused(what + ".InvalidParameter", "Ticket->PendingTime parameter is invalid!");
    }
    if (!priority.empty() && std::find(std::begin(kPriorities), std::end(kPriorities), priority) ==
                                 std::end(kPriorities)) {
      return refused(what + ".InvalidParameter", "Ticket->Priority parameter is invalid!");
    }
    if (in["Title"].is_text()) fields["subject"] = trimmed(in["Title"].text());
    if (!state.empty()) fields["status"] = state;
    if (!priority.empty()) fields["priority"] = priority;
    return std::nullopt;
  }

  static std::optional<HttpResponse> wrong_article(const std::string& what, json::View article) {
    for (const char* needed : {"Subject", "Body", "ContentType"}) {
      if (trimmed(article[needed].text()).empty()) {
        return refused(what + ".MissingParameter",
                       std::string("Article->") + needed + " parameter is missing!");
      }
    }
    if (article["CommunicationChannel"].text() != "Internal" ||
        !article["IsVisibleForCustomer"].is_integer()) {
      return refused(what + ".InvalidParameter",
                     "this article would be mailed, or shown to anybody");
    }
    return std::nullopt;
  }

  static HttpResponse made(const std::string& ticket, const std::string& article) {
    json::Writer out;
    out.begin_object().field("TicketID", ticket).field("TicketNumber", "2026" + ticket);
    if (!article.empty()) out.field("ArticleID", article);
    return {200, out.end_object().take()};
  }

  static HttpResponse create(Supplier& supplier, json::View in) {
    const json::View ticket = in["Ticket"];
    for (const char* needed : {"Title", "Queue", "CustomerUser", "State", "Priority"}) {
      if (ticket[needed].text().empty()) {
        return refused("TicketCreate.MissingParameter",
                       std::string("Ticket->") + needed + " parameter is missing!");
      }
    }
    Fields fields;
    if (auto wrong = read_ticket("TicketCreate", ticket, fields)) return *wrong;
    if (auto wrong = wrong_article("TicketCreate", in["Article"])) return *wrong;
    const json::View field = in["DynamicField"];
    if (field.present() && field["Name"].text() != kField) {
      return refused("TicketCreate.InvalidParameter", "DynamicField->Name parameter is invalid!");
    }
    fields["reference"] = field["Value"].text();
    fields["description"] = trimmed(in["Article"]["Body"].text());
    const std::string id = supplier.create(std::move(fields)).id;
    return made(id, id);
  }

  static HttpResponse update(Supplier& supplier, json::View in) {
    const auto ids = ids_in(in["TicketID"]);
    const Ticket* ticket = ids.size() == 1 ? supplier.ticket(ids[0]) : nullptr;
    if (ticket == nullptr) {
      return refused("TicketUpdate.AccessDenied",
                     "TicketUpdate: User does not have access to the ticket!");
    }
    const std::string id = ticket->id;
    Fields changes;
    if (in["Ticket"].present()) {
      if (auto wrong = read_ticket("TicketUpdate", in["Ticket"], changes)) return *wrong;
    }
    const json::View article = in["Article"];
    if (article.present()) {
      if (auto wrong = wrong_article("TicketUpdate", article)) return *wrong;
    }
    std::optional<std::string> bytes;
    const json::View file = in["Attachment"].at(0);
    if (file.is_object()) {
      bytes = from_base64(file["Content"].text());
      if (!bytes || file["Filename"].text().empty() || !article.present()) {
        return refused("TicketUpdate.MissingParameter", "Attachment parameter is not valid!");
      }
    }
    if (!changes.empty()) supplier.update(id, changes);
    if (!article.present()) return made(id, "");
    const std::string body = trimmed(article["Body"].text());
    const bool shown = article["IsVisibleForCustomer"].integer() == 1;
    if (bytes) {
      File stored;
      stored.name = file["Filename"].text();
      stored.media_type = file["ContentType"].text();
      stored.bytes = *bytes;
      stored.shown = shown;
      stored.fields["body"] = body;
      return made(id, supplier.attach(id, std::move(stored))->id);
    }
    Comment said;
    said.text = body;
    said.shown = shown;
    return made(id, supplier.comment(id, std::move(said))->id);
  }

  static HttpResponse get(const Supplier& supplier, json::View in) {
    const auto ids = ids_in(in["TicketID"]);
    if (ids.empty()) {
      return refused("TicketGet.MissingParameter", "TicketGet: TicketID parameter is missing!");
    }
    json::Writer out;
    out.begin_object().begin_array("Ticket");
    for (const std::string& id : ids) {
      const Ticket* ticket = supplier.ticket(id);
      if (ticket == nullptr) {
        return refused("TicketGet.AccessDenied",
                       "TicketGet: User does not have access to the ticket!");
      }
      write_ticket(out, *ticket, in);
    }
    return {200, out.end_array().end_object().take()};
  }

  static HttpResponse search(const Supplier& supplier, json::View in) {
    std::vector<const Ticket*> found = supplier.tickets();
    const json::View field = in["DynamicField_" + std::string(kField)];
    if (field["Equals"].present()) {
      std::erase_if(
          found, [&](const Ticket* t) { return t->field("reference") != field["Equals"].text(); });
    }
    if (field["Empty"].present()) {
      std::erase_if(found, [&](const Ticket* t) { return t->field("reference").empty(); });
    }
    if (const std::string_view since = in["TicketLastChangeTimeNewerDate"].text(); !since.empty()) {
      std::string zoned = std::string(since) + "Z";
      zoned[10] = 'T';
      const auto from = parse_rfc3339(zoned);
      if (!from) return refused("TicketSearch.InvalidParameter", "the date cannot be read");
      if (ms_of(*from) > supplier.now_ms()) found.clear();
      std::erase_if(found,
                    [&](const Ticket* t) { return t->updated_at_ms / 1000 < ms_of(*from) / 1000; });
    }
    const bool changed =
        in["SortBy"].at(0).text() == "Changed" && in["OrderBy"].at(0).text() == "Up";
    std::stable_sort(found.begin(), found.end(), [&](const Ticket* a, const Ticket* b) {
      return changed ? a->updated_at_ms / 1000 < b->updated_at_ms / 1000
                     : a->created_at_ms > b->created_at_ms;  // by age, the youngest first
    });
    const std::size_t limit = static_cast<std::size_t>(in["Limit"].integer(kLimit));
    if (found.empty()) return {200, "{}"};
    json::Writer out;
    out.begin_object().begin_array("TicketID");
    for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) out.value(found[i]->id);
    return {200, out.end_array().end_object().take()};
  }

  static HttpResponse history(const Supplier& supplier, json::View in) {
    const auto ids = ids_in(in["TicketID"]);
    if (ids.empty()) return refused("TicketHistoryGet.MissingParameter", "TicketID is missing!");
    if (supplier.ticket(ids[0]) == nullptr) {
      return refused("TicketHistoryGet.AccessDenied", "no access to the ticket");
    }
    json::Writer out;
    out.begin_object().begin_array("TicketHistory").begin_object().field("TicketID", ids[0]);
    out.begin_array("History");
    for (const Event& event : supplier.events()) {
      if (event.ticket != ids[0] || event.kind != Event::Kind::changed) continue;
      const bool of_state = event.object == "status";
      out.begin_object().field("TicketID", ids[0]);
      out.field("HistoryType", of_state ? "StateUpdate" : "Misc");
      out.field("Name", "%%" + event.from + "%%" + event.to + "%%");
      out.field("CreateBy", event.ours ? kOurId : kStaffId);
      out.field("CreateTime", time_text(event.at_ms));
      out.field("StateID", of_state ? state_id(event.to) : 0).end_object();
    }
    return {200, out.end_array().end_object().end_array().end_object().take()};
  }
};

}  // namespace
}  // namespace ombud::dialects

OMBUD_DIALECT(ombud::dialects::Znuny)
