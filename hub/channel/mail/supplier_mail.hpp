// The way of a supplier's mail to the connector that understands it. Implemented above (inbound/).
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

namespace ombud::mail {

class SupplierMail {
 public:
  enum class Outcome {
    taken,           // at least one change came out of it and is kept, now or before
    not_understood,  // the connector found nothing in it, or knows no mail: a person must read it
    later,           // the link is down: ask again with the same mail
  };
  virtual ~SupplierMail() = default;
  // `raw` is the mail byte for byte. Called again with the same mail after a crash: must be
  // idempotent.
  virtual boost::asio::awaitable<Outcome> decode(std::string link, std::string raw) = 0;
  // A mail of this supplier that belongs to no ticket: `taken` if it announces something.
  // Idempotent too.
  virtual boost::asio::awaitable<Outcome> decode_announcement(std::string link,
                                                              std::string raw) = 0;
};

}  // namespace ombud::mail
