// One request, its answer, and what the answer means for the hub.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "profile/text.hpp"
#include "rest/run.hpp"

namespace ombud::rest {
namespace {

constexpr std::size_t kErrorBodyBytesMax = 65'536;
constexpr std::size_t kWordsCharactersMax = 500;
constexpr std::int64_t kPagesMax = 50;  // of one step
constexpr int kRedirectsMax = 3;        // of a file on another host
constexpr std::string_view kSecret = "{{secret:";

// What a user wrote must never name a secret where the host fills them in.
std::string disarmed(std::string text) {
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at + 3)) {
    text.insert(at + 1, " ");
  }
  return text;
}

std::string as_header(std::string text, bool setting) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return setting ? text : disarmed(std::move(text));
}

std::string as_form(std::string text, bool setting) {
  if (setting && text.starts_with(kSecret)) return text;
  return profile::percent_encode(text);
}

std::string in_path(std::string text, bool) {
  return profile::percent_encode(text);
}

// name=value&…; what is absent is left out, a list is repeated.
std::string encoded(Scope& scope, const profile::Pairs& pairs) {
  std::string all;
  const auto add = [&](const std::string& name, const std::string& value) {
    all += (all.empty() ? "" : "&") + name + "=" + value;
  };
  for (const auto& [key, text] : pairs) {
    const Value value = text.evaluate(scope);
    if (value.absent()) continue;
    const std::string name = profile::percent_encode(key.text(scope));
    if (!value.is_list()) {
      add(name, text.text(scope, as_form, true));
      continue;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
      add(name, profile::percent_encode(value.at(i).shown()));
    }
  }
  return all;
}

bool covers(const std::vector<int>& codes, int code) {
  return std::any_of(codes.begin(), codes.end(),
                     [&](int known) { return known == code || known == code / 100; });
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

json::View headers_of(Scope& scope, const sdk::HttpResponse& response) {
  json::Writer out;
  out.begin_object();
  for (const auto& [name, value] : response.headers) out.field(name, to_valid_utf8(value));
  out.end_object();
  return scope.keep(json::parse(out.take()).value());
}

constexpr const char* kLoginWords =
    "so it no longer takes the credentials, or a single sign-on now stands before its interface. "
    "Renew the secrets in the link's [settings], or ask the supplier to let the desk's user past "
    "it";

bool is_web_page(const sdk::HttpResponse& response) {
  constexpr std::size_t kLookedAt = 256;
  if (profile::to_lower(response.header("content-type")).starts_with("text/html")) return true;
  const std::string start = profile::to_lower(std::string_view(response.body).substr(0, kLookedAt));
  const std::size_t first = start.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos &&
         (start.compare(first, 9, "<!doctype") == 0 || start.compare(first, 5, "<html") == 0);
}

bool asks_for_password(std::string_view page) {
  constexpr std::size_t kLookedAt = 256U << 10U;
  const std::string text = profile::to_lower(page.substr(0, kLookedAt));
  for (const char* mark : {"type=\"password\"", "type='password'", "type=password"}) {
    if (text.find(mark) != std::string::npos) return true;
  }
  return false;
}

// By the words that such addresses have, not by the query, which may hold where we came from.
bool leads_to_login(std::string_view location) {
  const std::string path = profile::to_lower(location.substr(0, location.find('?')));
  for (const char* word : {"login", "log-in", "log_in", "signin", "sign-in", "sign_in", "logon",
                           "/sso", "/saml", "/adfs/", "/oauth2/authorize", "/auth/realms/"}) {
    if (path.find(word) != std::string::npos) return true;
  }
  return false;
}

bool is_redirect(int code) {
  return code >= 300 && code <= 399;
}

// The supplier's answer names it: no secret may be filled in, and nothing but https is asked.
std::string as_address(std::string text) {
  constexpr std::string_view kHttps = "https://";
  if (text.starts_with(kHttps) && as_header(text, false) == text) return text;
  Failure failure;
  failure.message = "The supplier names no https address for the file.";
  throw failure;
}

// How many rows a page has: the answer itself is the list, or one of its members.
std::int64_t rows_in(const Value& answer) {
  std::size_t most = answer.is_list() ? answer.size() : 0;
  for (std::size_t i = 0; answer.is_table() && i < answer.size(); ++i) {
    if (answer.member_at(i).is_list()) most = std::max(most, answer.member_at(i).size());
  }
  return static_cast<std::int64_t>(most);
}

// One answer of several: each list has the elements of all of them, everything else is the last's.
json::Document together(const Value::List& pages) {
  json::Writer out;
  const auto elements = [&](const auto& list_of) {
    out.begin_array();
    for (const Value& page : pages) {
      const Value list = list_of(page);
      for (std::size_t i = 0; list.is_list() && i < list.size(); ++i) list.at(i).write(out);
    }
    out.end_array();
  };
  const Value& last = pages.back();
  if (!last.is_table()) {
    elements([](const Value& page) { return page; });
    return json::parse(out.take()).value();
  }
  out.begin_object();
  for (std::size_t i = 0; i < last.size(); ++i) {
    const std::string_view name = last.name_at(i);
    out.key(name);
    if (last.member_at(i).is_list()) {
      elements([name](const Value& page) { return page.member(name); });
    } else {
      last.member_at(i).write(out);
    }
  }
  out.end_object();
  return json::parse(out.take()).value();
}

std::string where(int code, const std::string& what) {
  return " (HTTP " + std::to_string(code) + ", " + what + ")";
}

}  // namespace

