// From a document of the supplier's to the hub's changes; webhooks and their signatures.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "profile/text.hpp"
#include "rest/connector.hpp"

namespace ombud::rest {
namespace {

struct Event {
  std::string at;
  Value order;
  std::string document;
};

// RFC 3339 in UTC, as it came if it is that already.
std::string as_time(const std::string& text) {
  if (text.ends_with('Z') && parse_rfc3339(text)) return text;
  const auto at = profile::time_ms(text);
  if (at) return to_rfc3339(instant_of(*at));
  Failure failure;
  failure.message = "The supplier tells a change without a time that can be read.";
  failure.of_one_ticket = true;
  throw failure;
}

void put_text(json::Writer& out, const char* name, const Value& value) {
  if (!value.absent()) out.field(name, value.shown());
}

Event event_of(Scope& scope, const profile::Events& events, const profile::EventRule& rule) {
  Event event;
  event.at = as_time(rule.at.text(scope));
  event.order = rule.order.empty() ? Value() : rule.order.evaluate(scope);
  json::Writer out;
  out.begin_object().field("schema", "ombud.change/1");
  out.field("event_id", rule.id.text(scope));
  out.field("external_id", events.external_id.text(scope));
  for (const auto& [name, text] :
       {std::pair("correlation", &events.correlation), std::pair("reference", &events.reference)}) {
    if (const Value value = text->evaluate(scope); value.truth()) put_text(out, name, value);
  }
  if (const Value echo = rule.echo_of.evaluate(scope); echo.truth()) put_text(out, "echo_of", echo);
  out.field("type", rule.type).field("at", event.at);
  if (rule.type == "status") {
    const Value status = rule.status.evaluate(scope);
    const Value word = rule.status_text.evaluate(scope);
    if (status.truth()) {
      out.field("status", status.shown());
      put_text(out, "status_text", word);
    } else {
      // Nobody mapped it; a person must see what it was.
      out.field("status", "unknown")
          .field("status_text", word.truth() ? word.shown() : "(no word)");
    }
  } else {
    out.begin_object(rule.type).field("id", rule.object_id.text(scope));
    if (rule.type == "comment") {
      out.field("text", to_valid_utf8(rule.text.text(scope)));
    } else {
      out.field("name", rule.name.text(scope));
      const Value media_type = rule.media_type.evaluate(scope);
      out.field("media_type", media_type.truth() ? media_type.shown() : "application/octet-stream");
      if (const auto size = rule.size.evaluate(scope).number()) out.field("size", *size);
      put_text(out, "content", rule.content.evaluate(scope));
      if (rule.has_reference) out.key("reference").raw(rule.reference.text(scope));
    }
    out.field("public", rule.is_public.evaluate(scope).truth());
    if (rule.type == "comment") put_text(out, "author", rule.author.evaluate(scope));
    out.end_object();
  }
  event.document = out.end_object().take();
  return event;
}

std::optional<std::string> from_hex(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

// "{{secret:token}}" without its braces.
std::string token_of(const Value& secret) {
  constexpr std::string_view kOpen = "{{secret:";
  std::string text = secret.shown();
  if (!text.starts_with(kOpen) || text.size() < kOpen.size() + 2) return {};
  return text.substr(kOpen.size(), text.size() - kOpen.size() - 2);
}

}  // namespace

bool push_events(Run& run, Scope& outer, const profile::Events& events, Sink& out) {
  std::vector<Event> found;
  for (const profile::EventRule& rule : events.rules) {
    const Value items = rule.has_each ? rule.each.evaluate(outer) : Value(Value::List{Value()});
    for (std::size_t i = 0; i < items.size(); ++i) {
      Scope scope(outer);
      scope.set("item", items.at(i));
      for (const auto& [name, text] : rule.let) scope.set(name, text.evaluate(scope));
      if (rule.has_when && !rule.when.evaluate(scope).truth()) continue;
      found.push_back(event_of(scope, events, rule));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Event& a, const Event& b) {
    return a.at != b.at ? a.at < b.at : less(a.order, b.order);
  });
  if (!found.empty()) run.record(outer, &events == &run.profile().webhook.events);
  return std::all_of(found.begin(), found.end(),
                     [&](const Event& event) { return out.put(event.document); });
}

void Rest::check_signature(Run& run, const profile::Webhook& webhook, std::string_view body) const {
  Scope& scope = run.scope();
  Failure failure;
  failure.status = Status::auth;
  if (webhook.signature == profile::Signature::none) return;
  const std::string token = token_of(scope.get("settings").member(webhook.secret));
  if (token.empty()) {
    failure.message = fmt::format(
        "A webhook came, and settings.{} is not set, so nobody knows whether the supplier sent it. "
        "Set it to the secret that the supplier signs with.",
        webhook.secret);
    throw failure;
  }
  failure.message = fmt::format(
      "A webhook came whose signature is wrong. Check that settings.{} is the secret that the "
      "supplier signs with; otherwise somebody else sent it.",
      webhook.secret);
  const std::string header =
      webhook.signature == profile::Signature::basic ? "authorization" : webhook.header;
  std::string given = scope.get("header").member(header).shown();
  if (webhook.signature == profile::Signature::basic) {
    const auto pair = given.starts_with("Basic ") ? from_base64(given.substr(6)) : std::nullopt;
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    const std::string user = scope.get("settings").member(webhook.user).shown();
    if (colon == std::string::npos || !equal_constant_time(pair->substr(0, colon), user) ||
        !host_.is_secret(token, pair->substr(colon + 1))) {
      throw failure;
    }
    return;
  }
  if (!given.starts_with(webhook.prefix)) throw failure;
  given.erase(0, webhook.prefix.size());
  if (webhook.signature == profile::Signature::token) {
    if (!host_.is_secret(token, given)) throw failure;
    return;
  }
  const std::string payload =
      webhook.payload.empty() ? std::string(body) : webhook.payload.text(scope);
  const auto wanted = host_.hmac(
      webhook.signature == profile::Signature::hmac_sha1 ? "sha1" : "sha256", token, payload);
  const auto bytes = webhook.base64 ? from_base64(given) : from_hex(given);
  if (!wanted || !bytes || wanted->size() != bytes->size() ||
      !equal_constant_time(*wanted, *bytes)) {
    throw failure;
  }
}

Status Rest::decode(const Call& call, std::string_view headers_json, std::string_view body,
                    Sink& out) {
  Run run(host_, bound_, memory_, call);
  return guarded(run, false, [&] {
    const profile::Webhook& webhook = profile().webhook;
    Failure failure;
    if (!webhook.present) {
      failure.message = profile().title + " sends no webhooks by this profile.";
      throw failure;
    }
    Scope& scope = run.scope();
    json::Writer lower;
    lower.begin_object();
    const auto headers = json::parse(headers_json);
    if (headers) {
      for (std::size_t i = 0; i < headers->root().size(); ++i) {
        lower.field(profile::to_lower(headers->root().name_at(i)),
                    headers->root().member_at(i).text());
      }
    }
    auto named = json::parse(lower.end_object().take());
    if (named) scope.set("header", Value(scope.keep(std::move(*named))));
    scope.set("raw", Value(std::string(body)));
    check_signature(run, webhook, body);
    auto parsed = json::parse(body);
    if (!parsed) {
      failure.message = "The webhook's body is not JSON: " + parsed.error().detail;
      throw failure;
    }
    const Value answer(scope.keep(std::move(*parsed)));
    scope.set("answer", answer);
    scope.set("row", answer);
    if (webhook.has_when && !webhook.when.evaluate(scope).truth()) return;
    push_events(run, scope, webhook.events, out);
  });
}

}  // namespace ombud::rest
