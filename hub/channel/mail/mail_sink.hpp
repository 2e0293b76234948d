// Where a mail server puts what it receives. The promise of a 250 is made here.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

struct Envelope {
  std::string from;                     // empty: the null sender of bounces and automatic mail
  std::vector<std::string> recipients;  // at least one, each accepted by the sink
  std::string mailbox;                  // by which it came: "lmtp", "smtp" or a mailbox's name
  // Of a mail that lay in a mailbox: where (the same again: it is the same mail, unless the words
  // differ), and when it came there, in the server's words.
  std::string transport, arrived;
};

struct Receipt {
  bool stored = false;       // false: nothing was promised, the sender must try again later
  std::int64_t mail_id = 0;  // for the operator; the same one if these bytes had been stored before
};

class MailSink {
 public:
  virtual ~MailSink() = default;
  // True if mail to this address is for us.
  virtual bool accepts(std::string_view recipient) const = 0;
  // Keeps the mail, byte for byte. When it answers `stored` the bytes and the order to process them
  // are on disk and survive a loss of power; storing the same mail again is harmless and answers
  // the same.
  virtual boost::asio::awaitable<Receipt> store(Envelope envelope, std::string raw) = 0;
  // As store(), of a mail too large for memory: it lies in a file, in the folder of the blobs. When
  // it is stored the file has been taken away; else whoever made it removes it.
  virtual boost::asio::awaitable<Receipt> store_file(Envelope envelope, std::string path) = 0;
};

}  // namespace ombud::mail
