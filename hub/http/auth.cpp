#include "http/auth.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "http/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::http {
namespace {

// The token of "Bearer <token>", scheme in any case.
std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower != kScheme[i]) return {};
  }
  authorization.remove_prefix(kScheme.size());
  return authorization;
}

}  // namespace

std::optional<Principal> Authenticator::cached(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(digest);
  if (found == entries_.end() || found->second.until <= clock_.now()) return std::nullopt;
  return found->second.principal;
}

net::awaitable<Result<Principal>> Authenticator::authenticate(std::string_view authorization) {
  const std::string_view secret = bearer(authorization);
  if (secret.empty()) {
    co_return problem(ProblemKind::unauthenticated,
                      "This needs a token: send the header Authorization: Bearer <token>.");
  }
  const std::string digest = sha256_hex(secret);
  if (auto known = cached(digest)) co_return std::move(*known);

  std::uint64_t generation = 0;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
  }
  std::function<Result<std::optional<Token>>(Tx&)> look_up = [digest](Tx& tx) {
    return Result<std::optional<Token>>(find_token(tx, digest));
  };
  const auto found =
      co_await read<std::optional<Token>>(store_, system_principal("http"), std::move(look_up));
  if (!found) co_return found.error();
  if (!*found) {
    co_return problem(ProblemKind::unauthenticated,
                      "The token is unknown, expired or revoked; ask for a new one.");
  }
  const Token& token = **found;
  const Instant now = clock_.now();
  const Instant until = std::min(now + kTokenCacheFor, token.expires_at.value_or(kNever));
  const std::lock_guard lock(mutex_);
  if (generation == generation_) {
    if (entries_.size() >= kTokenCacheEntriesMax) entries_.clear();
    entries_.insert_or_assign(digest, Entry{token.principal, until});
  }
  co_return token.principal;
}

void Authenticator::forget_all() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  entries_.clear();
}

}  // namespace ombud::http
