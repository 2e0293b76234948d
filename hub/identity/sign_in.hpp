// Signing in with a password, and a code where there is a second factor. Unknown e-mail, wrong
// password, disabled account and account without a password are one and the same answer, after the
// same work. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "identity/brakes.hpp"
#include "identity/hasher.hpp"
#include "identity/sessions.hpp"

namespace ombud::identity {

struct Attempt {
  std::string email, password, code;  // as typed; an empty code: none was given
  Origin from;
  std::string old_cookie;  // of the session that the browser has; ends on success
};

struct Entry {
  enum class Kind {
    signed_in,
    wrong,          // e-mail or password, nobody is told which
    code_required,  // the password is right, and there is a second factor
    code_wrong,
    wait,  // not looked at: `wait` first
  };
  Kind kind = Kind::wrong;
  Opened opened;    // signed_in
  Account account;  // signed_in
  Millis wait{0};
};

class SignIn {
 public:
  SignIn(Store& store, const Clock& clock, const Settings& settings)
      : store_(store), clock_(clock), hasher_(settings) {}

  // Refused: too_many (no room among those who hash), unavailable.
  net::awaitable<Result<Entry>> enter(Attempt attempt);

  // The password of somebody who is signed in already, asked for again: wrong ones count like those
  // at the door. A Problem at `pointer`, or nothing.
  net::awaitable<std::optional<Problem>> confirm(Account account, std::string password,
                                                 std::string pointer);
  // The same by what his authenticator shows; it is used up.
  net::awaitable<std::optional<Problem>> confirm_code(Account account, std::string code,
                                                      std::string pointer);
  // For guesses of other kinds at what only he knows: counts one as wrong, or refuses (too_many);
  // `guessed_right` takes all back.
  std::optional<Problem> before_guess(AccountId account);
  void guessed_right(AccountId account);

  // Whoever asks for mails to others is slowed down by his address.
  std::optional<Millis> wait_for_reset(const Origin& from);

  Hasher& hasher() { return hasher_; }

 private:
  Store& store_;
  const Clock& clock_;
  Hasher hasher_;
  Brakes brakes_;
};

}  // namespace ombud::identity
