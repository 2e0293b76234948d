#include "conformance/kit/fault.hpp"

namespace ombud::conformance {
namespace {

using Kind = Fault::Kind;

Fault answer(int code, Fields headers = {}) {
  return {"http-" + std::to_string(code),
          "the supplier answers " + std::to_string(code) + " and does nothing",
          Kind::answer,
          code,
          std::move(headers),
          "<html><body>" + std::to_string(code) + "</body></html>",
          false};
}

Fault answer_after(int code) {
  return {"http-" + std::to_string(code) + "-applied",
          "the supplier carries the request out, but " + std::to_string(code) + " comes back",
          Kind::answer_after,
          code,
          {},
          "<html><body>" + std::to_string(code) + "</body></html>",
          false};
}

Fault plain(const char* name, const char* shows, Kind kind) {
  return {name, shows, kind, 0, {}, {}, false};
}

std::vector<Fault> make_faults() {
  std::vector<Fault> all{
      plain("refused", "nobody answers: no byte was sent", Kind::refuse),
      plain("lost-request", "the connection breaks before the supplier sees the request",
            Kind::lose_request),
      plain("lost-reply", "the supplier carries the request out, then the connection breaks",
            Kind::lose_reply),
      plain("truncated", "the answer breaks off in the middle", Kind::truncate),
      plain("slow", "the answer comes after the deadline", Kind::slow),
      plain("not-json", "a page of HTML comes back in place of the answer", Kind::not_json),
      plain("empty-body", "the answer has no body", Kind::empty),
  };
  for (const int code : {400, 401, 403, 404, 409, 413, 422, 429}) all.push_back(answer(code));
  Fault asked = answer(429, {{"Retry-After", std::to_string(kRetryAfterMs / 1000)}});
  asked.name += "-retry-after";
  asked.shows += ", and says when to come again";
  all.push_back(std::move(asked));
  for (const int code : {500, 502, 503, 504}) all.push_back(answer(code));
  for (const int code : {500, 502, 504}) all.push_back(answer_after(code));
  Fault loop = answer(302, {{"Location", "/redirected-for-ever"}});
  loop.name = "redirect-loop";
  loop.shows = "every answer from here on is a redirect";
  loop.for_good = true;
  all.push_back(std::move(loop));
  all.push_back(plain("cancelled", "the hub cancels the operation while this exchange is under way",
                      Kind::cancel));
  all.push_back(
      plain("deadline", "the operation's time is over when this exchange ends", Kind::deadline));
  return all;
}

}  // namespace

const std::vector<Fault>& all_faults() {
  static const std::vector<Fault> kAll = make_faults();
  return kAll;
}

}  // namespace ombud::conformance
