#include "cli/settings.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "cli/link_files.hpp"
#include "cli/mail_addresses.hpp"
#include "cli/mailboxes.hpp"
#include "cli/providers.hpp"
#include "domain/ids.hpp"

namespace ombud::cli {
namespace {

constexpr std::size_t kServersMax = 20;  // whose Authentication-Results are believed

namespace fs = std::filesystem;

constexpr Millis kSecond{1'000};
constexpr Millis kMinute{60'000};
constexpr Millis kHour{3'600'000};
constexpr std::size_t kProxiesMax = 100;
constexpr std::int64_t kKiB = 1LL << 10U;
constexpr std::int64_t kMiB = 1LL << 20U;

bool is_ip_address(const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

HttpSettings read_http(toml::Reader in) {
  HttpSettings http;
  http.listen = in.address("listen", http.listen);
  http.public_url =
      in.text("public_url", "http://" + to_text(http.listen), {.example = "https://desk.example"});
  while (http.public_url.ends_with('/')) http.public_url.pop_back();
  if (in.has("public_url")) {
    const auto url = boost::urls::parse_uri(http.public_url);
    if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty() ||
        url->has_query() || url->has_fragment() || url->has_userinfo()) {
      in.refuse("public_url", fmt::format("is \"{}\"; write where people reach the hub, such as "
                                          "\"https://desk.example\"",
                                          http.public_url));
    }
  }
  http.proxies = in.texts("proxies", kProxiesMax, {.bytes_max = 45, .example = "127.0.0.1"});
  for (const std::string& proxy : http.proxies) {
    if (is_ip_address(proxy)) continue;
    in.refuse("proxies",
              fmt::format("names \"{}\"; write the IP addresses of your own proxies, such as "
                          "[\"127.0.0.1\"]",
                          proxy));
  }
  http.threads = static_cast<int>(in.integer("threads", http.threads, 1, 64));
  http.connections_max =
      static_cast<int>(in.integer("connections_max", http.connections_max, 1, 1'000'000));
  if (in.has("pages")) {
    http.pages = in.path_to("pages", "");
    std::error_code error;
    if (!fs::is_regular_file(*http.pages / "index.html", error)) {
      in.refuse("pages", fmt::format("is {}, where no index.html lies; leave it out for the pages "
                                     "that were built with this program",
                                     http.pages->string()));
    }
  }
  in.finish();
  return http;
}

DeskSettings read_desk(toml::Reader in) {
  DeskSettings desk;
  desk.name = in.text("name", desk.name, {.example = "Service desk"});
  desk.email = in.text("email", desk.email, {.example = "support@desk.example"});
  if (!is_mail_address(desk.email)) {
    in.refuse("email", fmt::format("is \"{}\"; write an e-mail address alone, such as "
                                   "\"support@desk.example\"",
                                   desk.email));
  }
  desk.language = in.choice("language", desk.language, {"sv", "en"});
  desk.domain =
      in.text("domain", desk.email.substr(desk.email.find('@') + 1), {.example = "desk.example"});
  if (desk.domain.find_first_of("@ /:<>") != std::string::npos) {
    in.refuse(
        "domain",
        fmt::format("is \"{}\"; write a domain name alone, such as \"desk.example\"", desk.domain));
  }
  in.finish();
  return desk;
}

// [[mail.address]]: the desk's addresses too, whether or not they stand in `addresses`.
std::vector<MailAddressEntry> read_mail_defaults(toml::Reader& in) {
  std::vector<MailAddressEntry> all;
  for (toml::Reader& one : in.tables("address")) {
    MailAddressEntry entry;
    entry.address =
        lower(one.text("address", "", {.required = true, .example = "support-alfa@desk.example"}));
    if (!entry.address.empty() && !is_mail_address(entry.address)) {
      one.refuse("address", fmt::format("is \"{}\"; write an e-mail address alone, such as "
                                        "\"support-alfa@desk.example\"",
                                        entry.address));
    }
    const bool twice = std::any_of(all.begin(), all.end(), [&](const MailAddressEntry& other) {
      return other.address == entry.address;
    });
    if (twice) one.refuse("address", "stands there twice; write it once");
    for (const auto& [name, key] :
         {std::pair("customer", &entry.customer), std::pair("team", &entry.team)}) {
      *key = one.text(name, "", {.example = "alfa"});
      if (!key->empty() && !is_key(*key)) {
        one.refuse(name, fmt::format("is \"{}\"; write a key: a-z, 0-9, '-', '_' and '.', such as "
                                     "\"alfa\"",
                                     *key));
      }
    }
    entry.language = one.choice("language", "", {"sv", "en"});
    one.finish();
    all.push_back(std::move(entry));
  }
  return all;
}

MailSettings read_mail(toml::Reader in, const DeskSettings& desk, const LoadOptions& options) {
  MailSettings mail;
  mail.listen = in.maybe_address("listen");
  mail.protocol = in.choice("protocol", "lmtp", {"smtp", "lmtp"}) == "smtp" ? MailProtocol::smtp
                                                                            : MailProtocol::lmtp;
  mail.addresses = mail_addresses(in, "addresses");
  if (mail.addresses.empty()) mail.addresses.push_back(lower(desk.email));
  mail.fallback_customer = in.text("fallback_customer", "", {.example = "acme"});
  if (!mail.fallback_customer.empty() && !is_key(mail.fallback_customer)) {
    in.refuse("fallback_customer",
              fmt::format("is \"{}\"; write a customer's key: a-z, 0-9, '-', '_' and '.', such as "
                          "\"acme\"",
                          mail.fallback_customer));
  }
  mail.message_bytes_max = in.bytes("message_max", mail.message_bytes_max, 64 * kKiB, 256 * kMiB);
  mail.defaults = read_mail_defaults(in);
  mail.mailboxes = read_mailboxes(in, options, mail.message_bytes_max);
  for (const MailAddressEntry& entry : mail.defaults) {
    auto& all = mail.addresses;
    if (std::find(all.begin(), all.end(), entry.address) == all.end()) {
      all.push_back(entry.address);
    }
  }
  for (const MailboxEntry& entry : mail.mailboxes) {
    // What comes to a mailbox is mail to the desk.
    auto& all = mail.addresses;
    if (std::find(all.begin(), all.end(), entry.mailbox.address) == all.end()) {
      all.push_back(entry.mailbox.address);
    }
  }
  for (const std::string& server :
       in.texts("authentication_from", kServersMax, {.example = "mx.desk.example"})) {
    mail.authentication_from.push_back(lower(server));
  }
  mail.believe_unproven = in.choice("unproven", "accept", {"accept", "doubt"}) == "accept";
  if (!mail.believe_unproven && mail.authentication_from.empty()) {
    in.refuse("unproven",
              "is \"doubt\", and nothing can be proven: name the servers whose "
              "Authentication-Results are believed in authentication_from");
  }
  mail.receipts_per_hour =
      static_cast<int>(in.integer("receipts_per_hour", mail.receipts_per_hour, 0, 1000));
  mail.tickets_per_hour =
      static_cast<int>(in.integer("tickets_per_hour", mail.tickets_per_hour, 1, 100'000));
  in.finish();
  return mail;
}

MailOutSettings read_mail_out(toml::Reader in) {
  MailOutSettings out;
  out.quote_last = in.choice("quote", "last", {"last", "none"}) == "last";
  out.attachments_bytes_max = in.bytes("attachments_max", out.attachments_bytes_max, 0, 20 * kMiB);
  out.link_days = static_cast<int>(in.integer("link_days", out.link_days, 1, 365));
  in.finish();
  return out;
}

DeliverySettings read_delivery(toml::Reader in) {
  DeliverySettings delivery;
  delivery.limits = read_limits(in, delivery.limits);
  delivery.poll_every = in.duration("poll_every", delivery.poll_every, kSecond, 24 * kHour);
  delivery.drain_grace = in.duration("drain_grace", delivery.drain_grace, Millis(0), 10 * kMinute);
  in.finish();
  return delivery;
}

Tmf621Settings read_tmf621(toml::Reader in) {
  Tmf621Settings tmf;
  tmf.exact_fields = in.choice("fields", "v4", {"v4", "exact"}) == "exact";
  tmf.lenient_status = in.choice("status", "strict", {"strict", "lenient"}) == "lenient";
  tmf.replace_arrays = in.choice("arrays", "append", {"append", "replace"}) == "replace";
  tmf.append_listener = in.choice("callback", "asis", {"asis", "append"}) == "append";
  tmf.partial_content = in.boolean("partial_content", tmf.partial_content);
  tmf.unique_external_id = in.choice("external_id", "unique", {"unique", "free"}) == "unique";
  tmf.refuse_unknown = in.choice("unknown", "keep", {"keep", "refuse"}) == "refuse";
  tmf.attachment_bytes_max =
      in.bytes("attachment_max", tmf.attachment_bytes_max, 1 * kKiB, 25 * kMiB);
  in.finish();
  return tmf;
}

Level read_log(toml::Reader in) {
  const std::string level = in.choice("level", "info", {"debug", "info", "warning", "error"});
  in.finish();
  return level == "debug"     ? Level::debug
         : level == "warning" ? Level::warning
         : level == "error"   ? Level::error
                              : Level::info;
}

// What ombud.toml says, else a folder beside the configuration, else what came with the program.
fs::path connectors_of(toml::Reader& suppliers, const LoadOptions& options) {
  const bool named = suppliers.has("connectors");
  fs::path folder = suppliers.path_to("connectors", "../connectors");
  std::error_code error;
  if (named || !options.installed_connectors || fs::is_directory(folder, error)) return folder;
  return *options.installed_connectors;
}

}  // namespace

Result<Settings> load_settings(const LoadOptions& options) {
  toml::Mistakes mistakes;
  Settings settings;
  settings.file = options.file;
  const auto file = toml::File::load(options.file, mistakes);
  if (!file) return mistakes.problem();
  toml::Reader in = file->root();

  settings.http = read_http(in.table("http"));
  settings.desk = read_desk(in.table("desk"));
  settings.mail = read_mail(in.table("mail"), settings.desk, options);
  settings.mail_out = read_mail_out(in.table("mail_out"));
  settings.letters_dir = fs::absolute(options.file).lexically_normal().parent_path() / "letters";
  settings.log_level = read_log(in.table("log"));
  settings.delivery = read_delivery(in.table("delivery"));
  settings.tmf621 = read_tmf621(in.table("tmf621"));
  toml::Reader identity = in.table("identity");
  settings.providers = read_providers(identity, options);
  identity.finish();
  toml::Reader data = in.table("data");
  settings.data_dir = data.path_to("directory", "../data");
  if (options.data_dir) settings.data_dir = fs::absolute(*options.data_dir).lexically_normal();
  data.finish();
  toml::Reader suppliers = in.table("suppliers");
  settings.suppliers_dir = suppliers.path_to("directory", "suppliers");
  settings.connectors_dir = connectors_of(suppliers, options);
  if (options.connectors_dir) {
    settings.connectors_dir = fs::absolute(*options.connectors_dir).lexically_normal();
  }
  std::error_code error;
  if (suppliers.has("directory") && !fs::is_directory(settings.suppliers_dir, error)) {
    suppliers.refuse("directory",
                     fmt::format("is {}, which is no folder; create it with: mkdir -p {}",
                                 settings.suppliers_dir.string(), settings.suppliers_dir.string()));
  }
  suppliers.finish();
  in.finish();

  read_links(options, mistakes, settings);
  if (!mistakes.empty()) return mistakes.problem();
  return settings;
}

Result<LinkSettings> load_link(const LoadOptions& options, const fs::path& file) {
  toml::Mistakes mistakes;
  Settings settings;
  const auto main = toml::File::load(options.file, mistakes);
  if (!main) return mistakes.problem();
  toml::Reader in = main->root();
  settings.delivery = read_delivery(in.table("delivery"));
  settings.connectors_dir = link_folders(options, fs::current_path()).connectors;
  read_link_file(file, options, mistakes, settings);
  if (!mistakes.empty()) return mistakes.problem();
  return std::move(settings.links.front());
}

LinkFolders link_folders(const LoadOptions& options, const fs::path& directory) {
  const fs::path main = directory / options.file;
  const fs::path above = main.parent_path();
  std::error_code error;
  LinkFolders folders{above / "suppliers", above / "../connectors"};
  if (options.installed_connectors && !fs::is_directory(folders.connectors, error)) {
    folders.connectors = *options.installed_connectors;
  }
  toml::Mistakes unread;
  if (const auto file = toml::File::load(main, unread)) {
    toml::Reader suppliers = file->root().table("suppliers");
    folders.suppliers = suppliers.path_to("directory", "suppliers");
    folders.connectors = connectors_of(suppliers, options);
  }
  if (options.connectors_dir) folders.connectors = directory / *options.connectors_dir;
  folders.suppliers = folders.suppliers.lexically_normal();
  folders.connectors = folders.connectors.lexically_normal();
  return folders;
}

std::optional<fs::path> data_dir_of(const fs::path& file) {
  toml::Mistakes mistakes;
  const auto parsed = toml::File::load(file, mistakes);
  if (!parsed) return std::nullopt;
  toml::Reader in = parsed->root();
  return in.table("data").path_to("directory", "../data");
}

}  // namespace ombud::cli
