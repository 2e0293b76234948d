// From the profile's file to the compiled profile; hears every mistake at once.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <stdexcept>

#include "base/nearest.hpp"
#include "profile/profile.hpp"
#include "profile/text.hpp"

namespace ombud::profile {
namespace {

constexpr std::string_view kStatuses[] = {"new", "in_progress", "waiting", "resolved", "closed"};

std::string escaped(std::string_view name) {
  std::string all;
  for (const char c : name) all += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return all;
}

struct Shared {
  Names names;
  std::vector<Mistake>& mistakes;
};

// One table of the profile. What nobody asked for is a mistake.
class Table {
 public:
  Table(json::View view, std::string pointer, Shared& shared)
      : view_(view), pointer_(std::move(pointer)), shared_(shared) {
    if (view_.present() && !view_.is_object()) {
      refuse("", "must be a table");
      view_ = {};
    }
  }

  bool present() const { return view_.is_object(); }
  bool has(std::string_view name) const { return view_[name].present(); }
  json::View take(std::string_view name) {
    known_.emplace_back(name);
    return view_[name];
  }
  const std::string& pointer() const { return pointer_; }
  std::string below(std::string_view name) const {
    return name.empty() ? pointer_ : pointer_ + "/" + escaped(name);
  }
  void refuse(std::string_view name, std::string detail) {
    shared_.mistakes.push_back({below(name), std::move(detail)});
  }
  Shared& shared() { return shared_; }

