// Many mails in one transaction, for when more come than one commit each lets through.
#pragma once

#include <memory>
#include <vector>

#include "channel/mail/apply.hpp"
#include "channel/mail/mail_rows.hpp"
#include "channel/mail/reading.hpp"
#include "channel/mail/route.hpp"

namespace ombud::mail {

inline constexpr int kBatchMailsMax = 25;
inline constexpr std::int64_t kBatchBytesMax = 4 << 20;  // of mails that are in memory together

struct BatchMail {
  MailRow row;
  std::shared_ptr<ReadMail> read;  // null: it has to be handled by itself
};

// Does what can be done of them in order with nothing but the store, under the mail's principal:
// new tickets, notes and copies without files. How many, from the first on: the next one has to be
// handled by itself. A refusal undoes all.
Result<std::size_t> apply_batch(Tx& tx, const std::vector<BatchMail>& mails,
                                const RouteOptions& routes, const ApplyOptions& options);

}  // namespace ombud::mail
