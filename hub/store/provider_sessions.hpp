// What signing in by a provider of OpenID Connect leaves behind: by which one a session was opened,
// and which sign-ins have come back already.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace ombud {

struct ProviderSession {
  std::string provider;  // id in ombud.toml
  std::string id_token;  // as it came; empty: not kept
};
void put_provider_session(Tx& tx, std::string_view session_id, const ProviderSession& by);
// Nothing for a session that was opened by a password, or is not there.
std::optional<ProviderSession> provider_of_session(Tx& tx, std::string_view session_id);

// True the first time that this state comes back. It is remembered until `until`, and with it no
// more than the newest `count_max`.
bool use_state(Tx& tx, std::string_view state_sha256, Instant until, std::size_t count_max);

}  // namespace ombud
