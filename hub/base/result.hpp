// What a function answers that may refuse: a value, or a Problem that speaks to whoever must act.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ombud {

// Kinds of refusal; each has one HTTP status (http/) and one exit code (cli/).
enum class ProblemKind {
  invalid,          // the input is wrong; `fields` says where
  unauthenticated,  // no or unknown credentials
  forbidden,        // known, but not allowed
  not_found,        // not there, or not visible to this principal: never told apart
  conflict,         // the rules do not allow it in the present state
  stale,            // changed by somebody else since it was read (ETag)
  too_large,        // over a named limit
  too_many,         // over a rate or queue limit: try again later
  unavailable,      // cannot be done now (disk full, draining): try again later
};

struct FieldProblem {
  std::string pointer;  // JSON pointer (RFC 6901) such as "/subject", or file:line for files
  std::string detail;   // what is wrong and what to write instead
};

struct Problem {
  ProblemKind kind = ProblemKind::invalid;
  std::string detail;                // one sentence: what was wrong and what to do
  std::vector<FieldProblem> fields;  // may be empty
  // The refusal's own name for programs, where the kind's does not say enough; empty: the kind's.
  std::string_view code = {};
};

inline Problem problem(ProblemKind kind, std::string detail) {
  return {kind, std::move(detail), {}};
}
inline Problem invalid(std::string pointer, std::string detail) {
  return {
      ProblemKind::invalid, "The request is not valid.", {{std::move(pointer), std::move(detail)}}};
}
inline Problem not_found(std::string_view what) {
  return {ProblemKind::not_found, "There is no such " + std::string(what) + ".", {}};
}
inline Problem conflict(std::string detail) {
  return {ProblemKind::conflict, std::move(detail), {}};
}

template <class T>
using Result = boost::system::result<T, Problem>;

// Reached only by value() on a refusal, which is our bug.
[[noreturn]] inline void throw_exception_from_error(const Problem& refused,
                                                    const boost::source_location& where) {
  throw std::logic_error(std::string(where.file_name()) + ": unread refusal: " + refused.detail);
}

}  // namespace ombud
