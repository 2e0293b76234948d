#include "channel/mail/authentication.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kWordBytesMax = 32;
constexpr int kCommentDepthMax = 20;

constexpr bool space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The words and the signs '=' and ';' of a structured field. Comments are left out; a quoted string
// is (part of) a word whatever is in it.
std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  std::string word;
  bool in_word = false;
  const auto end_word = [&] {
    if (in_word) tokens.push_back(std::move(word));
    word.clear();
    in_word = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(') {
      end_word();
      int depth = 1;
      for (++i; i < text.size() && depth > 0; ++i) {
        if (text[i] == '\\') {
          ++i;
        } else if (text[i] == '(') {
          if (++depth > kCommentDepthMax) return {};
        } else if (text[i] == ')') {
          --depth;
        }
      }
      if (depth > 0) return {};  // never closed: nothing in it is to be believed
      --i;
    } else if (c == '"') {
      in_word = true;
      bool closed = false;
      for (++i; i < text.size() && !closed; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
          word += text[++i];
        } else if (text[i] == '"') {
          closed = true;
        } else {
          word += text[i];
        }
      }
      if (!closed) return {};
      --i;
    } else if (space(c)) {
      end_word();
    } else if (c == '=' || c == ';') {
      end_word();
      tokens.emplace_back(1, c);
    } else {
      in_word = true;
      word += c;
    }
  }
  end_word();
  return tokens;
}

// One `method=result` with its properties ("smtp.mailfrom", "header.d" …), all in lower case.
struct Found {
  std::string method, result;
  std::map<std::string, std::string> properties;
  std::string property(const std::string& name) const {
    const auto known = properties.find(name);
    return known == properties.end() ? std::string() : known->second;
  }
};
struct Field {
  std::string server;
  std::vector<Found> results;
};

std::optional<Field> read_field(std::string_view value) {
  const std::vector<std::string> tokens = tokens_of(value.substr(0, kHeaderFieldBytesMax));
  if (tokens.empty() || tokens.front() == ";" || tokens.front() == "=") return std::nullopt;
  Field field;
  field.server = folded(tokens.front());
  std::size_t at = 1;
  while (at < tokens.size()) {
    if (tokens[at] != ";") {  // a version, or what nobody understands
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (end < tokens.size() && tokens[end] != ";") ++end;
    if (end - at >= 4 && tokens[at + 2] == "=" && tokens[at + 1] != "=" && tokens[at + 3] != "=") {
      Found found;
      const std::string method = folded(tokens[at + 1]);
      found.method = method.substr(0, method.find('/'));
      found.result = folded(tokens[at + 3]).substr(0, kWordBytesMax);
      for (std::size_t i = at + 4; i + 2 < end; ++i) {
        if (tokens[i + 1] != "=" || tokens[i] == "=" || tokens[i + 2] == "=") continue;
        found.properties.emplace(folded(tokens[i]), folded(tokens[i + 2]));
        i += 2;
      }
      field.results.push_back(std::move(found));
    }
    at = end;
  }
  return field;
}

// The host behind a word such as "by" in a Received field; empty if there is none.
std::string host_behind(std::string_view received, std::string_view word) {
  const std::vector<std::string> tokens = tokens_of(received.substr(0, kHeaderFieldBytesMax));
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i] == ";") return {};
    if (folded(tokens[i]) == word) {
      std::string host = folded(tokens[i + 1]);
      if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
      return host;
    }
  }
  return {};
}

// What the server that wrote a Received field saw of its peer, which the peer does not choose: the
// addresses in brackets between "from" and "by", and the name in "(name [address])".
struct Peer {
  bool seen = false;       // an address in a comment
  bool near = true;        // and none anywhere but of this machine or a private network
  std::string host;        // empty if there is none, or the server doubts it
  bool over_lmtp = false;  // handed over behind the border
};