Run::Sent Run::build(Scope& scope, const profile::Request& request) {
  Sent sent;
  if (request.has_address) {
    sent.request.method = request.method;
    sent.request.url = as_address(request.address.text(scope));
    // What follows the path may be a signature that opens the file.
    sent.what = request.method + " " + sent.request.url.substr(0, sent.request.url.find('?'));
    return sent;
  }
  const std::string path = request.path.text(scope, in_path);
  sent.what = request.method + " " + path.substr(0, path.find('?'));
  sent.request.method = request.method;
  sent.request.url = scope.get("settings").member("url").shown() + profile().base + path;
  std::string query = encoded(scope, request.query);
  const auto add_header = [&](const profile::Pairs& headers) {
    for (const auto& [name, text] : headers) {
      if (text.evaluate(scope).absent()) continue;
      const std::string written = name.text(scope);
      std::erase_if(sent.request.headers, [&](const auto& header) {  // a step's own goes first
        return profile::to_lower(header.first) == profile::to_lower(written);
      });
      sent.request.headers.emplace_back(written, text.text(scope, as_header));
    }
  };
  add_header(profile().headers);
  add_header(request.headers);
  if (profile().auth.kind == profile::AuthKind::query && !request.login) {
    query += (query.empty() ? "" : "&") + profile::percent_encode(profile().auth.name) + "=" +
             profile().auth.value.text(scope, as_form, true);
  }
  if (!query.empty()) {
    sent.request.url += (sent.request.url.find('?') == std::string::npos ? "?" : "&") + query;
  }
  add_body(scope, request, sent.request);
  return sent;
}

void Run::add_body(Scope& scope, const profile::Request& request, sdk::HttpRequest& to) const {
  const auto type = [&](const std::string& media_type) {
    const bool given = std::any_of(to.headers.begin(), to.headers.end(), [](const auto& header) {
      return profile::to_lower(header.first) == "content-type";
    });
    if (!given) to.headers.emplace_back("Content-Type", media_type);
  };
  to.secrets_in_body = request.secrets_in_body;
  switch (request.body) {
    case profile::BodyKind::none:
      return;
    case profile::BodyKind::json:
      to.body = json_body(scope, request);
      return type("application/json");
    case profile::BodyKind::form:
      to.body = encoded(scope, request.form);
      return type("application/x-www-form-urlencoded");
    case profile::BodyKind::content:
      to.body = content_;
      return type(request.media_type.text(scope));
    case profile::BodyKind::parts: {
      std::string boundary;
      to.body = multipart(scope, request, boundary);
      return type("multipart/form-data; boundary=" + boundary);
    }
  }
}

// With the login's token as a member where the supplier wants it there.
std::string Run::json_body(Scope& scope, const profile::Request& request) const {
  const profile::Auth& auth = profile().auth;
  if (!auth.in_json || request.login) return request.json.text(scope);
  Scope with_token(scope);
  // A dry run is shown to people: what opens a session is no part of it.
  with_token.set("token", Value(paper_ == nullptr ? memory_.token : std::string("[secret]")));
  json::Writer out;
  out.begin_object().field(auth.name, auth.value.text(with_token));
  request.json.write_members(scope, out);
  return out.end_object().take();
}

