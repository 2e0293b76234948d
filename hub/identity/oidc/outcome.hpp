// Why somebody cannot sign in: a stable word for the page, and a sentence for the operator's log.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ombud::oidc {

// What /sign-in?problem=… may say. The words are an interface; README.md says what each means.
enum class Trouble {
  unknown_provider,
  unreachable,

  denied,
  expired,
  untrusted,
  email,
  no_account,
  no_role,
  not_linked,
  disabled,
};
std::string_view to_text(Trouble trouble);

struct Failure {
  Trouble trouble = Trouble::untrusted;
  std::string detail;  // for the log: what was wrong; never a token, a code or a secret
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

inline Failure untrusted(std::string detail) {
  return {Trouble::untrusted, std::move(detail)};
}
inline Failure unreachable(std::string detail) {
  return {Trouble::unreachable, std::move(detail)};
}

// Reached only by value() on a failure, which is our bug.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location& where) {
  throw std::logic_error(std::string(where.file_name()) + ": unread failure: " + failure.detail);
}

}  // namespace ombud::oidc
