// Refusals as RFC 9457 problem details.
//   {"type":"about:blank","title":"Not Found","status":404,"code":"not_found","detail":"…",
//    "instance":"<X-Request-Id>","errors":[{"pointer":"/subject","detail":"…"}]}
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace ombud::http {

unsigned status_of(ProblemKind kind);
std::string_view code_of(ProblemKind kind);  // "not_found": stable, for programs

// 401 says how to authenticate, 429 and 503 when to come back. The detail of `unavailable` is for
// the operator's log and is not shown.
Response problem_response(const Problem& problem, std::string_view request_id);
// For what has no ProblemKind: 405, 414, 415, 417, 422, 431, 500.
Response problem_response(unsigned status, std::string_view code, std::string_view detail,
                          std::string_view request_id);

}  // namespace ombud::http
