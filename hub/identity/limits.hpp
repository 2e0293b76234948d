// How long, how often and how much: everything about signing in that is a number.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace ombud::identity {

inline constexpr Millis kMinute{60'000};
inline constexpr Millis kHour = 60 * kMinute;
inline constexpr Millis kDay = 24 * kHour;

// --- Sessions. OWASP ASVS 4.0, 3.3 asks for 12 h of idling and 30 days for people (level 1), and
// for no more than a working day where one holds other people's data (levels 2 and 3).
inline constexpr Millis kSessionIdle = 12 * kHour;
inline constexpr Millis kSessionMost = 30 * kDay;
inline constexpr Millis kStaffSessionMost = 12 * kHour;  // the provider's people: a long shift
inline constexpr Millis kSeenEvery = 5 * kMinute;        // how exactly `seen_at` is kept
inline constexpr std::size_t kSessionsMax = 50;          // of one account; the oldest ends
inline constexpr std::size_t kAgentTextBytesMax = 200;

// --- Passwords (NIST SP 800-63B, 5.1.1.2: length, a list of common ones, no rules of composition).
inline constexpr std::size_t kPasswordCharactersMin = 12;
inline constexpr std::size_t kPasswordBytesMax = 1024;

// --- The workers that hash. Each takes 64 MiB while it works (libsodium's INTERACTIVE).
inline constexpr unsigned kHashThreads = 2;
inline constexpr std::size_t kHashQueueMax =
    32;  // waiting beside those; more are told to come back

// --- Growing delays after wrong passwords and codes. Attempts during a delay are not looked at and
// do not prolong it; it is forgotten after a day.
struct Brake {
  int free_attempts;
  Millis first, most;
};
inline constexpr Brake kAccountBrake{5, Millis{1'000}, 5 * kMinute};
inline constexpr Brake kAddressBrake{20, Millis{1'000}, kMinute};
inline constexpr Millis kBrakeMemory = kDay;
inline constexpr std::size_t kBrakesMax = 100'000;

// --- Mailed links.
inline constexpr Millis kResetFor = 30 * kMinute;
inline constexpr Millis kInvitationFor = 7 * kDay;
inline constexpr std::size_t kResetsMax = 3;  // of one account at once; further wishes send no mail

// --- Second factor (RFC 6238, with what every authenticator does by default).
inline constexpr std::int64_t kTotpStepSeconds = 30;
inline constexpr int kTotpDigits = 6;
inline constexpr std::int64_t kTotpWindow = 1;  // steps that a clock may be off, either way
inline constexpr std::size_t kTotpSecretBytes = 20;
inline constexpr std::size_t kRecoveryCodes = 10;

inline constexpr std::size_t kMembershipsMax = 100;  // of one account

// --- Tokens that somebody makes for programs of his own. A forgotten one ends by itself.
inline constexpr Millis kTokenFor = 90 * kDay;       // if no end is named
inline constexpr Millis kTokenForMost = 366 * kDay;  // a leap year
inline constexpr std::size_t kAccountTokensMax = 50;
// An account without a password here shows who it is by a sign-in no older than this.
inline constexpr Millis kFreshSignIn = 10 * kMinute;

inline constexpr std::size_t kEmailBytesMax = 254;  // RFC 5321
inline constexpr std::size_t kNameBytesMax = 255;
inline constexpr int kPageMax = 200;

}  // namespace ombud::identity
