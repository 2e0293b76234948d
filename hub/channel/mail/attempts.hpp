// Which mails this life of the hub has begun to read. It is written down before a mail is looked
// at: should it take the hub down, the next life knows. What fails in order does not count, but is
// told to the operator with the mail.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace ombud::mail {

class Attempts {
 public:
  // Not thread-safe: one executor. Both must outlive the calls.
  Attempts(Store& store, const Log& log) : store_(store), log_(log) {}
  // In one commit; those that were begun before are not counted again. False: it could not be
  // written, and nothing may be read.
  boost::asio::awaitable<bool> begin(std::vector<std::int64_t> mails);
  boost::asio::awaitable<void> failed(std::int64_t mail, std::string words);
  void done(std::int64_t mail) { begun_.erase(mail); }

 private:
  Store& store_;
  const Log& log_;
  std::set<std::int64_t> begun_;
};

// A refusal's sentences.
std::string words_of(const Problem& refused);
// For the operator: what did not work, why, and what there is to do.
std::string failure(std::int64_t mail, std::string_view what, std::string_view why);

}  // namespace ombud::mail
