#include "identity/sign_in.hpp"

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "identity/accounts.hpp"
#include "identity/audit.hpp"
#include "identity/passwords.hpp"
#include "identity/second_factor.hpp"
#include "store/await.hpp"

namespace ombud::identity {
namespace {

// An address of this machine itself: behind it may stand a proxy that the hub was not told of
// ([http] proxies), and with it everybody. Only accounts are slowed down then.
bool is_shared(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

// Guesses of somebody who is signed in already.
std::string again_key(AccountId account) {
  return "again " + std::to_string(account.value);
}

struct Known {
  std::optional<Account> account;
  bool at_home = false;  // signed in from this address before
};

Known look_up(Tx& tx, const std::string& email, const Origin& from) {
  Known known;
  if (!email.empty()) known.account = find_account_of_email(tx, email);
  if (known.account) known.at_home = has_session_from(tx, known.account->id, from.address);
  return known;
}

std::string audit_of(const Origin& from) {
  json::Writer out;
  return out.begin_object()
      .field("address", from.address)
      .field("agent_text", cut_utf8(from.agent_text, kAgentTextBytesMax))
      .end_object()
      .take();
}

// The rest of a sign-in whose password was right a moment ago.
Entry let_in(Tx& tx, const Account& checked, const Attempt& attempt, const std::string& rehashed) {
  Entry entry;
  auto account = find_account(tx, checked.id);
  if (!account || account->password != checked.password || !principal_of(*account, "")) {
    return entry;
  }
  if (account->totp_since && !use_code(tx, *account, attempt.code)) {
    note_audit(tx, account->id, "sign_in_code_wrong", audit_of(attempt.from));
    entry.kind = Entry::Kind::code_wrong;
    return entry;
  }
  if (!rehashed.empty()) {
    account->password = rehashed;
    update_account(tx, *account);
  }
  entry.kind = Entry::Kind::signed_in;
  entry.opened = open_session(tx, *account, attempt.from, attempt.old_cookie);
  note_audit(tx, account->id, "signed_in", audit_of(attempt.from));
  entry.account = std::move(*account);
  return entry;
}

}  // namespace

net::awaitable<Result<Entry>> SignIn::enter(Attempt attempt) {
  const std::string email = email_from(attempt.email).value_or("");
  std::function<Result<Known>(Tx&)> look = [&](Tx& tx) -> Result<Known> {
    return look_up(tx, email, attempt.from);
  };
  const auto known = co_await read<Known>(store_, system_principal("sign-in"), std::move(look));
  if (!known) co_return known.error();

  // Others' guesses at an account do not slow its owner down where he has a session already.
  const std::string from = brake_key_of(attempt.from.address);
  const std::string of_address = "address " + from;
  const std::string of_account = "account " + email + (known->at_home ? " " + from : "");
  Entry entry;
  entry.kind = Entry::Kind::wait;
  if (!is_shared(attempt.from.address)) {
    if (const auto wait = brakes_.take(of_address, kAddressBrake, clock_.now())) {
      entry.wait = *wait;
      co_return entry;
    }
  }
  if (const auto wait = brakes_.take(of_account, kAccountBrake, clock_.now())) {
    brakes_.forgive(of_address, clock_.now());
    entry.wait = *wait;
    co_return entry;
  }

  const std::string password = prepare_password(attempt.password).value_or("");
  const bool usable = known->account && principal_of(*known->account, "") && !password.empty();
  const std::string stored = usable ? known->account->password : "";
  const auto right = co_await hasher_.verify(password, stored);
  if (!right) {
    brakes_.forgive(of_address, clock_.now());
    brakes_.forgive(of_account, clock_.now());
    co_return right.error();
  }
  if (*right && known->account->totp_since && attempt.code.empty()) {
    brakes_.forgive(of_address, clock_.now());
    brakes_.forgive(of_account, clock_.now());
    entry.kind = Entry::Kind::code_required;
    co_return entry;
  }
  std::string rehashed;
  if (*right && hasher_.outdated(stored)) {
    auto again = co_await hasher_.hash(password);
    if (again) rehashed = std::move(*again);  // else another time
  }
  std::function<Result<Entry>(Tx&)> work = [&, is_right = *right](Tx& tx) -> Result<Entry> {
    if (is_right) return let_in(tx, *known->account, attempt, rehashed);
    note_audit(tx, known->account ? known->account->id : AccountId{}, "sign_in_refused",
               audit_of(attempt.from));
    return Entry{};
  };
  auto done = co_await write<Entry>(store_, system_principal("sign-in"), std::move(work));
  if (done && done->kind == Entry::Kind::signed_in) {
    brakes_.clear(of_account);
    brakes_.forgive(of_address, clock_.now());
  }
  co_return done;
}

std::optional<Millis> SignIn::wait_for_reset(const Origin& from) {
  if (is_shared(from.address)) return std::nullopt;
  return brakes_.take("reset " + brake_key_of(from.address), kAddressBrake, clock_.now());
}

std::optional<Problem> SignIn::before_guess(AccountId account) {
  if (!brakes_.take(again_key(account), kAccountBrake, clock_.now())) return std::nullopt;
  return problem(ProblemKind::too_many,
                 "Too many wrong passwords or codes; wait a few minutes and try again.");
}

void SignIn::guessed_right(AccountId account) {
  brakes_.clear(again_key(account));
}

net::awaitable<std::optional<Problem>> SignIn::confirm(Account account, std::string password,
                                                       std::string pointer) {
  if (auto refused = before_guess(account.id)) co_return refused;
  const auto right =
      co_await hasher_.verify(prepare_password(password).value_or(""), account.password);
  if (!right) {
    brakes_.forgive(again_key(account.id), clock_.now());
    co_return right.error();
  }
  if (!*right) co_return invalid(pointer, "is not your password");
  guessed_right(account.id);
  co_return std::nullopt;
}

net::awaitable<std::optional<Problem>> SignIn::confirm_code(Account account, std::string code,
                                                            std::string pointer) {
  if (auto refused = before_guess(account.id)) co_return refused;
  std::function<Result<bool>(Tx&)> use = [&](Tx& tx) -> Result<bool> {
    auto now = find_account(tx, account.id);
    return now && use_totp(tx, *now, code);
  };
  const auto right = co_await write<bool>(store_, system_principal("sign-in"), std::move(use));
  if (!right) {
    brakes_.forgive(again_key(account.id), clock_.now());
    co_return right.error();
  }
  if (!*right) {
    co_return invalid(pointer, "is not what your authenticator shows, or was used already");
  }
  guessed_right(account.id);
  co_return std::nullopt;
}

}  // namespace ombud::identity