bool is_near(std::string_view address) {
  if (address.starts_with("ipv6:")) address.remove_prefix(5);
  if (address == "::1" || address.starts_with("127.") || address.starts_with("10.") ||
      address.starts_with("192.168.") || address.starts_with("fc") || address.starts_with("fd")) {
    return true;
  }
  if (!address.starts_with("172.") || address.size() < 7 || address[6] != '.') return false;
  const std::string_view second = address.substr(4, 2);
  return second >= "16" && second <= "31";
}

Peer peer_of(std::string_view received) {
  Peer peer;
  const std::string text = folded(received.substr(0, kHeaderFieldBytesMax));
  const std::size_t by = std::min(text.find(" by "), text.find("\tby "));
  if (by == std::string::npos) return peer;
  const std::string_view whole = text;
  const std::string_view from = whole.substr(0, by);
  const std::size_t comment = from.find('(');
  for (std::size_t at = from.find('['); at != std::string_view::npos; at = from.find('[', at + 1)) {
    const std::size_t end = from.find(']', at);
    if (end == std::string_view::npos) break;
    peer.seen |= comment < at;
    peer.near &= is_near(from.substr(at + 1, end - at - 1));
  }
  if (comment != std::string_view::npos) {
    const std::string_view inner = from.substr(comment + 1);
    const std::size_t end = inner.find_first_of(" \t)");
    const bool plain = end != std::string_view::npos && inner.substr(end).starts_with(" [") &&
                       inner.find('(') == std::string_view::npos &&
                       inner.find("forged") == std::string_view::npos;
    if (plain) peer.host = inner.substr(0, end);
  }
  const std::vector<std::string> after = tokens_of(whole.substr(by));
  const auto with = std::find(after.begin(), after.end(), "with");
  peer.over_lmtp = from.find('[') == std::string_view::npos && with != after.end() &&
                   with + 1 != after.end() && (with + 1)->starts_with("lmtp");
  return peer;
}

bool within(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

bool has_dot(std::string_view domain) {
  return domain.find('.') != std::string_view::npos;
}

// The same organisation's, as DMARC's relaxed alignment means it: one lies within the other. No
// list of public suffixes is needed: nobody signs or sends for one.
bool aligned(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  if (a == b) return true;
  const std::string_view shorter = a.size() < b.size() ? a : b;
  return has_dot(shorter) && within(a.size() < b.size() ? b : a, shorter);
}

class Servers {
 public:
  explicit Servers(const std::vector<std::string>& trusted) : trusted_(trusted) {}
  bool trusts(std::string_view server) const {
    return std::find(trusted_.begin(), trusted_.end(), server) != trusted_.end();
  }
  // One of our own: named like a trusted one, or beside or below it ("imap.desk.example" beside
  // "mx.desk.example"), or this very machine.
  bool own(std::string_view host) const {
    if (host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "ipv6:::1") {
      return true;
    }
    return named(host);
  }
  // The peer's own greeting says nothing: anybody calls himself what he likes.
  bool is_own(const Peer& peer) const {
    return peer.over_lmtp || (peer.seen && (peer.near || named(peer.host)));
  }

 private:
  bool named(std::string_view host) const {
    return std::any_of(trusted_.begin(), trusted_.end(), [&](std::string_view server) {
      if (within(host, server)) return true;
      const std::size_t dot = server.find('.');
      if (dot == std::string_view::npos) return false;
      const std::string_view beside = server.substr(dot + 1);
      return has_dot(beside) && within(host, beside);
    });
  }

  const std::vector<std::string>& trusted_;
};

// What our servers write among their own fields.
bool trace(std::string_view name) {
  return name.starts_with("x-") || name.starts_with("arc-") || name == "received-spf" ||
         name == "dkim-filter" || name == "return-path" || name == "delivered-to";
}

std::vector<Field> trusted_fields(const std::vector<HeaderField>& header, const Servers& servers) {
  std::vector<Field> all;
  bool below = false;  // the border's own Received has been passed
  for (const HeaderField& one : header) {
    if (one.name == "received") {
      if (below || !all.empty()) break;
      const bool inside =
          servers.own(host_behind(one.value, "by")) && servers.is_own(peer_of(one.value));
      below = !inside;
    } else if (one.name == "authentication-results") {
      auto field = read_field(one.value);
      if (field && servers.trusts(field->server)) {
        all.push_back(std::move(*field));
        if (below) break;  // the border writes one there; the next may be the sender's
      } else if (below) {
        break;
      }
    } else if (below && !trace(one.name)) {
      break;
    }
  }
  return all;
}

// The results of one method in the topmost field that speaks of it.
std::vector<Found> results_of(const std::vector<Field>& fields, std::string_view method) {
  std::vector<Found> all;
  for (const Field& field : fields) {
    for (const Found& found : field.results) {
      if (found.method == method) all.push_back(found);
    }
    if (!all.empty()) break;
  }
  return all;
}

// Of several results the worst; empty if there is none.
const Found* worst_of(const std::vector<Found>& results) {
  const auto badness = [](std::string_view result) {
    return result == "fail" ? 3 : result == "pass" ? 0 : result == "none" ? 1 : 2;
  };
  const auto worst = std::max_element(
      results.begin(), results.end(),
      [&](const Found& a, const Found& b) { return badness(a.result) < badness(b.result); });
  return worst == results.end() ? nullptr : &*worst;
}

std::string domain_in(const std::string& property) {
  return property.find('@') == std::string::npos ? folded(property) : domain_of(property);
}

std::string signer_of(const Found& dkim) {
  const std::string domain = domain_in(dkim.property("header.d"));
  return domain.empty() ? domain_in(dkim.property("header.i")) : domain;
}

}  // namespace