  std::string text(std::string_view name, bool required = false, std::string_view example = {}) {
    const json::View value = take(name);
    if (!value.present()) {
      if (required) {
        refuse(name, fmt::format("is missing; write {} = \"{}\"", name, example));
      }
      return {};
    }
    if (!value.is_text()) refuse(name, fmt::format("must be text, such as \"{}\"", example));
    return std::string(value.text());
  }
  std::string choice(std::string_view name, std::initializer_list<std::string_view> choices,
                     std::string_view fallback) {
    const std::string given = has(name) ? text(name) : (take(name), std::string(fallback));
    for (const std::string_view word : choices) {
      if (given == word) return given;
    }
    std::vector<std::string> all(choices.begin(), choices.end());
    const auto meant = nearest(given, all);
    refuse(name, meant ? fmt::format("is \"{}\"; did you mean \"{}\"?", given, *meant)
                       : fmt::format("is \"{}\"; write {}", given, joined(all, "or")));
    return std::string(fallback);
  }
  bool boolean(std::string_view name, bool fallback = false) {
    const json::View value = take(name);
    if (value.present() && !value.is_boolean()) refuse(name, "must be true or false");
    return value.boolean(fallback);
  }
  std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least,
                       std::int64_t most) {
    const json::View value = take(name);
    if (!value.present()) return fallback;
    if (!value.is_integer() || value.integer() < least || value.integer() > most) {
      refuse(name, fmt::format("must be a whole number from {} to {}", least, most));
      return fallback;
    }
    return value.integer();
  }
  std::vector<int> codes(std::string_view name) {
    std::vector<int> all;
    const json::View value = take(name);
    const auto add = [&](json::View code) {
      if (!code.is_integer() || code.integer() < 1 || code.integer() > 599) {
        refuse(name,
               "must be HTTP status codes, such as 404 or [409, 423]; 5 stands for 500 to 599");
      } else {
        all.push_back(static_cast<int>(code.integer()));
      }
    };
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) add(value.at(i));
    } else if (value.present()) {
      add(value);
    }
    return all;
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> all;
    const json::View value = take(name);
    if (value.present() && !value.is_array()) refuse(name, "must be a list of texts");
    for (std::size_t i = 0; i < value.size() && value.is_array(); ++i) {
      if (!value.at(i).is_text()) refuse(name, "must be a list of texts");
      all.emplace_back(value.at(i).text());
    }
    return all;
  }

  Template text_template(std::string_view name, bool required = false,
                         std::string_view example = {}) {
    const json::View value = take(name);
    if (!value.present()) {
      if (required) refuse(name, fmt::format("is missing; write {} = \"{}\"", name, example));
      return {};
    }
    return parse_template(value, below(name));
  }
  Template parse_template(json::View value, const std::string& where) {
    try {
      if (value.is_text()) return Template::parse(value.text(), shared_.names);
      if (value.is_integer() || value.is_boolean()) {
        return Template::parse("{" + value.dump() + "}", shared_.names);
      }
      shared_.mistakes.push_back({where, "must be text, with expressions in braces"});
    } catch (const std::invalid_argument& wrong) {
      shared_.mistakes.push_back({where, wrong.what()});
    }
    return {};
  }
  Expression expression(std::string_view name, bool& there, bool required = false) {
    const json::View value = take(name);
    there = value.present();
    if (!there) {
      if (required) refuse(name, fmt::format("is missing; write {} = \"an expression\"", name));
      return {};
    }
    return parse_expression(value, below(name));
  }
  Expression parse_expression(json::View value, const std::string& where) {
    try {
      if (value.is_text()) return Expression::parse(value.text(), shared_.names);
      if (value.is_boolean()) return Expression::parse(value.dump(), shared_.names);
      shared_.mistakes.push_back({where, "must be an expression as text, such as \"code == 404\""});
    } catch (const std::invalid_argument& wrong) {
      shared_.mistakes.push_back({where, wrong.what()});
    }
    return {};
  }
  JsonTemplate json_template(std::string_view name) {
    std::vector<std::pair<std::string, std::string>> wrong;
    JsonTemplate made = JsonTemplate::parse(take(name), shared_.names, below(name), wrong);
    for (auto& [pointer, detail] : wrong) shared_.mistakes.push_back({pointer, detail});
    return made;
  }
  Pairs pairs(std::string_view name) {
    Pairs all;
    const json::View value = take(name);
    if (value.present() && !value.is_object()) refuse(name, "must be a table of texts");
    for (std::size_t i = 0; i < value.size() && value.is_object(); ++i) {
      const std::string where = below(name) + "/" + escaped(value.name_at(i));
      Template key;
      try {
        key = Template::parse(value.name_at(i), shared_.names);
      } catch (const std::invalid_argument& wrong) {
        shared_.mistakes.push_back({where, wrong.what()});
      }
      all.emplace_back(std::move(key), parse_template(value.member_at(i), where));
    }
    return all;
  }
  std::vector<std::pair<std::string, Template>> let(std::string_view name) {
    std::vector<std::pair<std::string, Template>> all;
    const json::View value = take(name);
    if (value.present() && !value.is_object()) refuse(name, "must be a table of texts");
    for (std::size_t i = 0; i < value.size() && value.is_object(); ++i) {
      all.emplace_back(
          value.name_at(i),
          parse_template(value.member_at(i), below(name) + "/" + escaped(value.name_at(i))));
    }
    return all;
  }
  Table table(std::string_view name) { return Table(take(name), below(name), shared_); }
  std::vector<Table> tables(std::string_view name) {
    std::vector<Table> all;
    const json::View value = take(name);
    if (value.present() && !value.is_array()) {
      refuse(name, fmt::format("must be a list of tables: [[…{}]]", name));
      return all;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      all.emplace_back(value.at(i), below(name) + "/" + std::to_string(i), shared_);
    }
    return all;
  }
  Outcome outcome(std::string_view name, Outcome fallback) {
    const json::View value = take(name);
    if (!value.present()) return fallback;
    if (const auto found = outcome_of(value.text())) return *found;
    refuse(name,
           "must be ok, retry, rate_limited, auth, permanent or ambiguous: what is known of the "
           "request");
    return fallback;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < view_.size() && view_.is_object(); ++i) {
      all.emplace_back(view_.name_at(i));
    }
    return all;
  }
  void finish() {
    for (std::size_t i = 0; i < view_.size() && view_.is_object(); ++i) {
      const std::string name(view_.name_at(i));
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const auto meant = nearest(name, known_);
      std::sort(known_.begin(), known_.end());
      refuse(name, meant ? fmt::format("is not known here; did you mean \"{}\"?", *meant)
                         : fmt::format("is not known here; known are {}", joined(known_, "and")));
    }
  }

 private:
  json::View view_;
  std::string pointer_;
  Shared& shared_;
  std::vector<std::string> known_;
};

ErrorRule read_rule(Table in) {
  ErrorRule rule;
  rule.codes = in.codes("code");
  rule.when = in.expression("when", rule.has_when);
  rule.outcome = in.outcome("outcome", Outcome::permanent);
  rule.message = in.text_template("message", true, "Says what happened. Says what to do.");
  rule.wait_seconds = in.text_template("wait_seconds");
  rule.wait_until = in.text_template("wait_until");
  rule.proof = in.boolean("proof");
  rule.log_in_again = in.boolean("log_in_again");
  in.finish();
  return rule;
}

Requirement read_requirement(Table in, bool with_condition) {
  Requirement rule;
  bool there = false;
  if (with_condition) rule.is = in.expression("is", there, true);
  rule.outcome = in.outcome("outcome", Outcome::permanent);
  rule.message = in.text_template("message", true, "Says what is wrong. Says what to do.");
  rule.proof = in.boolean("proof");
  in.finish();
  return rule;
}

