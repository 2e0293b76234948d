#include "cli/mailboxes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <set>

#include "cli/mail_addresses.hpp"
#include "domain/ids.hpp"

namespace ombud::cli {
namespace {

constexpr std::size_t kMailboxesMax = 100;
constexpr std::size_t kNameBytesMax = 64;
constexpr Millis kSecond{1'000};
constexpr Millis kHour{3'600'000};

class MailboxReader {
 public:
  MailboxReader(toml::Reader in, const LoadOptions& options)
      : in_(std::move(in)), options_(options) {}

  MailboxEntry read() {
    box_.name = key("name", {.required = true, .bytes_max = kNameBytesMax, .example = "support"});
    box_.address =
        lower(in_.text("address", "", {.required = true, .example = "support@desk.example"}));
    if (!box_.address.empty() && !is_mail_address(box_.address)) {
      in_.refuse("address", fmt::format("is \"{}\"; write the e-mail address whose mailbox it is",
                                        box_.address));
    }
    read_server();
    read_login();
    box_.folder = folder("folder", box_.folder);
    box_.move_to = folder("move_to", "");
    if (box_.move_to == box_.folder) {
      in_.refuse("move_to",
                 "is the folder that is read; write another, or leave it out: then what "
                 "was taken is marked as read");
    }
    box_.poll_every = in_.duration("poll_every", box_.poll_every, kSecond, 24 * kHour);
    MailboxEntry entry;
    entry.customer = key("customer", {.bytes_max = kNameBytesMax, .example = "alfa"});
    entry.team = key("team", {.bytes_max = kNameBytesMax, .example = "desk"});
    entry.language = in_.choice("language", "", {"sv", "en"});
    entry.place = fmt::format("{}:{}", options_.file.string(), in_.line());
    in_.finish();
    entry.mailbox = std::move(box_);
    return entry;
  }

 private:
  std::string key(std::string_view name, toml::Reader::Text rule) {
    std::string text = in_.text(name, "", rule);
    if (!text.empty() && !is_key(text)) {
      in_.refuse(name, fmt::format("is \"{}\"; write a key: a-z, 0-9, '-', '_' and '.', such as "
                                   "\"{}\"",
                                   text, rule.example));
    }
    return text;
  }

  std::string folder(std::string_view name, std::string fallback) {
    std::string text = in_.text(name, std::move(fallback), {.example = "INBOX"});
    if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; })) {
      in_.refuse(name, "has a line break or another control character; write the folder's name");
    }
    return text;
  }

  void read_server() {
    box_.host = in_.text("host", "", {.required = true, .example = "imap.desk.example"});
    if (box_.host.find_first_of("/@ ") != std::string::npos) {
      in_.refuse("host", fmt::format("is \"{}\"; write the server's name alone, such as "
                                     "\"imap.desk.example\"",
                                     box_.host));
    }
    const std::string security = in_.choice("security", "tls", {"tls", "starttls", "none"});
    box_.security = security == "tls"        ? mail::MailboxSecurity::tls
                    : security == "starttls" ? mail::MailboxSecurity::starttls
                                             : mail::MailboxSecurity::none;
    const bool tls = box_.security == mail::MailboxSecurity::tls;
    box_.port = static_cast<std::uint16_t>(in_.integer("port", tls ? 993 : 143, 1, 65'535));
    box_.authority = authority_in(in_);
  }

  static std::string authority_in(toml::Reader& in) {
    if (!in.has("authority")) return {};
    std::string file = in.path_to("authority", "").string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
      in.refuse("authority", fmt::format("is {}, which is no file; write where the certificate of "
                                         "the server's authority lies (PEM)",
                                         file));
    }
    return file;
  }

  void read_login() {
    box_.login = in_.text("login", "", {.required = true, .example = "support@desk.example"});
    box_.password = in_.maybe_secret("password", options_.environment).value_or(std::string());
    if (in_.has("oauth") == in_.has("password")) {
      in_.refuse(
          in_.has("oauth") ? "oauth" : "password",
          in_.has("oauth")
              ? "stands beside password; write one of them"
              : "is missing; write password = { file = \"secrets/mailbox\" }, or a table oauth "
                "where the server takes no passwords");
    }
    if (!in_.has("oauth")) return;
    toml::Reader oauth = in_.table("oauth");
    box_.oauth.token_url =
        oauth.text("token_url", "",
                   {.required = true,
                    .example = "https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token"});
    check_token_url(oauth);
    box_.oauth.authority = authority_in(oauth);
    box_.oauth.client_id = oauth.text("client_id", "", {.required = true, .example = "ombud"});
    box_.oauth.client_secret =
        oauth.maybe_secret("client_secret", options_.environment).value_or(std::string());
    box_.oauth.refresh_token =
        oauth.maybe_secret("refresh_token", options_.environment).value_or(std::string());
    box_.oauth.scope =
        oauth.text("scope", "", {.example = "https://outlook.office365.com/.default"});
    oauth.finish();
  }

  // Secrets go there: in the clear at most to this machine itself.
  void check_token_url(toml::Reader& oauth) const {
    const std::string& text = box_.oauth.token_url;
    if (text.empty()) return;
    const auto url = boost::urls::parse_uri(text);
    if (!url || (url->scheme() != "https" && url->scheme() != "http") || url->host().empty()) {
      oauth.refuse("token_url",
                   fmt::format("is \"{}\"; write an address that begins with https://", text));
    } else if (url->scheme() == "http" && !is_loopback(host_in(text))) {
      oauth.refuse("token_url",
                   fmt::format("is \"{}\", where secrets would go unencrypted; write an address "
                               "that begins with https://",
                               text));
    }
  }
  // Between "//" and port or path, by hand: Boost.URL 1.81 reads "127.0.0.1.evil.example" as the
  // address that it begins with.
  static std::string host_in(const std::string& url) {
    const std::size_t begin = url.find("//") + 2;
    std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    if (host.find('@') != std::string::npos) return host;  // a name and password, and no loopback
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
  }
  static bool is_loopback(const std::string& host) {
    boost::system::error_code no_address;
    const auto address = boost::asio::ip::make_address(host, no_address);
    return lower(host) == "localhost" || (!no_address && address.is_loopback());
  }

  toml::Reader in_;
  const LoadOptions& options_;
  mail::MailboxSettings box_;
};

}  // namespace

std::vector<MailboxEntry> read_mailboxes(toml::Reader& mail, const LoadOptions& options,
                                         std::int64_t bytes_max) {
  std::vector<MailboxEntry> all;
  std::set<std::string> names, places;
  for (toml::Reader& in : mail.tables("mailbox")) {
    if (all.size() == kMailboxesMax) {
      in.refuse_at(in.line(), fmt::format("There are more than {} mailboxes.", kMailboxesMax));
      break;
    }
    MailboxEntry entry = MailboxReader(in, options).read();
    entry.mailbox.bytes_max = static_cast<std::size_t>(bytes_max);
    if (!entry.mailbox.name.empty() && !names.insert(entry.mailbox.name).second) {
      in.refuse("name", fmt::format("is \"{}\" a second time; each mailbox has its own",
                                    entry.mailbox.name));
    }
    if (!places.insert(entry.mailbox.place()).second) {
      in.refuse("folder", "is read by another mailbox already; write each folder once");
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace ombud::cli
