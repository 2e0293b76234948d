#include "delivery/verdict.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "delivery/backoff.hpp"
#include "delivery/limits.hpp"

namespace ombud::delivery {
namespace {

constexpr std::string_view kUnknownOutcome =
    "The outcome is unknown and this supplier cannot be searched. Ask whether it arrived: confirm "
    "it if so, "
    "retry it if not. ";

std::string external_id_of(const wire::Reply& reply) {
  if (reply.documents.empty()) return {};
  const auto document = json::parse(reply.documents.front());
  return document ? std::string((*document)["external_id"].text()) : std::string();
}

// "17 and 42", as many as a person can read.
std::string ids_of(const wire::Reply& reply) {
  constexpr std::size_t kShownMax = 10;
  std::string all;
  const std::size_t shown = std::min(reply.documents.size(), kShownMax);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto document = json::parse(reply.documents[i]);
    const std::string_view id = document ? (*document)["external_id"].text() : std::string_view();
    all += i == 0 ? "" : i + 1 == reply.documents.size() ? " and " : ", ";
    all += id.empty() ? "one without id" : id;
  }
  if (shown < reply.documents.size()) all += " …";
  return all;
}

constexpr std::string_view kWithoutId =
    "The connector said that the ticket is there but not under which id. Find it at the supplier "
    "and confirm it "
    "with its id.";

// Only under its id can the next of its lane be sent.
bool lacks_id(const Delivery& d, const Verdict& verdict) {
  return d.op == "put_ticket" && d.lane.external_id.empty() && verdict.external_id.empty();
}

// The supplier once had the ticket under this id, and now says that there is none.
bool is_gone(const Delivery& d, const wire::Reply& reply) {
  return d.lane.delegation.value != 0 && !d.lane.external_id.empty() &&
         (reply.supplier_code == 404 || reply.supplier_code == 410);
}

std::string gone_words(const Delivery& d, const wire::Reply& reply) {
  return fmt::format(
      "The supplier no longer has its ticket {0}, or no longer shows it to the desk. Choose: "
      "ombud delegation recreate {1} hands the ticket over again, as a new one; ombud delegation "
      "write-off {1} ends the hand-over without a word to the supplier; if it was only hidden, "
      "have "
      "it shown again, then ombud delivery retry {2}. It said: {3}",
      d.lane.external_id, d.lane.delegation.value, d.id.value, reply.message);
}

bool too_old(const Delivery& d, Instant now) {
  return now - d.created_at > kGiveUpAge;
}

Ruling again_later(const Delivery& d, const wire::Reply& reply, const Context& context,
                   Random& random, bool keep_doubt) {
  Ruling ruling;
  ruling.failure = true;
  if (too_old(d, context.now)) {
    ruling.verdict = {
        Finish::dead, {}, {}, "Gave up after 72 hours. Last: " + reply.message, keep_doubt};
    return ruling;
  }
  ruling.verdict = {
      Finish::retry, context.now + backoff(d.attempts, random), {}, reply.message, keep_doubt};
  return ruling;
}

// The outcomes in which the supplier surely did nothing; they mean the same for a look-up and a
// write.
std::optional<Ruling> not_applied(const Delivery& d, const wire::Reply& reply,
                                  const Context& context, Random& random, bool keep_doubt) {
  Ruling ruling;
  switch (reply.status) {
    case wire::Status::retry:
      return again_later(d, reply, context, random, keep_doubt);
    case wire::Status::rate_limited: {
      const auto wait = rate_limit_wait(reply.retry_after_ms);
      if (!wait) return again_later(d, reply, context, random, keep_doubt);
      ruling.verdict = {Finish::give_back, context.now + *wait, {}, reply.message, keep_doubt};
      ruling.link_not_before = context.now + *wait;
      return ruling;
    }
    case wire::Status::auth:
      ruling.verdict = {Finish::give_back, context.now, {}, reply.message, keep_doubt};
      ruling.close_for_auth = true;
      return ruling;
    case wire::Status::cancelled:
      // Its host is ending but not yet gone: asking again at once would turn in circles until it
      // is.
      ruling.verdict = {
          Finish::give_back, context.now + kNotSentWait, {}, reply.message, keep_doubt};
      return ruling;
    case wire::Status::ok:
    case wire::Status::permanent:
    case wire::Status::ambiguous:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Ruling judge_write(const Delivery& d, const wire::Reply& reply, const Context& context,
                   Random& random) {
  // A write that surely was not applied settles an earlier doubt only if the look-up before it did.
  if (auto ruling = not_applied(d, reply, context, random, false)) return *ruling;
  Ruling ruling;
  switch (reply.status) {
    case wire::Status::ok: {
      ruling.verdict = {Finish::done, {}, external_id_of(reply), "", false};
      if (lacks_id(d, ruling.verdict)) {
        ruling.verdict = {
            Finish::dead, context.now + context.unsettled, {}, std::string(kWithoutId), true};
      }
      return ruling;
    }
    case wire::Status::permanent:
      ruling.verdict = {
          Finish::dead, {}, {}, is_gone(d, reply) ? gone_words(d, reply) : reply.message, false};
      return ruling;
    default:
      ruling.failure = true;
      if (!context.lookup_works) {
        ruling.verdict = {Finish::dead, {}, {}, std::string(kUnknownOutcome) + reply.message, true};
      } else {
        // Looked up once the supplier's search can know, and less and less often if this goes on.
        const Millis wait = d.attempts > 1
                                ? std::max(context.unsettled, backoff(d.attempts, random))
                                : context.unsettled;
        ruling.verdict = {Finish::doubt, context.now + wait, {}, reply.message, true};
        if (too_old(d, context.now)) {
          ruling.verdict = {
              Finish::dead,
              {},
              {},
              "Gave up after 72 hours with an unknown outcome. Last: " + reply.message,
              true};
        }
      }
      return ruling;
  }
}

std::optional<Ruling> judge_find(const Delivery& d, const wire::Reply& reply,
                                 const Context& context, Random& random) {
  if (auto ruling = not_applied(d, reply, context, random, true)) return ruling;
  Ruling ruling;
  if (reply.status == wire::Status::ok) {
    if (reply.documents.empty()) return std::nullopt;
    if (reply.documents.size() == 1) {
      ruling.verdict = {Finish::done, {}, external_id_of(reply), "", false};
      if (lacks_id(d, ruling.verdict))
        ruling.verdict = {Finish::dead, {}, {}, std::string(kWithoutId), true};
      return ruling;
    }
    const std::string message = fmt::format(
        "The supplier has {0} copies with our reference {1}: {2}. Nothing was chosen. Keep one "
        "there and close the others, then: ombud delivery confirm {3} --external-id ID-OF-THE-ONE "
        "--reason \"…\"",
        reply.documents.size(), d.correlation, ids_of(reply), d.id.value);
    ruling.verdict = {Finish::dead, {}, {}, message, true};
    return ruling;
  }
  if (reply.status == wire::Status::permanent) {
    ruling.verdict = {
        Finish::dead, {}, {}, "The supplier refused to be searched: " + reply.message, true};
    return ruling;
  }
  return again_later(d, reply, context, random,
                     true);  // a look-up changes nothing, whatever came of it
}

}  // namespace ombud::delivery
