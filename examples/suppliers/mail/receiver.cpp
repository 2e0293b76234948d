#include "mail/receiver.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>

namespace ombud::example {
namespace {

void say(std::ostream& peer, const char* reply) {
  peer << reply << "\r\n" << std::flush;
}

std::optional<std::string> line_of(std::istream& peer) {
  std::string line;
  if (!std::getline(peer, line)) return std::nullopt;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// "<a@b>" of "MAIL FROM:<a@b> SIZE=1"; the empty path is legal in MAIL.
std::optional<std::string> path_in(const std::string& line) {
  const std::size_t open = line.find('<');
  const std::size_t close = line.find('>', open);
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  return line.substr(open + 1, close - open - 1);
}

std::string verb_of(const std::string& line) {
  std::string verb = line.substr(0, line.find_first_of(" :"));
  std::transform(verb.begin(), verb.end(), verb.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return verb;
}

enum class Body { whole, too_large, broken };

Body read_body(std::istream& peer, std::string& mail) {
  bool too_large = false;
  while (const auto line = line_of(peer)) {
    if (*line == ".") return too_large ? Body::too_large : Body::whole;
    if (mail.size() > kMailBytesMax) {
      too_large = true;
      mail.clear();
    }
    if (!too_large) mail += (line->starts_with('.') ? line->substr(1) : *line) + "\r\n";
  }
  return Body::broken;
}

}  // namespace

void receive_mails(std::istream& from_peer, std::ostream& peer, Mailbox& mailbox,
                   MailFaults* faults) {
  std::optional<std::string> from, to;
  say(peer, "220 example-mail-supplier ESMTP");
  while (const auto line = line_of(from_peer)) {
    const std::string verb = verb_of(*line);
    if (verb == "EHLO") {
      peer << "250-example-mail-supplier\r\n250-8BITMIME\r\n";
      say(peer, "250 SIZE 52428800");
    } else if (verb == "HELO" || verb == "NOOP") {
      say(peer, "250 fine");
    } else if (verb == "RSET") {
      from.reset();
      to.reset();
      say(peer, "250 fine");
    } else if (verb == "MAIL") {
      from = path_in(*line);
      to.reset();
      say(peer, from ? "250 sender fine" : "501 MAIL FROM:<address>");
    } else if (verb == "RCPT") {
      const auto path = path_in(*line);
      if (!from) {
        say(peer, "503 MAIL first");
      } else if (!path || path->find('@') == std::string::npos) {
        say(peer, "501 RCPT TO:<address>");
      } else {
        if (!to) to = path;
        say(peer, "250 recipient fine");
      }
    } else if (verb == "DATA") {
      if (!from || !to) {
        say(peer, "503 MAIL and RCPT first");
        continue;
      }
      say(peer, "354 end with a line that holds a dot");
      std::string mail;
      const Body body = read_body(from_peer, mail);
      if (body == Body::broken) return;
      if (body == Body::too_large) {
        say(peer, "552 5.3.4 the mail is too large");
        continue;
      }
      if (faults != nullptr && faults->lose > 0) {
        --faults->lose;
        return;
      }
      try {
        mailbox.keep(*from, *to, mail);
        if (faults != nullptr) faults->held.pass();
        say(peer, "250 kept");
      } catch (const std::exception&) {
        say(peer, "452 4.3.1 the mail could not be written to disk");
      }
      from.reset();
      to.reset();
    } else if (verb == "QUIT") {
      say(peer, "221 bye");
      return;
    } else {
      say(peer, "502 not here");
    }
  }
}

}  // namespace ombud::example