Request read_request(Table& in) {
  Request request;
  const std::string line = in.text("request");
  if (line.empty()) return request;
  request.present = true;
  const std::size_t space = line.find(' ');
  request.method = line.substr(0, space);
  request.has_address = in.has("address");
  request.address = in.text_template("address");
  static const std::vector<std::string> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  const bool known = std::find(kMethods.begin(), kMethods.end(), request.method) != kMethods.end();
  if (request.has_address) {
    if (line != "GET") {
      in.refuse("request", "must be \"GET\" beside address, which names the whole place");
    }
  } else if (!known || space == std::string::npos ||
             (line[space + 1] != '/' && line[space + 1] != '{')) {
    in.refuse("request", fmt::format("is \"{}\"; write a method and a path, such as "
                                     "\"GET /tickets/{{external_id}}\"",
                                     line));
  } else {
    try {
      request.path = Template::parse(std::string_view(line).substr(space + 1), in.shared().names);
    } catch (const std::invalid_argument& wrong) {
      in.refuse("request", wrong.what());
    }
  }
  request.query = in.pairs("query");
  request.headers = in.pairs("headers");
  int bodies = 0;
  if (in.has("json")) ++bodies, request.body = BodyKind::json;
  if (in.has("form")) ++bodies, request.body = BodyKind::form;
  if (in.has("content")) ++bodies, request.body = BodyKind::content;
  if (in.has("parts")) ++bodies, request.body = BodyKind::parts;
  if (bodies > 1) in.refuse("", "has several bodies; write one of json, form, content and parts");
  if (in.has("json")) request.json = in.json_template("json");
  request.form = in.pairs("form");
  request.media_type = in.text_template("content");
  for (Table part : in.tables("parts")) {
    Part made;
    made.name = part.text_template("name", true, "file");
    made.file_name = part.text_template("file_name");
    made.media_type = part.text_template("media_type");
    made.text = part.text_template("text");
    made.is_json = part.has("json");
    if (made.is_json) made.json = part.json_template("json");
    made.is_content = part.boolean("content");
    part.finish();
    request.parts.push_back(std::move(made));
  }
  const std::string effect =
      in.choice("effect", {"none", "visible"}, request.method == "GET" ? "none" : "visible");
  request.visible = effect == "visible";
  request.secrets_in_body = in.boolean("secrets_in_body");
  return request;
}

// What a step may have; the caller finishes the table, for it may hold more.
Step read_step_members(Table& in) {
  Step step;
  step.use = in.text("use");
  step.name = in.text("name");
  step.proves = in.text("proves");
  step.when = in.expression("when", step.has_when);
  step.for_each = in.expression("for_each", step.has_for_each);
  step.until = in.expression("until", step.has_until);
  step.once = in.boolean("once");
  step.request = read_request(in);
  step.accept = in.codes("accept");
  for (const Table& rule : in.tables("on")) step.on.push_back(read_rule(rule));
  step.let = in.let("let");
  for (const Table& rule : in.tables("require")) {
    step.require.push_back(read_requirement(rule, true));
  }
  step.has_otherwise = in.has("otherwise");
  if (step.has_otherwise) step.otherwise = read_requirement(in.table("otherwise"), false);
  step.stored = in.expression("stored", step.has_stored);
  step.optional = in.text("optional");
  step.read_back = in.boolean("read_back");
  if (step.once && step.name.empty()) {
    in.refuse("once", "needs a name for the step, by which it is remembered");
  }
  return step;
}

