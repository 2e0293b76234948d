#include "email/smtp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.hpp"
#include "email/transfer.hpp"

namespace ombud::email {
namespace {

constexpr std::int64_t kQuitMsMax = 500;  // after the verdict is known we are only being polite
constexpr std::size_t kWordsBytesMax = 500;

// What has been said on the connection so far, from libcurl's trace.
struct Dialogue {
  const sdk::Call* call = nullptr;
  std::string_view left;           // of the mail
  bool all_given = false;          // libcurl has the last byte: the final dot may be on its way
  std::string verb;                // of our last command; empty: none yet
  std::string partial;             // of a reply line
  int code = 0;                    // of the last whole reply
  std::string words;               // its text
  bool leaving = false;            // we said QUIT
  std::int64_t leaving_at_ms = 0;  // remaining_ms then
  bool settled = false;            // the reply after the final dot has come
};

bool is_verb(std::string_view word) {
  for (const char* verb :
       {"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "NOOP", "QUIT"}) {
    if (word == verb) return true;
  }
  return false;
}

void heard(Dialogue& talk, std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const bool numbered = line.size() >= 3 && line.find_first_not_of("0123456789") >= 3;
  if (!numbered || talk.settled || talk.leaving) return;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (talk.code != code) talk.partial.clear();
  if (!talk.partial.empty()) talk.partial += ' ';
  talk.partial += line.size() > 4 ? line.substr(4) : std::string_view();
  const bool last = line.size() == 3 || line[3] != '-';
  talk.code = code;
  if (!last) return;
  talk.words = cut_utf8(to_valid_utf8(talk.partial), kWordsBytesMax);
  talk.partial.clear();
  if (talk.all_given && talk.verb == "DATA" && code != 354) {
    talk.settled = true;
  }
}

int on_trace(CURL*, curl_infotype kind, char* data, size_t size, void* user) {
  auto& talk = *static_cast<Dialogue*>(user);
  const std::string_view text(data, size);
  if (kind == CURLINFO_HEADER_OUT) {
    const std::string_view word = text.substr(0, text.find_first_of(" \r\n"));
    if (word == "QUIT") {  // what is said from here on is politeness
      talk.leaving = true;
      talk.leaving_at_ms = talk.call->remaining_ms();
    }
    if (talk.leaving) return 0;
    if (is_verb(word)) talk.verb = word;  // the rest of a login is never kept
    talk.code = 0;
  } else if (kind == CURLINFO_HEADER_IN) {
    heard(talk, text);
  }
  return 0;
}

size_t on_read(char* to, size_t size, size_t count, void* user) {
  auto& talk = *static_cast<Dialogue*>(user);
  const size_t given = std::min(size * count, talk.left.size());
  std::memcpy(to, talk.left.data(), given);
  talk.left.remove_prefix(given);
  if (talk.left.empty()) talk.all_given = true;
  return given;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& talk = *static_cast<Dialogue*>(user);
  const std::int64_t left_ms = talk.call->remaining_ms();
  if (talk.leaving) return left_ms <= 0 || talk.leaving_at_ms - left_ms > kQuitMsMax ? 1 : 0;
  if (talk.all_given) return 0;  // stopping here would only turn an answer into a doubt
  return talk.call->cancelled() ? 1 : 0;
}

bool is_login_refusal(int code) {
  return code == 530 || code == 534 || code == 535 || code == 538;
}

std::string server_said(const Server& server, const Dialogue& talk) {
  return fmt::format("{} answered {} {}{}{}", name_of(server),
                     talk.verb.empty() ? "our connection with" : talk.verb + " with", talk.code,
                     talk.words.empty() ? "" : " ", talk.words);
}

// The verdict of a refusal before the final dot.
Verdict refused(const Server& server, const Dialogue& talk) {
  const int code = talk.code;
  const std::string said = server_said(server, talk);
  if (talk.verb.empty() || talk.verb == "EHLO" || talk.verb == "HELO") {
    return {sdk::Status::retry, code,
            said + ". It does not take mail from us now; nothing was sent."};
  }
  if (talk.verb == "STARTTLS") {
    return {sdk::Status::retry, code,
            said + ". Without TLS nothing is sent; see settings.smtp.security."};
  }
  if (talk.verb == "AUTH" || is_login_refusal(code)) {
    if (code < 500)
      return {sdk::Status::retry, code, said + ". The login could not be checked now."};
    return {sdk::Status::auth, code,
            said + ". See login and password in settings.smtp, then open the link again."};
  }
  if (code < 500) return {sdk::Status::retry, code, said + ". Nothing was delivered."};
  return {sdk::Status::permanent, code,
          said + ". The mail was refused and will not be tried again."};
}

Verdict verdict_of(CURLcode result, const char* words, const Server& server, const Dialogue& talk) {
  if (talk.settled) {
    if (talk.code >= 200 && talk.code < 300) return {sdk::Status::ok, talk.code, {}};
    if (talk.code >= 500) {
      return {sdk::Status::permanent, talk.code,
              fmt::format("{} read the whole mail and refused it with {} {}.", name_of(server),
                          talk.code, talk.words)};
    }
    if (talk.code >= 400) {
      return {sdk::Status::retry, talk.code,
              fmt::format("{} read the whole mail and did not take it now: {} {}.", name_of(server),
                          talk.code, talk.words)};
    }
  }
  if (talk.all_given) {
    return {
        sdk::Status::ambiguous, 0,
        fmt::format("{} got the whole mail but gave no answer that says whether it was delivered "
                    "({}). Look in the sent mail or ask the supplier before it is sent again.",
                    name_of(server), words)};
  }
  if (result == CURLE_OK) return {sdk::Status::ok, talk.code, {}};  // NOOP
  if (result == CURLE_ABORTED_BY_CALLBACK) {
    return {sdk::Status::cancelled, 0, "Stopped on request before the mail was sent."};
  }
  if (talk.code >= 400) return refused(server, talk);
  if (result == CURLE_LOGIN_DENIED) {
    return {
        sdk::Status::auth, 0,
        fmt::format("{} offers no way to log in that this connector knows, or refused it without a "
                    "code. See settings.smtp.",
                    name_of(server))};
  }
  return {sdk::Status::retry, 0,
          fmt::format("The mail could not be handed to {}: {}. Nothing was delivered.",
                      name_of(server), words)};
}

Verdict run(CURL* curl, Dialogue& talk, const sdk::Call& call, const Server& server) {
  talk.call = &call;
  if (call.cancelled()) return {sdk::Status::cancelled, 0, "Stopped on request before it began."};
  if (!set_deadline(curl, call)) {
    return {sdk::Status::retry, 0, "No time was left to reach " + name_of(server) + "."};
  }
  char words[CURL_ERROR_SIZE] = "";
  set(curl, CURLOPT_ERRORBUFFER, static_cast<const void*>(words));
  set(curl, CURLOPT_VERBOSE, 1L);  // switches the trace on; nothing is printed
  set_function(curl, CURLOPT_DEBUGFUNCTION, &on_trace);
  set(curl, CURLOPT_DEBUGDATA, static_cast<const void*>(&talk));
  set(curl, CURLOPT_NOPROGRESS, 0L);
  set_function(curl, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(curl, CURLOPT_XFERINFODATA, static_cast<const void*>(&talk));
  set(curl, CURLOPT_FRESH_CONNECT, 1L);
  set(curl, CURLOPT_FORBID_REUSE, 1L);
  const CURLcode result = curl_easy_perform(curl);
  return verdict_of(result, words[0] != '\0' ? words : curl_easy_strerror(result), server, talk);
}

}  // namespace

Verdict send_mail(const sdk::Call& call, const Server& server, const std::string& hello,
                  const Envelope& envelope, std::string_view mail) {
  if (!is_address(envelope.to) || (!envelope.from.empty() && !is_address(envelope.from))) {
    return {sdk::Status::permanent, 0, "The sender or the recipient is no plain mail address."};
  }
  const CurlHandle curl = open_transfer(Protocol::smtp, server, hello);
  Dialogue talk;
  talk.left = mail;
  struct ListRelease {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  const std::unique_ptr<curl_slist, ListRelease> to(
      curl_slist_append(nullptr, ("<" + envelope.to + ">").c_str()));
  set(curl.get(), CURLOPT_MAIL_FROM, "<" + envelope.from + ">");
  set(curl.get(), CURLOPT_MAIL_RCPT, static_cast<const void*>(to.get()));
  set(curl.get(), CURLOPT_UPLOAD, 1L);
  set_function(curl.get(), CURLOPT_READFUNCTION, &on_read);
  set(curl.get(), CURLOPT_READDATA, static_cast<const void*>(&talk));
  curl_easy_setopt(curl.get(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.size()));
  return run(curl.get(), talk, call, server);
}

Verdict try_smtp(const sdk::Call& call, const Server& server, const std::string& hello) {
  const CurlHandle curl = open_transfer(Protocol::smtp, server, hello);
  Dialogue talk;
  set(curl.get(), CURLOPT_NOBODY, 1L);
  set(curl.get(), CURLOPT_CUSTOMREQUEST, std::string("NOOP"));
  return run(curl.get(), talk, call, server);
}

}  // namespace ombud::email
