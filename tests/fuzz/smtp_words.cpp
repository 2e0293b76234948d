// What is read by hand of SMTP, of headers and of reports. The first byte says which.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "channel/mail/authentication.hpp"
#include "channel/mail/delivery_status.hpp"
#include "channel/mail/nature.hpp"
#include "channel/mail/smtp/smtp_commands.hpp"
#include "domain/reply_address.hpp"

namespace {

using namespace ombud;
using namespace ombud::mail;

void must(bool holds) {
  if (!holds) std::abort();
}

void commands(std::string_view input) {
  const Command command = parse_command(input);
  for (const char* keyword : {"FROM", "TO"}) {
    const auto path = parse_path(command.rest, keyword);
    if (path) must(path->address.size() <= input.size());
  }
}

// Decoded in pieces or at once, and again from its own dot-stuffed form: the same message.
void data(std::string_view input) {
  if (input.empty()) return;
  const std::size_t piece = 1 + static_cast<unsigned char>(input.front()) % 7;
  input.remove_prefix(1);
  DataDecoder whole(2048), cut(2048);
  const std::size_t taken = whole.take(input);
  std::size_t at = 0;
  while (at < input.size() && !cut.done()) at += cut.take(input.substr(at, piece));
  must(whole.done() == cut.done() && whole.too_large() == cut.too_large());
  must(whole.message() == cut.message());
  if (!whole.done() || whole.too_large()) return;
  must(taken == at && taken <= input.size() && input.substr(0, taken).ends_with(".\r\n"));
  const std::string_view message = whole.message();
  std::string sent;
  bool line_start = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (line_start && message[i] == '.') sent += '.';
    sent += message[i];
    line_start = message[i] == '\n' && i > 0 && message[i - 1] == '\r';
  }
  must(message.empty() || message.ends_with("\r\n"));
  sent += ".\r\n";
  DataDecoder again(2048);
  must(again.take(sent) == sent.size() && again.done() && again.message() == message);
}

void authentication(std::string_view input) {
  const auto header = header_fields(input);
  must(header.size() <= kHeaderFieldsMax);
  const auto found = authenticate(header, "anna@alfa.example", {"mx.desk.example"});
  must(found.verdict == "pass" || found.verdict == "fail" || found.verdict == "none");
  // Nothing below a foreign hop makes a false sender true.
  const std::string above =
      "Authentication-Results: mx.desk.example; dmarc=fail header.from=alfa.example\r\n"
      "Received: from x by mx.desk.example; now\r\n";
  const auto braked = authenticate(header_fields(above + std::string(input)), "anna@alfa.example",
                                   {"mx.desk.example"});
  must(braked.verdict == "fail");
  ParsedMail mail;
  mail.subject = to_valid_utf8(input.substr(0, 200));
  const NatureFound nature = nature_of(mail, header, "anna@alfa.example", DeskAddresses({}, {}));
  must(nature.why.empty() == (nature.nature == Nature::person));
}

void status(std::string_view input) {
  const auto all = read_delivery_status(input);
  must(all.size() <= 100);
  for (const DeliveryStatus& one : all) {
    must(!one.why.empty() && is_utf8(one.why) && is_utf8(one.address));
  }
}

void tags(std::string_view input) {
  static const ReplyKey key(std::string(ReplyKey::kBytes, 'k'));
  static const ReplyKey other(std::string(ReplyKey::kBytes, 'o'));
  // A signature that was not made by the key is never found; the fuzzer does not know it.
  must(ticket_of_reply_address(other, input).value == 0);
  must(signed_tags_in(other, input).empty());
  ticket_of_reply_address(key, input);
  const std::string around = std::string(input) + subject_tag(key, TicketId{17});
  if (std::count(input.begin(), input.end(), '[') < 5) {
    const auto found = signed_tags_in(key, around);
    must(std::find(found.begin(), found.end(), TicketId{17}) != found.end());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  switch (bytes[0]) {
    case 'c':
      commands(rest);
      break;
    case 'd':
      data(rest);
      break;
    case 'a':
      authentication(rest);
      break;
    case 's':
      status(rest);
      break;
    case 't':
      tags(rest);
      break;
    default:
      break;
  }
  return 0;
}
