#include "email/imap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "email/transfer.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kAnswerBytesMax = 1U << 20U;  // of a SEARCH

struct Session {
  const sdk::Call* call = nullptr;
  CurlHandle curl;
  std::string body;
  std::size_t body_max = kAnswerBytesMax;
  bool cut = false;
  std::uint64_t validity = 0;  // as the server said at SELECT
  std::string no;              // the server's last NO or BAD
  char words[CURL_ERROR_SIZE] = "";
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ptr != text.data() + text.size() || read.ec != std::errc())
    return std::nullopt;
  return value;
}

std::string_view digits_at(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789"));
}

size_t on_body(char* data, size_t size, size_t count, void* user) {
  auto& session = *static_cast<Session*>(user);
  const std::size_t room = session.body_max - std::min(session.body_max, session.body.size());
  const std::size_t taken = std::min(room, size * count);
  session.body.append(data, taken);
  if (taken < size * count)
    session.cut = true;  // the rest is read and dropped: the connection stays usable
  return size * count;
}

size_t on_line(char* data, size_t size, size_t count, void* user) {
  auto& session = *static_cast<Session*>(user);
  std::string_view line(data, size * count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  constexpr std::string_view kValidity = "[UIDVALIDITY ";
  const std::size_t at = line.find(kValidity);
  if (line.starts_with("* OK") && at != std::string_view::npos) {
    session.validity = number(digits_at(line.substr(at + kValidity.size()))).value_or(0);
  }
  const std::size_t space = line.find(' ');
  if (space != std::string_view::npos) {
    const std::string_view rest = line.substr(space + 1);
    if (rest.starts_with("NO ") || rest.starts_with("BAD ")) session.no = rest.substr(0, 300);
  }
  return size * count;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Session*>(user)->call->cancelled() ? 1 : 0;
}

// Folder and other parts of an IMAP URL (RFC 5092): everything unusual is escaped.
std::string url_part(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_' || c == '/';
    if (plain)
      escaped += c;
    else
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return escaped;
}

void begin(Session& session, const sdk::Call& call, const Server& server) {
  session.call = &call;
  session.curl = open_transfer(Protocol::imap, server, "");
  CURL* curl = session.curl.get();
  set(curl, CURLOPT_ERRORBUFFER, static_cast<const void*>(session.words));
  set_function(curl, CURLOPT_WRITEFUNCTION, &on_body);
  set(curl, CURLOPT_WRITEDATA, static_cast<const void*>(&session));
  set_function(curl, CURLOPT_HEADERFUNCTION, &on_line);
  set(curl, CURLOPT_HEADERDATA, static_cast<const void*>(&session));
  set(curl, CURLOPT_NOPROGRESS, 0L);
  set_function(curl, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(curl, CURLOPT_XFERINFODATA, static_cast<const void*>(&session));
}

Verdict perform(Session& session, const Server& server, const std::string& url_tail,
                const std::string& command) {
  CURL* curl = session.curl.get();
  const bool tls = server.security == Security::tls;
  const bool literal6 = server.host.find(':') != std::string::npos;
  set(curl, CURLOPT_URL,
      fmt::format("{}://{}{}{}:{}/{}", tls ? "imaps" : "imap", literal6 ? "[" : "", server.host,
                  literal6 ? "]" : "", server.port, url_tail));
  if (command.empty())
    set(curl, CURLOPT_CUSTOMREQUEST, static_cast<const void*>(nullptr));
  else
    set(curl, CURLOPT_CUSTOMREQUEST, command);
  session.body.clear();
  session.cut = false;
  session.no.clear();
  session.words[0] = '\0';
  if (session.call->cancelled()) return {sdk::Status::cancelled, 0, "Stopped on request."};
  if (!set_deadline(curl, *session.call)) {
    return {sdk::Status::retry, 0, "No time was left to read from " + name_of(server) + "."};
  }
  const CURLcode result = curl_easy_perform(curl);
  if (result == CURLE_OK) return {sdk::Status::ok, 0, {}};
  if (result == CURLE_ABORTED_BY_CALLBACK)
    return {sdk::Status::cancelled, 0, "Stopped on request."};
  const std::string why = !session.no.empty()        ? "it answered " + session.no
                          : session.words[0] != '\0' ? std::string(session.words)
                                                     : std::string(curl_easy_strerror(result));
  if (result == CURLE_LOGIN_DENIED) {
    return {sdk::Status::auth, 0,
            fmt::format("{} refused the login ({}). See settings.imap, then open the link again.",
                        name_of(server), why)};
  }
  return {sdk::Status::retry, 0,
          fmt::format("Mail could not be read from {}: {}.", name_of(server), why)};
}

// The numbers of "* SEARCH 4 7 9" lines.
std::vector<std::uint64_t> searched(std::string_view answer) {
  std::vector<std::uint64_t> uids;
  while (!answer.empty()) {
    const std::size_t end = answer.find_first_of("\r\n");
    std::string_view line = answer.substr(0, end);
    answer.remove_prefix(end == std::string_view::npos ? answer.size() : end + 1);
    constexpr std::string_view kHead = "* SEARCH";
    if (!line.starts_with(kHead)) continue;
    line.remove_prefix(kHead.size());
    while (!line.empty()) {
      const std::size_t start = line.find_first_not_of(' ');
      if (start == std::string_view::npos) break;
      line.remove_prefix(start);
      const std::string_view word = line.substr(0, line.find(' '));
      if (const auto uid = number(word)) uids.push_back(*uid);
      line.remove_prefix(word.size());
    }
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

}  // namespace

std::optional<Cursor> parse_cursor(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto validity = number(text.substr(0, colon)), uid = number(text.substr(colon + 1));
  if (!validity || !uid) return std::nullopt;
  return Cursor{*validity, *uid};
}

std::string to_text(const Cursor& cursor) {
  return fmt::format("{}:{}", cursor.validity, cursor.uid);
}

Verdict read_folder(const sdk::Call& call, const Server& server, const std::string& folder,
                    Cursor& cursor, const TakeMail& take) {
  Session session;
  begin(session, call, server);
  const std::string box = url_part(folder);
  // "n:*" always names the last mail too (RFC 3501, 6.4.8), so the answer is filtered below.
  Verdict said = perform(session, server, box, fmt::format("UID SEARCH UID {}:*", cursor.uid + 1));
  if (said.status != sdk::Status::ok) return said;
  if (session.validity == 0) {
    return {sdk::Status::retry, 0,
            fmt::format("{} names no UIDVALIDITY for \"{}\", so mails there cannot be told apart.",
                        name_of(server), folder)};
  }
  if (session.validity != cursor.validity) {
    cursor = {session.validity, 0};
    said = perform(session, server, box, "UID SEARCH UID 1:*");
    if (said.status != sdk::Status::ok) return said;
  }
  std::size_t taken = 0;
  for (const std::uint64_t uid : searched(session.body)) {
    if (uid <= cursor.uid) continue;
    if (taken++ == kMailsPerPollMax) break;
    session.body_max = kMailBytesMax;
    said = perform(session, server,
                   fmt::format("{};UIDVALIDITY={}/;UID={}", box, cursor.validity, uid), {});
    if (said.status != sdk::Status::ok) return said;
    const bool more = take(session.body, !session.cut);
    cursor.uid = uid;
    if (!more) break;
  }
  return {sdk::Status::ok, 0, {}};
}

Verdict try_imap(const sdk::Call& call, const Server& server) {
  Session session;
  begin(session, call, server);
  return perform(session, server, "", "NOOP");
}

}  // namespace ombud::email
