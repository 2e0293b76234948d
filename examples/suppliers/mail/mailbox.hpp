// The mailbox of the example supplier: keeps every copy of every mail on disk, and writes replies.
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "email/compose.hpp"
#include "journal.hpp"

namespace ombud::example {

struct KeptMail {
  int number = 0;  // from 1, in the order of arrival
  std::string envelope_from;
  std::string envelope_to;
  std::string raw;
  // A person would see two mails; `copy_of` shows that it is the same one again.
  int copy_of = 0;
};

class Mailbox {
 public:
  using Now = std::function<std::int64_t()>;  // seconds since 1970
  // `owner` is the name that replies are signed with.
  Mailbox(const std::string& path, Now now, std::string owner = "Example Supplier");

  // On disk when it returns.
  void keep(std::string_view from, std::string_view to, std::string_view raw);

  // The reply that a person with an ordinary mail program would write: in the thread, above the
  // quoted mail. Nothing if there is no such mail. Every reply is a mail of its own (another
  // Message-ID).
  struct Reply {
    std::string from;
    std::string to;
    std::string raw;
  };
  std::optional<Reply> reply(int number, const std::string& text, bool automatic);

  std::string mails_json() const;
  std::size_t count() const;

 private:
  void apply(std::string_view line);

  mutable std::mutex mutex_;
  Journal journal_;
  Now now_;
  std::string owner_;
  std::vector<KeptMail> mails_;
  std::vector<std::string> message_ids_;  // of mails_[i]
  int replies_ = 0;
};

}  // namespace ombud::example
