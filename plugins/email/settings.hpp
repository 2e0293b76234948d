// What the [settings] table of a mail link says, read and checked once at start.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ombud::email {

enum class Security { none, starttls, tls };
enum class Language { sv, en };

struct Server {
  std::string host;
  int port = 0;
  Security security = Security::starttls;
  std::string login;  // empty: none
  std::string password;
  std::string ca_file;  // empty: the system's
};

struct Mailbox {
  std::string name;
  std::string address;
};

// A word at the start of a supplier's reply and the status it stands for.
struct CommandWord {
  std::string word;    // such as "#löst"
  std::string status;  // as in ombud.change/1
};

// A word in the subject of a mail that belongs to no ticket, and what it makes of it: a kind or a
// state of ombud.announcement/1.
struct AnnouncementWord {
  std::string word;  // lower case in ASCII
  std::string means;
};

struct Settings {
  std::string to;  // empty: the link carries only notices
  Mailbox from;
  std::string envelope_from;
  std::string domain;
  Language language = Language::sv;
  std::int64_t attachment_bytes_max = 0;
  Server smtp;
  std::optional<Server> imap;
  std::string imap_folder;
  std::vector<CommandWord> commands;
  std::vector<AnnouncementWord> kinds;   // empty: no mail is an announcement
  std::vector<AnnouncementWord> states;  // the first that is found counts
};

// The clear text behind a secret's token; nothing if the host has no such secret.
using Reveal = std::function<std::optional<std::string>(std::string_view token)>;

// Throws std::invalid_argument that names every mistake and what to write instead.
Settings read_settings(std::string_view config_json, const Reveal& reveal);

// One plain address that can stand in an SMTP command: one '@', no space, no control character, no
// bracket, comma, quote or colon. UTF-8 is allowed (RFC 6531).
bool is_address(std::string_view text);

}  // namespace ombud::email