Steps read_steps(Table& in, std::string_view name) {
  Steps steps;
  std::vector<Table> tables = in.tables(name);
  for (Table& table : tables) {
    Step step = read_step_members(table);
    step.page_rows = table.integer("page_rows", 0, 1, 10'000);
    step.more = table.expression("more", step.has_more);
    const bool pages = step.page_rows > 0;
    if (step.has_until && !step.has_for_each && !pages) {
      table.refuse("until", "stands without for_each and page_rows; it ends a loop over them");
    }
    if (pages && (step.request.method != "GET" && step.request.visible)) {
      table.refuse("page_rows", "stands beside a request that changes something");
    }
    if (pages && step.has_for_each) table.refuse("page_rows", "stands beside for_each");
    if (step.has_more && !pages) table.refuse("more", "stands without page_rows");
    table.finish();
    steps.push_back(std::move(step));
  }
  return steps;
}

Operation read_operation(Table in, bool needs_id) {
  Operation operation;
  operation.present = in.present();
  if (!operation.present) return operation;
  operation.steps = read_steps(in, "step");
  Table reply = in.table("reply");
  if (needs_id && !reply.present()) {
    in.refuse("reply", fmt::format("is missing; write reply = {{ external_id = \"{{…}}\" }}"));
  }
  operation.external_id = reply.text_template("external_id", needs_id, "{made.id}");
  operation.version = reply.text_template("version");
  operation.url = reply.text_template("url");
  reply.finish();
  for (Table each : in.tables("changed")) {
    Difference difference;
    bool there = false;
    difference.name = each.text("name", true, "status");
    difference.when = each.expression("when", there, true);
    difference.has_log = each.has("log");
    difference.log = each.text_template("log");
    each.finish();
    operation.changed.push_back(std::move(difference));
  }
  in.finish();
  return operation;
}

std::vector<Search> read_searches(Table& in, std::string_view name) {
  std::vector<Search> searches;
  std::vector<Table> tables = in.tables(name);
  for (Table& table : tables) {
    Search search;
    bool there = false;
    search.step = read_step_members(table);
    search.rows = table.expression("rows", there, true);
    search.page_rows = table.integer("page_rows", 0, 1, 10'000);
    if (!search.step.request.present && search.step.use.empty()) {
      table.refuse("request", "is missing");
    }
    table.finish();
    searches.push_back(std::move(search));
  }
  return searches;
}

Find read_find(Table in) {
  Find find;
  find.present = in.present();
  if (!find.present) return find;
  find.before = read_steps(in, "before");
  find.before_missing = read_steps(in, "before_missing");
  find.searches = read_searches(in, "search");
  if (find.searches.empty()) in.refuse("search", "is missing; write [[…search]] with a request");
  const json::View match = in.take("match");
  if (!match.present()) {
    in.refuse("match",
              "is missing; write which row really carries our correlation, such as "
              "\"row.external_id == correlation\"");
  } else if (match.is_array()) {
    for (std::size_t i = 0; i < match.size(); ++i) {
      find.matches.push_back(
          in.parse_expression(match.at(i), in.below("match") + "/" + std::to_string(i)));
    }
  } else {
    find.matches.push_back(in.parse_expression(match, in.below("match")));
  }
  find.believable = in.expression("believable", find.has_believable);
  if (find.has_believable || in.has("ignored")) {
    find.ignored = read_requirement(in.table("ignored"), false);
  }
  find.external_id = in.text_template("external_id", true, "{row.id}");
  find.version = in.text_template("version");
  find.url = in.text_template("url");
  in.finish();
  return find;
}

Events read_events(Table& in) {
  Events events;
  Table ticket = in.table("ticket");
  events.external_id = ticket.text_template("external_id", in.present(), "{row.id}");
  events.correlation = ticket.text_template("correlation");
  events.reference = ticket.text_template("reference");
  ticket.finish();
  for (Table rule : in.tables("event")) {
    EventRule event;
    bool there = false;
    event.each = rule.expression("each", event.has_each);
    event.when = rule.expression("when", event.has_when);
    event.let = rule.let("let");
    event.type = rule.choice("type", {"status", "comment", "attachment"}, "comment");
    event.id = rule.text_template("id", true, "comment-{item.id}");
    event.at = rule.text_template("at", true, "{item.created_at}");
    event.order = rule.text_template("order");
    event.echo_of = rule.text_template("echo_of");
    if (event.type == "status") {
      event.status = rule.text_template("status", true, "{item.status|map:status_from}");
      event.status_text = rule.text_template("status_text");
    } else {
      event.object_id = rule.text_template("object_id", true, "{item.id}");
      event.is_public = rule.expression("public", there, true);
    }
    if (event.type == "comment") {
      event.text = rule.text_template("text", true, "{item.body}");
      event.author = rule.text_template("author");
    }
    if (event.type == "attachment") {
      event.name = rule.text_template("name", true, "{item.filename}");
      event.media_type = rule.text_template("media_type");
      event.size = rule.text_template("size");
      event.content = rule.text_template("content");
      event.has_reference = rule.has("reference");
      if (event.has_reference) event.reference = rule.json_template("reference");
    }
    rule.finish();
    events.rules.push_back(std::move(event));
  }
  return events;
}

Poll read_poll(Table in) {
  Poll poll;
  poll.present = in.present();
  if (!poll.present) return poll;
  bool there = false;
  poll.feed = in.choice("by", {"time", "feed"}, "time") == "feed";
  poll.before = read_steps(in, "before");
  poll.lists = read_searches(in, "list");
  if (poll.lists.empty()) in.refuse("list", "is missing; write [[poll.list]] with a request");
  const std::string paging =
      in.choice("paging", {"none", "offset", "page", "token"}, poll.feed ? "token" : "offset");
  poll.paging = paging == "none"    ? Paging::none
                : paging == "page"  ? Paging::page
                : paging == "token" ? Paging::token
                                    : Paging::offset;
  poll.sorted = in.boolean("sorted", true);
  if (!poll.sorted && paging != "token" && paging != "none") {
    in.refuse("sorted",
              "can be false only with paging = \"token\" or \"none\": the others go by time");
  }
  poll.page_rows = in.integer("page_rows", 100, 1, 10'000);
  poll.page_step =
      in.integer("page_step",
                 poll.paging == Paging::page ? poll.page_rows : poll.page_rows * 9 / 10, 1, 10'000);
  poll.page_first = in.integer("page_first", poll.paging == Paging::page ? 1 : 0, 0, 1);
  poll.next = in.text_template("next", poll.paging == Paging::token, "{answer.next}");
  poll.more = in.expression("more", poll.has_more);
  poll.end = in.expression("end", there);
  poll.since_format = in.text("since");
  if (poll.since_format.empty()) poll.since_format = "%Y-%m-%dT%H:%M:%SZ";
  poll.overlap_seconds = in.text_template("overlap_seconds");
  Table row = in.table("row");
  poll.row_id = row.text_template("id", true, "{row.id}");
  poll.row_updated = row.text_template("updated", !poll.feed, "{row.updated_at}");
  poll.ours = row.expression("ours", there);
  if (!there) poll.ours = Expression::parse("true", in.shared().names);
  row.finish();
  poll.detail = read_steps(in, "detail");
  poll.gone = in.codes("gone");
  poll.events = read_events(in);
  in.finish();
  return poll;
}

Snapshot read_snapshot(Table in) {
  Snapshot snapshot;
  snapshot.present = in.present();
  if (!snapshot.present) return snapshot;
  bool there = false;
  snapshot.steps = read_steps(in, "step");
  if (snapshot.steps.empty()) in.refuse("step", "is missing; write [[snapshot.step]]");
  snapshot.gone = in.codes("gone");
  snapshot.missing = in.expression("missing", snapshot.has_missing);
  snapshot.row = in.expression("row", there, true);
  snapshot.stored = in.expression("stored", there, true);
  snapshot.status = in.text_template("status", true, "{row.status|map:status_from}");
  snapshot.status_text = in.text_template("status_text");
  snapshot.updated = in.text_template("updated");
  snapshot.url = in.text_template("url");
  snapshot.complete = in.expression("complete", snapshot.has_complete);
  snapshot.shows = in.texts("shows");
  for (const std::string& kind : snapshot.shows) {
    if (kind != "comment" && kind != "attachment") {
      in.refuse("shows", fmt::format("has \"{}\"; there are comment and attachment", kind));
    }
  }
  in.finish();
  return snapshot;
}

Notices read_notices(Table in) {
  Notices notices;
  notices.present = in.present();
  if (!notices.present) return notices;
  bool there = false;
  notices.when = in.expression("when", notices.has_when);
  notices.lists = read_searches(in, "list");
  notices.is = in.expression("is", there, true);
  notices.id = in.text_template("id", true, "{row.id}");
  notices.title = in.text_template("title", true, "{row.subject}");
  notices.kind = in.text_template("kind");
  notices.state = in.text_template("state");
  notices.text = in.text_template("text");
  notices.url = in.text_template("url");
  notices.starts_at = in.text_template("starts_at");
  notices.ends_at = in.text_template("ends_at");
  notices.updated = in.text_template("updated");
  notices.services = in.expression("services", notices.has_services);
  in.finish();
  return notices;
}

Webhook read_webhook(Table in, const Profile& profile) {
  Webhook webhook;
  webhook.present = in.present();
  if (!webhook.present) return webhook;
  const std::string kind =
      in.choice("signature", {"none", "hmac-sha256", "hmac-sha1", "token", "basic"}, "none");
  webhook.signature = kind == "hmac-sha256" ? Signature::hmac_sha256
                      : kind == "hmac-sha1" ? Signature::hmac_sha1
                      : kind == "token"     ? Signature::token
                      : kind == "basic"     ? Signature::basic
                                            : Signature::none;
  webhook.header = to_lower(in.text("header"));
  webhook.prefix = in.text("prefix");
  webhook.base64 = in.choice("encoding", {"hex", "base64"}, "hex") == "base64";
  webhook.secret = in.text("secret");
  webhook.user = in.text("user");
  if (webhook.signature != Signature::none) {
    const auto setting = profile.settings.find(webhook.secret);
    if (setting == profile.settings.end() || setting->second.type != SettingType::secret) {
      in.refuse("secret", "must name a setting of type secret, such as \"webhook_secret\"");
    }
    if (webhook.header.empty() && webhook.signature != Signature::basic) {
      in.refuse("header", "is missing; write the header that carries the signature");
    }
  }
  webhook.payload = in.text_template("signed");
  webhook.when = in.expression("when", webhook.has_when);
  webhook.events = read_events(in);
  in.finish();
  return webhook;
}

Auth read_auth(Table in) {
  Auth auth;
  if (!in.present()) return auth;
  const std::string kind = in.choice(
      "kind", {"header", "bearer", "query", "basic", "oauth2-client", "oauth2-password", "login"},
      "header");
  const auto fixed = [&](std::string_view text) {
    return Template::parse(text, in.shared().names);
  };
  if (kind == "header" || kind == "query") {
    auth.kind = kind == "header" ? AuthKind::header : AuthKind::query;
    auth.name = in.text("name", true, "X-API-Key");
    auth.value = in.text_template("value", true, "{settings.api_key}");
  } else if (kind == "bearer") {
    auth.kind = AuthKind::header;
    auth.name = "Authorization";
    const std::string token = in.text("token", true, "{settings.token}");
    try {
      auth.value = fixed("Bearer " + token);
    } catch (const std::invalid_argument& wrong) {
      in.refuse("token", wrong.what());
    }
  } else if (kind == "basic") {
    auth.kind = AuthKind::basic;
    auth.user = in.text_template("user", true, "{settings.user}");
    auth.password = in.text_template("password", true, "{settings.password}");
  } else {
    auth.kind = AuthKind::login;
    auth.in_json = in.choice("in", {"header", "json"}, "header") == "json";
    auth.name = in.text("name");
    if (auth.name.empty()) auth.name = "Authorization";
    auth.token = in.has("token") ? in.text_template("token") : fixed("{answer.access_token}");
    auth.value = in.has("value") ? in.text_template("value") : fixed("Bearer {token}");
    in.take("token");
    in.take("value");
    auth.login = read_step_members(in);
    auth.login.name.clear();
    Request& request = auth.login.request;
    if (!request.present) in.refuse("request", "is missing; write how to log in");
    request.login = true;
    request.visible = false;
    if (kind != "login") {
      request.body = BodyKind::form;
      request.form.emplace_back(fixed("grant_type"),
                                fixed(kind == "oauth2-client" ? "client_credentials" : "password"));
    }
  }
  in.finish();
  return auth;
}

Setting read_setting(Table in) {
  Setting setting;
  const std::string type = in.choice(
      "type", {"text", "word", "url", "secret", "number", "boolean", "table", "choice"}, "text");
  static const std::map<std::string, SettingType> kTypes = {
      {"text", SettingType::text},     {"word", SettingType::word},
      {"url", SettingType::url},       {"secret", SettingType::secret},
      {"number", SettingType::number}, {"boolean", SettingType::boolean},
      {"table", SettingType::table},   {"choice", SettingType::choice}};
  setting.type = kTypes.at(type);
  setting.required = in.boolean("required");
  const json::View fallback = in.take("default");
  if (fallback.present()) setting.default_json = fallback.dump();
  setting.min = in.integer("min", INT32_MIN, INT32_MIN, INT64_MAX / 2);
  setting.max = in.integer("max", INT32_MAX, INT32_MIN, INT64_MAX / 2);
  setting.choices = in.texts("choices");
  setting.description = in.text("description", true, "what it is");
  setting.example = in.text("example");
  in.finish();
  return setting;
}

Map read_map(const std::string& name, Table in) {
  Map map;
  map.fixed_keys = name.ends_with("_to");
  if (name == "status_from") map.values.assign(std::begin(kStatuses), std::end(kStatuses));
  for (const std::string& key : in.names()) {
    const json::View value = in.take(key);
    if (!value.is_text() && !value.is_integer()) {
      in.refuse(key, "must be text or a number");
      continue;
    }
    const std::string word =
        value.is_integer() ? std::to_string(value.integer()) : std::string(value.text());
    if (!map.values.empty() &&
        std::find(map.values.begin(), map.values.end(), word) == map.values.end()) {
      in.refuse(key, fmt::format("is \"{}\"; write {}", word, joined(map.values, "or")));
    }
    map.entries[to_lower(key)] = word;
  }
  return map;
}

// Every name that some part of the profile gives to an answer or a value.
void collect_names(json::View view, Names& names) {
  if (view.is_object()) {
    const json::View let = view["let"];
    for (std::size_t i = 0; i < let.size() && let.is_object(); ++i) {
      names.roots.emplace(let.name_at(i));
    }
    if (view["request"].is_text() && view["name"].is_text()) {
      names.roots.emplace(view["name"].text());
    }
  }
  for (std::size_t i = 0; i < view.size(); ++i) {
    collect_names(view.is_object() ? view.member_at(i) : view.at(i), names);
  }
}

Names names_of(json::View view) {
  Names names;
  for (const char* root :
       {"settings", "correlation", "external_id", "attempt",    "code",   "header",  "answer",
        "item",     "ticket",      "comment",     "attachment", "fields", "changes", "differing",
        "stored",   "page",        "since",       "since_ms",   "row",    "cursor",  "token",
        "raw",      "reference",   "boundary",    "content"}) {
    names.roots.emplace(root);
  }
  names.members["ticket"] = {"schema",      "reference", "kind",    "status",   "subject",
                             "description", "priority",  "service", "customer", "user",
                             "desk",        "opened_at", "due_at",  "origins"};
  names.members["comment"] = {"schema", "reference", "text", "public", "author", "subject", "at"};
  names.members["attachment"] = {"schema", "reference", "name",   "media_type",
                                 "size",   "sha256",    "subject"};
  names.members["page"] = {"rows", "offset", "number", "token"};
  collect_names(view, names);
  const auto add_all = [&](std::string_view table, auto& into) {
    const json::View found = view[table];
    for (std::size_t i = 0; i < found.size() && found.is_object(); ++i) {
      into.emplace(found.name_at(i));
    }
  };
  add_all("define", names.roots);
  add_all("map", names.maps);
  add_all("list", names.lists);
  auto& settings = names.members["settings"];
  add_all("settings", settings);
  for (const std::string& map : names.maps) settings.emplace(map);
  return names;
}

std::int64_t milliseconds_of(Table& in, std::string_view name) {
  return in.integer(name, 0, 0, 86'400) * 1000;
}

void read_head(Table in, Profile& profile) {
  if (!in.present()) in.refuse("", "is missing; write [profile] with name, title and tested");
  profile.name = in.text("name", true, "acme-desk");
  profile.title = in.text("title", true, "Acme Desk 3");
  profile.version = in.text("version", true, "1.0");
  profile.capabilities = in.texts("capabilities");
  static const std::vector<std::string> kKnown = {"attachments", "idempotent-create", "no-lookup"};
  for (const std::string& capability : profile.capabilities) {
    if (std::find(kKnown.begin(), kKnown.end(), capability) == kKnown.end()) {
      in.refuse("capabilities",
                fmt::format("has \"{}\"; there are {}", capability, joined(kKnown, "and")));
    }
  }
  profile.lookup_lag_ms = milliseconds_of(in, "lookup_lag_seconds");
  profile.base = in.text("base");
  profile.id_form = in.choice("id", {"number", "word", "any"}, "any");
  profile.attachment_max_setting = in.text("attachment_max");
  profile.words = in.text_template("words");
  Table tested = in.table("tested");
  if (!tested.present()) {
    in.refuse("tested",
              "is missing; write tested = { against = \"documentation\", with = \"…\", on = "
              "\"2026-11-22\" }");
  } else {
    profile.tested_against = tested.choice("against", {"real", "documentation"}, "documentation");
    profile.tested_with = tested.text("with", true, "Acme Desk 3.1");
    profile.tested_on = tested.text("on", true, "2026-11-22");
    tested.finish();
  }
  in.finish();
}

void check_uses(const Steps& steps, const std::string& where, const Profile& profile,
                std::vector<Mistake>& mistakes) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].use.empty() || profile.steps.contains(steps[i].use)) continue;
    mistakes.push_back(
        {where + "/" + std::to_string(i) + "/use",
         fmt::format("there are no steps \"{}\"; write [[steps.{}]]", steps[i].use, steps[i].use)});
  }
}

}  // namespace

