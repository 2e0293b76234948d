#include "channel/mail/attempts.hpp"

#include <fmt/format.h>

#include <functional>
#include <utility>
#include <variant>

#include "base/bytes.hpp"
#include "channel/mail/mail_rows.hpp"
#include "store/await.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kErrorBytesMax = 1000;
using Nothing = std::monostate;

}  // namespace

std::string words_of(const Problem& refused) {
  std::string words = refused.detail;
  for (const FieldProblem& field : refused.fields)
    words += " " + field.pointer + " " + field.detail + ".";
  return words;
}

std::string failure(std::int64_t mail, std::string_view what, std::string_view why) {
  return fmt::format(
      "{}: {}{} The mail is kept and tried again by itself; once the cause is mended, at once by "
      "\"ombud mail retry {}\".",
      what, why, why.ends_with('.') ? "" : ".", mail);
}

boost::asio::awaitable<bool> Attempts::begin(std::vector<std::int64_t> mails) {
  std::erase_if(mails, [this](std::int64_t mail) { return begun_.contains(mail); });
  if (mails.empty()) co_return true;
  std::function<Result<Nothing>(Tx&)> work = [mails](Tx& tx) -> Result<Nothing> {
    for (const std::int64_t mail : mails) count_attempt(tx, mail);
    return Nothing{};
  };
  const Result<Nothing> counted =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  if (counted) {
    begun_.insert(mails.begin(), mails.end());
    co_return true;
  }
  std::string words = failure(mails.front(), "It could not be written down that the mail is read",
                              words_of(counted.error()));
  co_await failed(mails.front(), std::move(words));
  co_return false;
}

boost::asio::awaitable<void> Attempts::failed(std::int64_t mail, std::string words) {
  log_.error("mail not processed", {{"mail", mail}, {"reason", words}});
  const bool begun = begun_.contains(mail);
  std::function<Result<Nothing>(Tx&)> work = [mail, words, begun](Tx& tx) -> Result<Nothing> {
    set_mail_error(tx, mail, cut_utf8(words, kErrorBytesMax));
    if (begun) take_back_attempt(tx, mail);  // only what takes the hub down is to count
    return Nothing{};
  };
  const Result<Nothing> noted =
      co_await write<Nothing>(store_, system_principal("mail"), std::move(work));
  if (noted) begun_.erase(mail);
}

}  // namespace ombud::mail
