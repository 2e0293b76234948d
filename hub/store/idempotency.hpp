// Answers kept under an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), written in the
// transaction of the work they answer: either both are there after a crash or neither.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace ombud {

inline constexpr Millis kAnswersKeptFor{24 * 3'600'000};

struct KeptAnswer {
  std::string request_sha256;  // of method, path and body
  int status = 0;
  std::string location, etag, body;
};

// A key belongs to the principal's actor: nobody meets the key of somebody else.
std::optional<KeptAnswer> find_answer(Tx& tx, std::string_view key);
void keep_answer(Tx& tx, std::string_view key, const KeptAnswer& answer);
// Removes what is older than kAnswersKeptFor; how many. Call now and then.
std::int64_t drop_old_answers(Tx& tx);

}  // namespace ombud
