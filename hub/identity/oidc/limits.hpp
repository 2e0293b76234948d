// How much of a provider's answers is read, how long it is waited for, and how long what it said is
// believed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace ombud::oidc {

inline constexpr Millis kStepWithin{
    10'000};  // one request of a browser: all that is fetched for it
inline constexpr Millis kConnectWithin{5'000};
inline constexpr std::size_t kAnswerBytesMax = 256U << 10U;
inline constexpr std::size_t kFetchesMax = 64;             // at once, of all providers
inline constexpr std::size_t kFetchesPerProviderMax = 24;  // one that hangs leaves room for others
inline constexpr std::size_t kUrlBytesMax = 2048;

inline constexpr Millis kMetadataFor{3'600'000};  // then it is fetched again
inline constexpr Millis kKeysFor{600'000};        // so long may a withdrawn key still be believed
inline constexpr Millis kKeysAgainAfter{60'000};  // for a signature that no known key made
inline constexpr Millis kTroubleFor{5'000};  // a provider that did not answer is not asked again
inline constexpr std::size_t kKeysMax = 64;
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;

inline constexpr std::size_t kTokenBytesMax = 32U << 10U;  // an ID token
// One that is kept with its session, to be shown at sign-out: addresses must stay short.
inline constexpr std::size_t kTokenKeptBytesMax = 3072;
inline constexpr Millis kSkew{60'000};                // between the provider's clock and ours
inline constexpr std::size_t kSubjectBytesMax = 255;  // OpenID Connect Core, 2
inline constexpr std::size_t kClaimValuesMax = 1000;  // of a roles claim
inline constexpr std::size_t kClaimPathMax = 8;       // steps of "realm_access.roles"
inline constexpr std::size_t kNameBytesMax = 200;
inline constexpr std::size_t kEmailBytesMax = 254;  // RFC 5321

inline constexpr Millis kSignInWithin{600'000};  // from the button to the way back
inline constexpr std::size_t kReturnBytesMax = 1024;
inline constexpr std::size_t kCodeBytesMax = 4096;
inline constexpr std::size_t kUsedStatesMax = 100'000;  // remembered so that none is used twice

inline constexpr std::size_t kProvidersMax = 100;

}  // namespace ombud::oidc
