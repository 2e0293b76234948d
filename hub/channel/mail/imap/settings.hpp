// One mailbox that the desk reads, as the operator wrote it: [[mail.mailbox]] in ombud.toml.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace ombud::mail {

enum class MailboxSecurity { tls, starttls, none };

// How the hub gets an access token to log in with (RFC 6749, 4.4 and 6; SASL XOAUTH2), for servers
// that take no passwords.
struct MailboxOauth {
  std::string token_url;  // empty: log in with the password
  std::string authority;  // file with certificates to trust there; empty: those of the system
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;  // empty: client credentials
  std::string scope;

  bool operator==(const MailboxOauth&) const = default;
};

struct MailboxSettings {
  std::string name;     // a key; what the hub remembers of the mailbox hangs on it
  std::string address;  // lower case: mail in it came to this address of the desk
  std::string host;
  std::uint16_t port = 993;
  MailboxSecurity security = MailboxSecurity::tls;
  // File with certificates to trust of this server, not of token_url; empty: those of the system.
  std::string authority;
  std::string login;
  std::string password;
  MailboxOauth oauth;
  std::string folder = "INBOX";
  std::string move_to;        // a mail that was taken goes there; empty: it is marked as read
  Millis poll_every{60'000};  // where the server does not know IDLE (RFC 2177)
  std::size_t bytes_max = 40U << 20U;  // of one mail; a larger one stays where it is

  bool operator==(const MailboxSettings&) const = default;
  // "desk@imap.desk.example/INBOX": another place has other mails.
  std::string place() const { return login + "@" + host + "/" + folder; }
};

}  // namespace ombud::mail