std::shared_ptr<const Profile> compile(json::View view, std::vector<Mistake>& mistakes) {
  auto made = std::make_shared<Profile>();
  Profile& profile = *made;
  Shared shared{names_of(view), mistakes};
  Table in(view, "", shared);
  read_head(in.table("profile"), profile);

  Table settings = in.table("settings");
  for (const std::string& name : settings.names()) {
    profile.settings[name] = read_setting(settings.table(name));
  }
  if (!profile.settings.contains("url")) {
    in.refuse("settings", "has no url; write [settings.url] with type = \"url\"");
  }
  if (!profile.attachment_max_setting.empty() &&
      !profile.settings.contains(profile.attachment_max_setting)) {
    mistakes.push_back({"/profile/attachment_max", "must name a setting of type number"});
  }
  Table maps = in.table("map");
  for (const std::string& name : maps.names()) {
    profile.maps[name] = read_map(name, maps.table(name));
  }
  Table defines = in.table("define");
  for (const std::string& name : defines.names()) {
    profile.defines[name] = defines.text_template(name);
  }
  Table steps = in.table("steps");
  for (const std::string& name : steps.names()) profile.steps[name] = read_steps(steps, name);
  Table lists = in.table("list");
  for (const std::string& name : lists.names()) {
    Table one = lists.table(name);
    List list;
    bool there = false;
    list.step = read_step_members(one);
    list.rows = one.expression("rows", there, true);
    shared.names.any_root = true;  // the members of an entry
    list.id = one.text_template("id", true, "{id}");
    list.name = one.text_template("entry", true, "{name}");
    list.otherwise = one.text_template("word");
    shared.names.any_root = false;
    one.finish();
    profile.lists[name] = std::move(list);
  }
  profile.headers = in.pairs("headers");
  profile.auth = read_auth(in.table("auth"));
  for (const Table& rule : in.tables("error")) profile.errors.push_back(read_rule(rule));
  for (Table field : in.tables("field")) {
    Field made_field;
    bool there = false;
    made_field.name = field.text("name", true, "status");
    made_field.put = field.json_template("put");
    made_field.same = field.expression("same", there, true);
    made_field.shown = field.text_template("shown");
    field.finish();
    profile.fields.push_back(std::move(made_field));
  }
  profile.create = read_operation(in.table("create"), true);
  profile.update = read_operation(in.table("update"), true);
  profile.comment = read_operation(in.table("comment"), false);
  profile.attachment = read_operation(in.table("attachment"), false);
  Table find = in.table("find");
  profile.find_ticket = read_find(find.table("ticket"));
  profile.find_comment = read_find(find.table("comment"));
  profile.find_attachment = read_find(find.table("attachment"));
  find.finish();
  profile.poll = read_poll(in.table("poll"));
  profile.snapshot = read_snapshot(in.table("snapshot"));
  if (profile.snapshot.present && !profile.poll.present) {
    mistakes.push_back({"/snapshot",
                        "stands without [poll], whose events tell what was said; write it, or "
                        "leave [snapshot] out"});
  }
  profile.notices = read_notices(in.table("notice"));
  if (profile.notices.present && !profile.poll.present) {
    mistakes.push_back({"/notice", "needs a [poll]: notices are looked for by polling"});
  }
  profile.webhook = read_webhook(in.table("webhook"), profile);
  Table fetch = in.table("fetch");
  if (fetch.present()) {
    bool there = false;
    profile.fetch.present = true;
    profile.fetch.steps = read_steps(fetch, "step");
    profile.fetch_allowed = fetch.expression("allowed", there, true);
    profile.fetch_content = fetch.text_template("content");
    if (profile.fetch.steps.empty()) fetch.refuse("step", "is missing; write [[fetch.step]]");
    fetch.finish();
  }
  Table check = in.table("check");
  profile.check = read_steps(check, "step");
  check.finish();
  in.finish();

  for (const auto& [what, operation] :
       {std::pair<const char*, const Operation*>{"create", &profile.create},
        {"update", &profile.update},
        {"comment", &profile.comment}}) {
    if (!operation->present) mistakes.push_back({"", fmt::format("has no [{}]; write it", what)});
  }
  const bool looks_up = std::find(profile.capabilities.begin(), profile.capabilities.end(),
                                  "no-lookup") == profile.capabilities.end();
  if (looks_up && !(profile.find_ticket.present && profile.find_comment.present)) {
    mistakes.push_back(
        {"",
         "has no [find.ticket] and [find.comment]; write them, or give the profile the "
         "capability no-lookup: then each unknown outcome goes to a person"});
  }
  check_uses(profile.create.steps, "/create/step", profile, mistakes);
  check_uses(profile.update.steps, "/update/step", profile, mistakes);
  check_uses(profile.comment.steps, "/comment/step", profile, mistakes);
  check_uses(profile.attachment.steps, "/attachment/step", profile, mistakes);
  check_uses(profile.find_ticket.before, "/find/ticket/before", profile, mistakes);
  check_uses(profile.find_ticket.before_missing, "/find/ticket/before_missing", profile, mistakes);
  check_uses(profile.find_comment.before, "/find/comment/before", profile, mistakes);
  check_uses(profile.poll.before, "/poll/before", profile, mistakes);
  check_uses(profile.poll.detail, "/poll/detail", profile, mistakes);
  const auto check_searches = [&](const std::vector<Search>& searches, const std::string& where) {
    for (std::size_t i = 0; i < searches.size(); ++i) {
      check_uses({searches[i].step}, where + "/" + std::to_string(i), profile, mistakes);
    }
  };
  check_searches(profile.poll.lists, "/poll/list");
  check_searches(profile.find_ticket.searches, "/find/ticket/search");
  check_searches(profile.find_comment.searches, "/find/comment/search");
  check_searches(profile.find_attachment.searches, "/find/attachment/search");
  check_uses(profile.snapshot.steps, "/snapshot/step", profile, mistakes);
  check_uses(profile.check, "/check/step", profile, mistakes);
  for (const auto& [name, group] : profile.steps) {
    check_uses(group, "/steps/" + name, profile, mistakes);
  }
  return made;
}

std::optional<toml::Json> read_file(const std::filesystem::path& file, toml::Mistakes& mistakes) {
  const std::size_t before = mistakes.size();
  const auto parsed = toml::File::load(file, mistakes);
  if (!parsed) return std::nullopt;
  toml::Json json = parsed->root().json({});
  if (mistakes.size() > before) return std::nullopt;
  return json;
}

int line_of(const toml::Json& json, std::string pointer) {
  for (;;) {
    const auto found = json.lines.find(pointer);
    if (found != json.lines.end()) return found->second;
    if (pointer.empty()) return 0;
    pointer.resize(pointer.rfind('/'));
  }
}

}  // namespace ombud::profile
