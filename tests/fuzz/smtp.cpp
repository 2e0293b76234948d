// A whole conversation with the mail server: what stands in the input is what a client sends, in
// pieces of the sizes that its bytes give. However it is cut, and whether it comes in in memory or
// through files, the server keeps the same mails, and none that was not ended by CR LF . CR LF.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/smtp/smtp_server.hpp"
#include "support/sim_clock.hpp"

namespace {

using namespace ombud;
using namespace ombud::mail;

constexpr std::size_t kMessageBytesMax = 4096;
constexpr std::size_t kRecipientsMax = 5;
constexpr std::size_t kInMemoryBytesMax = 64;  // a longer message comes in through a file

void must(bool holds) {
  if (!holds) std::abort();
}

struct Kept final : MailSink {
  bool accepts(std::string_view recipient) const override {
    return recipient.find("no") == std::string_view::npos;
  }
  net::awaitable<Receipt> store(Envelope envelope, std::string raw) override {
    must(!envelope.recipients.empty() && envelope.recipients.size() <= kRecipientsMax);
    for (const std::string& one : envelope.recipients) must(accepts(one));
    must(raw.size() <= kMessageBytesMax);
    std::string all = envelope.from + "\n" + raw;
    for (const std::string& one : envelope.recipients) all = one + "\n" + all;
    mails.push_back(std::move(all));
    Receipt receipt;
    receipt.stored = mails.size() % 3 != 0;
    receipt.mail_id = static_cast<std::int64_t>(mails.size());
    co_return receipt;
  }
  net::awaitable<Receipt> store_file(Envelope envelope, std::string path) override {
    std::ifstream file(path, std::ios::binary);
    std::string raw{std::istreambuf_iterator<char>(file), {}};
    must(raw.size() > kInMemoryBytesMax);
    const Receipt receipt = co_await store(std::move(envelope), std::move(raw));
    co_return receipt;
  }
  std::vector<std::string> mails;
};

class Talk {
 public:
  Talk(MailProtocol protocol, Kept& kept, bool spooled) {
    SmtpOptions options;
    options.protocol = protocol;
    options.unix_path = path();
    options.limits.message_bytes_max = kMessageBytesMax;
    options.limits.command_bytes_max = 512;
    options.limits.recipients_max = kRecipientsMax;
    options.limits.in_memory_bytes_max = kInMemoryBytesMax;
    if (spooled) options.spool = SmtpSpool{path() + ".", io_.get_executor()};
    server_.emplace(io_.get_executor(), time_, kept, log_, options);
    must(server_->listen().has_value());
    net::co_spawn(io_, server_->run(), net::detached);
  }
  ~Talk() { server_.reset(); }

  void say(std::string_view input, std::size_t piece) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, path().c_str(), sizeof to.sun_path - 1);
    must(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    turn(fd);
    while (!input.empty()) {
      const std::size_t size = std::min(piece, input.size());
      const ssize_t sent = ::send(fd, input.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) break;  // it has said good-bye
      input.remove_prefix(static_cast<std::size_t>(sent));
      turn(fd);
    }
    ::shutdown(fd, SHUT_WR);
    turn(fd);
    ::close(fd);
    io_.restart();
    io_.poll();
  }

 private:
  static std::string path() {
    static const std::string where =
        (std::filesystem::temp_directory_path() / ("fuzz-smtp-" + std::to_string(::getpid())))
            .string();
    return where;
  }
  void turn(int fd) {
    io_.restart();
    io_.poll();
    char ignored[4096];
    while (::recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0) {
    }
  }

  net::io_context io_;
  SimClock time_{instant_of(1'795'000'000'000)};
  Log log_{time_, Level::error, [](std::string_view) {}};
  std::optional<SmtpServer> server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const MailProtocol protocol = (data[0] & 1U) != 0 ? MailProtocol::lmtp : MailProtocol::smtp;
  const std::size_t piece = 1 + data[1] % 97;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  Kept whole, pieces;
  Talk(protocol, whole, false).say(input, input.size() + 1);
  Talk(protocol, pieces, true).say(input, piece);
  must(whole.mails == pieces.mails);
  return 0;
}