std::string Run::multipart(Scope& scope, const profile::Request& request,
                           std::string& boundary) const {
  // Chosen by the content, so that it cannot stand in it by accident.
  boundary = "ombud" + sha256_hex(content_).substr(0, 32);
  const auto quoted = [](std::string text) {
    std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    std::string safe;
    for (const char c : text) {
      if (c == '"') {
        safe += "%22";
      } else {
        safe += c;
      }
    }
    return "\"" + safe + "\"";
  };
  std::string body;
  for (const profile::Part& part : request.parts) {
    std::string content;
    if (part.is_content) {
      content = content_;
    } else if (part.is_json) {
      content = part.json.text(scope);
    } else {
      const Value text = part.text.evaluate(scope);
      if (text.absent()) continue;
      content = text.shown();
    }
    body += "--" + boundary +
            "\r\nContent-Disposition: form-data; name=" + quoted(part.name.text(scope));
    if (!part.file_name.empty()) body += "; filename=" + quoted(part.file_name.text(scope));
    std::string media_type = part.media_type.text(scope);
    if (media_type.empty() && part.is_json) media_type = "application/json";
    if (!media_type.empty()) body += "\r\nContent-Type: " + as_header(media_type, false);
    body += "\r\n\r\n" + content + "\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

void Run::authenticate(Scope& scope, const profile::Request& request, sdk::HttpRequest& to) {
  if (request.login || request.has_address) return;
  const profile::Auth& auth = profile().auth;
  switch (auth.kind) {
    case profile::AuthKind::none:
    case profile::AuthKind::query:
      return;
    case profile::AuthKind::header:
      to.headers.emplace_back(auth.name, auth.value.text(scope, as_header));
      return;
    case profile::AuthKind::basic:
      to.headers.emplace_back("Authorization",
                              "Basic {{base64:" + auth.user.text(scope, as_header) + ":" +
                                  auth.password.text(scope, as_header) + "}}");
      return;
    case profile::AuthKind::login:
      if (auth.in_json) return;  // the body has it
      {
        Scope with_token(scope);
        with_token.set("token", Value(memory_.token));
        to.headers.emplace_back(auth.name, auth.value.text(with_token, as_header));
      }
      return;
  }
}

bool Run::needs_token(const profile::Request& request) const {
  return profile().auth.kind == profile::AuthKind::login && !request.login &&
         !request.has_address && !unanswered();
}

void Run::log_in() {
  Scope scope(scope_);
  perform(scope, profile().auth.login);
  memory_.token = profile().auth.token.text(scope);
  if (memory_.token.empty()) {
    Failure failure;
    failure.status = Status::auth;
    failure.message = "The supplier answered the login with success but gave no token.";
    throw failure;
  }
}

void Run::exchange(Scope& scope, const profile::Step& step) {
  const bool visible = step.request.visible;
  // Of a token that may only have grown old a new one is fetched, once in an operation.
  const auto begin_anew = [&] {
    if (!needs_token(step.request) || logged_in_again_) return false;
    logged_in_again_ = true;
    memory_.token.clear();
    return true;
  };
  for (;;) {
    if (needs_token(step.request) && memory_.token.empty() && !call_.cancelled()) log_in();
    Sent sent = build(scope, step.request);
    if (paper_ != nullptr && takes_paper(scope, step, sent)) return;
    if (call_.cancelled()) {
      Failure failure;
      failure.status = Status::cancelled;
      failure.message = "Stopped before " + sent.what + ".";
      throw failure;
    }
    authenticate(scope, step.request, sent.request);
    sdk::HttpResponse response = host_.send(call_, std::move(sent.request));
    if (response.transport != Status::ok) transport_failed(response.transport, sent.what, visible);
    if (response.code == 401 && begin_anew()) continue;
    try {
      return judge(scope, step, response, sent.what);
    } catch (const Failure& failure) {
      if (!failure.log_in_again || !begin_anew()) throw;
    }
  }
}

// A list that moves while it is read tells some rows twice, which is no harm: events have ids.
void Run::read_pages(Scope& scope, const profile::Step& step) {
  Value::List pages;
  for (std::int64_t page = 0; page < kPagesMax; ++page) {
    set_page(scope, step.page_rows, page);
    exchange(scope, step);
    const Value answer = scope.get("answer");
    pages.push_back(answer);
    const bool more =
        step.has_more ? step.more.evaluate(scope).truth() : rows_in(answer) >= step.page_rows;
    if (!more || (step.has_until && step.until.evaluate(scope).truth())) break;
    if (page + 1 < kPagesMax) continue;
    log(Host::error,
        fmt::format("{} lists more than {} at {}; what lies behind was not read.", profile().title,
                    kPagesMax * step.page_rows, step.request.path.text(scope, in_path)));
  }
  if (pages.size() > 1) scope.set("answer", Value(scope.keep(together(pages))));
}

void Run::judge(Scope& scope, const profile::Step& step, const sdk::HttpResponse& response,
                const std::string& what) {
  scope.set("code", Value(static_cast<std::int64_t>(response.code)));
  scope.set("header", Value(headers_of(scope, response)));
  const bool success = response.code >= 200 && response.code <= 299;
  const bool accepted = success || covers(step.accept, response.code);
  const bool blank = is_blank(response.body);
  std::string why_not_json;
  if (blank) {
    scope.set("answer", Value());
  } else if (auto parsed = json::parse(is_utf8(response.body) ? response.body
                                                              : to_valid_utf8(response.body))) {
    // Some suppliers let a byte of another encoding through, as Request Tracker does in file names.
    scope.set("answer", Value(scope.keep(std::move(*parsed))));
  } else {
    why_not_json = parsed.error().detail;
    scope.set("answer", Value());
  }
  const auto fits = [&](const profile::ErrorRule& rule) {
    if (rule.codes.empty() ? accepted : !covers(rule.codes, response.code)) return false;
    return !rule.has_when || rule.when.evaluate(scope).truth();
  };
  for (const auto* rules : {&step.on, &profile().errors}) {
    // What the step takes for an answer is none of the profile's errors.
    if (rules == &profile().errors && accepted && !success) break;
    for (const profile::ErrorRule& rule : *rules) {
      if (!fits(rule)) continue;
      if (rule.outcome != Outcome::ok) apply(scope, rule, response, what);
      touched_ = touched_ || step.request.visible;
      return;
    }
  }
  if (!accepted) refuse_by_code(scope, response, what, step.request.visible);
  if (success) touched_ = touched_ || step.request.visible;
  const Value answer = scope.get("answer");
  const bool readable = answer.is_table() || answer.is_list() || (blank && step.request.visible);
  if (!readable && success) {
    if (is_web_page(response)) web_page_came(response, what, step.request.visible);
    Failure failure;
    failure.status = step.request.visible ? Status::ambiguous : Status::retry;
    failure.code = response.code;
    failure.message = "What answers at settings.url does not speak " + profile().title +
                      "'s JSON (" + what +
                      "): " + (why_not_json.empty() ? "no table and no list." : why_not_json);
    throw failure;
  }
}

// A page for people came with success, where data was asked for: nobody knows what that means for
// what was sent.
void Run::web_page_came(const sdk::HttpResponse& response, const std::string& what, bool visible) {
  Failure failure;
  failure.code = response.code;
  failure.status = visible ? Status::ambiguous : Status::retry;
  const bool login = asks_for_password(response.body);
  // What was written is looked for first, and that look-up meets the same page.
  if (login && !visible) failure.status = Status::auth;
  failure.message =
      profile().title +
      (login ? " answers with its login page, " + std::string(kLoginWords)
             : std::string(" answers with a web page and not with data. Look at settings.url in a "
                           "browser: it may be maintenance, or the interface has moved")) +
      where(response.code, what) + ".";
  throw failure;
}

void Run::transport_failed(Status transport, const std::string& what, bool visible) {
  Failure failure;
  failure.status = transport;
  if (transport == Status::ambiguous) {
    touched_ = touched_ || visible;
    if (!visible) failure.status = Status::retry;
    failure.message = "The answer of the supplier was lost (" + what + ").";
  } else if (transport == Status::permanent) {
    failure.message = "The request could not be sent (" + what + ").";
  } else {
    failure.message = "The supplier could not be reached (" + what + ").";
  }
  throw failure;
}

void Run::apply(Scope& scope, const profile::ErrorRule& rule, const sdk::HttpResponse& response,
                const std::string& what) {
  Failure failure =
      failure_of({rule.outcome, rule.message.text(scope) + where(response.code, what)});
  failure.code = response.code;
  failure.proof = rule.proof;
  failure.log_in_again = rule.log_in_again;
  if (failure.status == Status::rate_limited) {
    const std::string_view date = response.header("date");
    failure.retry_after_ms = profile::retry_after_ms(response.header("retry-after"), date);
    if (const auto seconds = rule.wait_seconds.evaluate(scope).number(); seconds && *seconds >= 0) {
      failure.retry_after_ms = *seconds * 1000;
    }
    const auto until = profile::time_ms(rule.wait_until.text(scope));
    const std::int64_t now = profile::http_date_seconds(date);
    if (until && now >= 0 && failure.retry_after_ms < 0) {
      failure.retry_after_ms = std::max<std::int64_t>(*until - now * 1000, 0);
    }
  }
  throw failure;
}

// What a code means that the profile says nothing of.
void Run::refuse_by_code(Scope& scope, const sdk::HttpResponse& response, const std::string& what,
                         bool visible) {
  Failure failure;
  failure.code = response.code;
  const int code = response.code;
  const std::string said =
      profile::truncated(profile::one_line(profile().words.text(scope)), kWordsCharactersMax);
  const std::string& title = profile().title;
  std::string words;
  if (code == 401) {
    failure.status = Status::auth;
    words = title + " refuses the credentials. Check the secrets in the link's [settings]";
  } else if (code == 403) {
    failure.status = Status::auth;
    words = title +
            " does not allow this to the desk's user. Give it the permissions that the "
            "profile's head lists";
  } else if (code == 429 || code == 503) {
    failure.status = Status::rate_limited;
    failure.retry_after_ms =
        profile::retry_after_ms(response.header("retry-after"), response.header("date"));
    words = title + (is_web_page(response) ? " asks to wait, with a web page as during maintenance"
                                           : " asks to wait");
  } else if (code == 408 || code == 425) {
    failure.status = Status::retry;
    words = title + " did not get the whole request";
  } else if (code >= 500 || code < 200) {
    failure.status = visible ? Status::ambiguous : Status::retry;
    if (visible) touched_ = true;
    words = title + (is_web_page(response)
                         ? " answers with a web page and not with data, as during maintenance. It "
                           "is asked again by itself; if it lasts, ask the supplier"
                         : " failed");
  } else if (code >= 300 && code < 400 && leads_to_login(response.header("location"))) {
    failure.status = Status::auth;
    words = title + " sends the desk's user to its login page, " + kLoginWords;
  } else if (code >= 300 && code < 400) {
    failure.status = Status::permanent;
    words = title + " redirects to " + std::string(response.header("location")) +
            ". Set settings.url to the address where it really is";
  } else if (code == 404 || code == 410) {
    failure.status = Status::permanent;
    words = title + " does not know this, or does not show it to the desk's user";
  } else {
    failure.status = Status::permanent;
    words = title + " refused";
  }
  failure.message = words + (said.empty() ? "" : ": " + said) + where(code, what) + ".";
  throw failure;
}

void Run::download(const profile::Step& step, Sink& bytes) {
  if (needs_token(step.request) && memory_.token.empty() && !call_.cancelled()) log_in();
  Sent sent = build(scope_, step.request);
  if (call_.cancelled()) {
    Failure failure;
    failure.status = Status::cancelled;
    failure.message = "Stopped before " + sent.what + ".";
    throw failure;
  }
  authenticate(scope_, step.request, sent.request);
  sdk::HttpResponse head;
  std::string error_body;
  bool stopped = false;
  const auto take = [&](std::string_view piece) {
    if (head.code == 200) {
      stopped = !bytes.put(piece);
      return !stopped;
    }
    error_body.append(piece.substr(0, kErrorBodyBytesMax - error_body.size()));
    return error_body.size() < kErrorBodyBytesMax;
  };
  Status transport = host_.send(call_, std::move(sent.request), head, take);
  for (int i = 0; step.request.has_address && i < kRedirectsMax && transport == Status::ok &&
                  is_redirect(head.code);
       ++i) {
    sdk::HttpRequest next;
    next.method = "GET";
    next.url = as_address(std::string(head.header("location")));
    head = {};
    error_body.clear();
    transport = host_.send(call_, std::move(next), head, take);
  }
  if (stopped) return;  // the host has what it wants
  if (transport != Status::ok) transport_failed(transport, sent.what, false);
  if (head.code == 200) return;
  head.body = error_body;
  judge(scope_, step, head, sent.what);
}

}  // namespace ombud::rest
