// The configuration of a hub as typed values: ombud.toml and one file per supplier's link.
// Loading is a pure function of the files, the environment that it is given and the connectors'
// manifests; it changes nothing, so a running hub may call it again to see what changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/quantity.hpp"
#include "base/result.hpp"
#include "base/toml.hpp"
#include "channel/mail/imap/settings.hpp"
#include "domain/notice.hpp"
#include "identity/oidc/settings.hpp"

namespace ombud::cli {

struct HttpSettings {
  Address listen{"127.0.0.1", 8080};
  std::string public_url;            // without a slash at its end; "http://<listen>" by default
  std::vector<std::string> proxies;  // addresses whose X-Forwarded-For is believed
  int threads = 2;
  int connections_max = 10'000;
  std::optional<std::filesystem::path> pages;  // absolute; none: those that lie with the program
};

enum class MailProtocol { smtp, lmtp };

// One [[mail.mailbox]]: where mail is fetched instead of received.
struct MailboxEntry {
  mail::MailboxSettings mailbox;
  std::string customer, team, language;  // of tickets from it; empty: decided by the sender
  std::string place;                     // for messages: "config/ombud.toml:12"
};

// One [[mail.address]]: what a mail to it is taken for when nothing else says so.
struct MailAddressEntry {
  std::string address;                   // lower case
  std::string customer, team, language;  // keys; may be empty
};

struct MailSettings {
  std::optional<Address> listen;  // none: the hub takes no mail
  MailProtocol protocol = MailProtocol::lmtp;
  std::vector<std::string>
      addresses;  // lower case: mail to these becomes tickets; desk.email if none is named
  std::string
      fallback_customer;  // key: whose ticket a mail from nobody known becomes; may be empty
  std::int64_t message_bytes_max = 40LL << 20U;
  std::vector<MailboxEntry> mailboxes;           // in the order of the file
  std::vector<MailAddressEntry> defaults;        // in the order of the file, each address once
  std::vector<std::string> authentication_from;  // authserv-ids, lower case
  bool believe_unproven = true;                  // a sender of whom nothing was proven
  int receipts_per_hour = 5;                     // to one address, because of its mails
  int tickets_per_hour = 30;                     // from one address
};

struct MailOutSettings {
  bool quote_last = true;  // below a mail stands what the person wrote last
  std::int64_t attachments_bytes_max = 10LL << 20U;  // with one mail; larger files become links
  int link_days = 30;                                // how long those are good
};

struct DeskSettings {
  std::string name = "Service desk";
  std::string email = "desk@localhost";
  std::string language = "sv";  // "sv" or "en"
  std::string domain;           // right side of our Message-IDs; that of `email` by default
};

// What a link's [limits] may change.
struct LinkLimits {
  double rate_per_second = 0;    // 0: as fast as the supplier answers
  Millis soft_deadline{30'000};  // of one operation
  Millis settle{10'000};  // how long a request that was cut off may still take effect over there
  std::int64_t memory_bytes_max = 512LL << 20U;  // of the connector's process
};

struct DeliverySettings {
  LinkLimits limits;  // for links that do not say otherwise
  Millis poll_every{60'000};
  Millis drain_grace{20'000};  // at shutdown, for calls that are running
};

enum class LinkKind { supplier, notices, subscribers };
std::string_view to_text(LinkKind kind);

// How strictly the TMF621 side holds to the standard; what each means stands in ombud.toml.
struct Tmf621Settings {
  bool exact_fields = false;
  bool lenient_status = false;
  bool replace_arrays = false;
  bool append_listener = false;
  bool partial_content = false;
  bool unique_external_id = true;
  bool refuse_unknown = false;
  std::int64_t attachment_bytes_max = 5LL << 20U;
};

struct LinkSettings {
  std::string id;    // file name without .toml
  std::string file;  // for messages
  LinkKind kind = LinkKind::supplier;
  std::string supplier;                 // name as shown
  std::string connector;                // folder in the connectors directory
  std::filesystem::path connector_dir;  // absolute
  std::string profile;                  // of connectors that run one: its name; else empty
  std::string tested;                   // JSON {"against","with","on"}; empty: it does not say
  bool enabled = true;
  Millis poll_every{60'000};
  Millis reconcile_every{0};         // 0: by command only
  int parallel = 1;                  // deliveries at once
  std::string settings_json = "{}";  // HostSpec: secrets replaced by {"$secret":"tokenN"}
  std::map<std::string, std::string> secrets;
  std::vector<std::string> origins;  // "https://host:port", port always there, sorted, each once
  LinkLimits limits;
  std::vector<std::string> mail_addresses;   // lower case: senders that are this supplier
  NoticePolicy notices = NoticePolicy::ask;  // what the supplier announces by itself
};

// One [[identity.oidc]]: where people may sign in besides here.
struct ProviderEntry {
  oidc::ProviderSettings provider;
  std::string place;  // of its issuer, for messages: "config/ombud.toml:12"
};

struct Settings {
  std::filesystem::path file;  // ombud.toml, as it was named
  HttpSettings http;
  MailSettings mail;
  MailOutSettings mail_out;
  DeskSettings desk;
  DeliverySettings delivery;
  Tmf621Settings tmf621;
  std::vector<ProviderEntry> providers;  // in the order of the file
  Level log_level = Level::info;
  std::filesystem::path data_dir;        // absolute; need not exist yet
  std::filesystem::path suppliers_dir;   // absolute
  std::filesystem::path letters_dir;     // absolute; need not exist
  std::filesystem::path connectors_dir;  // absolute
  std::vector<LinkSettings> links;       // in order of id; disabled ones too
  std::vector<std::string> left_out;     // files, by leave_out_unfinished
};

struct LoadOptions {
  std::filesystem::path file;                           // ombud.toml
  std::optional<std::filesystem::path> data_dir;        // instead of [data] directory
  std::optional<std::filesystem::path> connectors_dir;  // instead of [suppliers] connectors
  toml::Environment environment;                        // for { env = "…" }
  // Links that are off and whose files have mistakes are left out: a hub must start although
  // somebody is still writing the file of a new one.
  bool leave_out_unfinished = false;
  // Those that came with the program: used if ombud.toml names none and none lie in ../connectors.
  std::optional<std::filesystem::path> installed_connectors = std::nullopt;
};

// Everything, or every mistake of every file (Problem::fields, pointer = file:line).
Result<Settings> load_settings(const LoadOptions& options);

// One link's file as `load_settings` reads it, wherever it lies; whether it agrees with other links
// is not looked at. Every mistake of it and of ombud.toml.
Result<LinkSettings> load_link(const LoadOptions& options, const std::filesystem::path& file);

// Where links and connectors lie, as far as ombud.toml can be read; relative to `directory`.
struct LinkFolders {
  std::filesystem::path suppliers, connectors;
};
LinkFolders link_folders(const LoadOptions& options, const std::filesystem::path& directory);

// Only where the data directory is: for commands that must find a running hub. Nothing if the file
// cannot be read or does not say.
std::optional<std::filesystem::path> data_dir_of(const std::filesystem::path& file);

// Every http and https origin that stands in a JSON text as (the beginning of) a value.
std::vector<std::string> origins_in(std::string_view json);

inline constexpr std::size_t kLinksMax = 10'000;
// Deliveries at once of a link that does not say, if its connector can: enough to hide most of the
// time that a supplier takes, and no more than a small supplier bears.
inline constexpr int kParallelDefault = 4;
inline constexpr int kParallelMax = 32;

}  // namespace ombud::cli