MailAuthentication authenticate(const std::vector<HeaderField>& header, std::string_view from,
                                const std::vector<std::string>& trusted, bool sure) {
  MailAuthentication answer;
  answer.verdict = "none";
  if (trusted.empty()) return answer;
  const std::vector<Field> fields = trusted_fields(header, Servers(trusted));
  const auto spf = results_of(fields, "spf"), dkim = results_of(fields, "dkim"),
             dmarc = results_of(fields, "dmarc");
  const Found* one_spf = worst_of(spf);
  const Found* one_dmarc = worst_of(dmarc);
  if (one_spf != nullptr) answer.spf = one_spf->result;
  if (one_dmarc != nullptr) answer.dmarc = one_dmarc->result;
  const std::string domain = domain_of(from);

  bool signature_good = false, signature_bad = false;
  for (const Found& found : dkim) {
    const bool ours = aligned(signer_of(found), domain);
    if (found.result == "pass") {
      answer.dkim = "pass";
      signature_good |= ours;
    } else if (answer.dkim.empty()) {
      answer.dkim = found.result;
    }
    signature_bad |= ours && (found.result == "fail" || found.result == "policy");
  }
  bool path_good = false, path_bad = false;
  if (one_spf != nullptr) {
    const std::string path = domain_in(one_spf->property("smtp.mailfrom"));
    path_good = one_spf->result == "pass" && aligned(path, domain);
    path_bad = one_spf->result == "fail" && aligned(path, domain);
  }

  const auto senders = std::count_if(header.begin(), header.end(),
                                     [](const HeaderField& one) { return one.name == "from"; });
  const std::string judged = one_dmarc == nullptr ? "" : one_dmarc->property("header.from");
  if (senders > 1) {
    answer.verdict = "fail";
  } else if (!sure) {
    answer.verdict = signature_good || path_good ? "pass" : "fail";
  } else if (fields.empty() || domain.empty()) {
    answer.verdict = "none";
  } else if (!judged.empty() && !aligned(domain_in(judged), domain)) {
    answer.verdict = "fail";
  } else if (answer.dmarc == "pass" || answer.dmarc == "fail") {
    answer.verdict = answer.dmarc;
  } else if (signature_good || path_good) {
    answer.verdict = "pass";
  } else if (signature_bad || path_bad) {
    answer.verdict = "fail";
  }
  return answer;
}

}  // namespace ombud::mail
