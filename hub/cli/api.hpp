// A client of one hub's REST API. One thread.
#pragma once

#include <boost/system/result.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "cli/cli.hpp"

namespace ombud::cli {

// Why a command cannot go on, for whoever typed it.
struct Failure {
  Exit exit = Exit::failed;
  std::string detail;                // what was wrong
  std::vector<FieldProblem> fields;  // where in the request
  std::string advice;                // what to do; may be empty
  std::string body;                  // the hub's own problem document; may be empty
};
[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location& where) {
  throw std::logic_error(std::string(where.file_name()) + ": unread failure: " + failure.detail);
}
template <class T>
using Outcome = boost::system::result<T, Failure>;

Failure failure_of(const Problem& problem);

struct Answer {
  int status = 0;
  std::string body;
  std::string etag;
  json::Document document;  // of the body, if there is one
  json::View root() const { return document.root(); }
};

// "?a=b&c=d", escaped; members without a value are left out.
class Query {
 public:
  Query& add(std::string_view name, std::string_view value);
  std::string text() const { return text_; }

 private:
  std::string text_;
};
std::string escape_url(std::string_view text);

class Api {
 public:
  // `url`: "http://127.0.0.1:8080", https too.
  Api(std::string url, std::string token, Random& random);
  ~Api();
  Api(Api&&) noexcept;

  // Paths are below /api/v1, such as "/tickets/7". A status of 400 and more is a Failure.
  Outcome<Answer> get(const std::string& path);
  // Carries a fresh Idempotency-Key, and is sent again with the same key if the connection breaks.
  Outcome<Answer> post(const std::string& path, const std::string& body,
                       const std::string& media_type = "application/json");
  Outcome<Answer> patch(const std::string& path, const std::string& body, const std::string& etag);
  Outcome<Answer> put(const std::string& path, const std::string& body,
                      const std::string& etag = {});
  Outcome<Answer> remove(const std::string& path);
  // Bytes of a file, handed over piece by piece; false from `take` stops.
  Outcome<Answer> download(const std::string& path,
                           const std::function<bool(std::string_view)>& take);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ombud::cli
