// ombud/conformance/dialect.hpp - what the author of a connector tells ombud-conform about the
// supplier: how its HTTP interface looks. One class, built as a library of its own:
//
//   #include <ombud/conformance/dialect.hpp>
//   using namespace ombud::conformance;
//
//   class AcmeDialect final : public Dialect {
//    public:
//     Settings settings() const override {
//       return {R"({"url":"https://acme.example","token":{"$secret":"token"}})",
//               {{"token", "canary-4711-token"}}};
//     }
//     HttpResponse answer(Supplier& supplier, const HttpRequest& request) override {
//       if (request.header("authorization") != "Bearer canary-4711-token") return {401};
//       if (request.method == "POST" && request.path() == "/tickets") { … supplier.create(…) … }
//       return {404};
//     }
//   };
//   OMBUD_DIALECT(AcmeDialect)
//
// The kit keeps the supplier's tickets (Supplier), plays its staff, injects every fault, and judges
// by what is really in there. A dialect only translates. It needs no other header and no library;
// build it with the compiler and standard library that run the kit. The kit is one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ombud::conformance {

using Fields = std::map<std::string, std::string, std::less<>>;

// ---- the supplier's tickets, kept by the kit ----------------------------------------------------

// Times are milliseconds since 1970 by the supplier's clock, which only the kit moves. Ids are
// small decimal numbers, unique among everything of one supplier. `ours`: made by the connector's
// user.
struct Comment {
  std::string id = {};
  std::string text = {};
  std::string author = {};
  bool shown = true;  // false: only the supplier's staff see it
  bool ours = false;
  Fields fields = {};  // whatever else the supplier keeps with it, such as an external id
  std::int64_t at_ms = 0;
};

struct File {
  std::string id = {};
  std::string name = {};
  std::string media_type = {};
  std::string bytes = {};
  std::string author = {};
  bool shown = true;
  bool ours = false;
  Fields fields = {};  // such as a description
  std::int64_t at_ms = 0;
};

// The kit looks at the fields "subject", "description", "status" and "priority": keep those four
// under these names, whatever the wire calls them, and anything else under any other name.
struct Ticket {
  std::string id = {};
  Fields fields = {};
  std::vector<Comment> comments = {};  // oldest first
  std::vector<File> files = {};
  std::int64_t created_at_ms = 0;
  std::int64_t updated_at_ms = 0;
  std::string_view field(std::string_view name) const {
    const auto at = fields.find(name);
    return at == fields.end() ? std::string_view() : std::string_view(at->second);
  }
};

// One entry of the supplier's history.
struct Event {
  enum class Kind { created, changed, comment, file };
  std::string id = {};
  std::string ticket = {};  // its id
  Kind kind = Kind::created;
  std::string object = {};         // changed: name of the field; comment, file: the id
  std::string from = {}, to = {};  // changed: the field before and after
  std::string author = {};
  bool ours = false;
  std::int64_t at_ms = 0;
};

class Supplier {
 public:
  virtual ~Supplier() = default;
  virtual std::int64_t now_ms() const = 0;

  // Every ticket, oldest first, as its database knows it.
  virtual std::vector<const Ticket*> tickets() const = 0;
  // The same as its search index knows it: what is younger than the connector's lookup_lag_ms is
  // not there yet. Answer searches from it if the real supplier's search lags.
  virtual std::vector<const Ticket*> indexed() const = 0;
  virtual const Ticket* ticket(std::string_view id) const = 0;  // null: none
  virtual const std::vector<Event>& events() const = 0;         // oldest first

  // What the connector's user does. The kit counts each; call them only for a request that the
  // supplier would really carry out. Ids, times, author and `ours` are filled in.
  virtual const Ticket& create(Fields fields) = 0;
  virtual const Ticket* update(std::string_view ticket, const Fields& changes) = 0;  // null: none
  virtual const Comment* comment(std::string_view ticket, Comment comment) = 0;
  virtual const File* attach(std::string_view ticket, File file) = 0;

  // Kept between requests and seen by nobody, so it does not count: uploads that no ticket names
  // yet, sessions.
  virtual Fields& scratch() = 0;
};

// The name that the connector's user has at the supplier, as in Comment::author.
inline constexpr std::string_view kOurUser = "Ombud Desk";

// ---- HTTP ---------------------------------------------------------------------------------------

// "a%20b+c" → "a b c" if `form`, else "a b+c". Bad escapes stay as they are.
inline std::string percent_decode(std::string_view text, bool form = false) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      plain += form && text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

// One request as it arrived: secrets filled in by the host.
struct HttpRequest {
  std::string method;
  std::string target;  // path and query, as sent
  Fields headers;      // names in lower case
  std::string body;
  std::string origin;  // "https://acme.example:443"

  std::string_view header(std::string_view name) const {
    const auto at = headers.find(name);
    return at == headers.end() ? std::string_view() : std::string_view(at->second);
  }
  std::string path() const { return percent_decode(target.substr(0, target.find('?'))); }
  // The path's parts between its slashes, decoded: {"tickets", "7", "notes"}.
  std::vector<std::string> segments() const {
    std::vector<std::string> parts;
    std::string_view rest(target);
    rest = rest.substr(0, rest.find('?'));
    while (!rest.empty()) {
      const std::size_t slash = rest.find('/');
      if (slash != 0) parts.push_back(percent_decode(rest.substr(0, slash)));
      rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    }
    return parts;
  }
  // Names and values of the query, decoded, in their order.
  std::vector<std::pair<std::string, std::string>> query() const {
    return pairs(target.find('?') == std::string::npos
                     ? std::string_view()
                     : std::string_view(target).substr(target.find('?') + 1));
  }
  // The first of that name; empty if there is none.
  std::string parameter(std::string_view name) const {
    for (auto& [key, value] : query()) {
      if (key == name) return value;
    }
    return {};
  }
  // The body as application/x-www-form-urlencoded.
  std::vector<std::pair<std::string, std::string>> form() const { return pairs(body); }

 private:
  static std::vector<std::pair<std::string, std::string>> pairs(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> all;
    while (!text.empty()) {
      const std::size_t end = text.find('&');
      const std::string_view one = text.substr(0, end);
      const std::size_t equals = one.find('=');
      if (!one.empty()) {
        all.emplace_back(percent_decode(one.substr(0, equals), true),
                         equals == std::string_view::npos
                             ? std::string()
                             : percent_decode(one.substr(equals + 1), true));
      }
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return all;
  }
};

struct HttpResponse {
  int code = 200;
  std::string body = {};
  Fields headers = {{"Content-Type", "application/json"}};  // the kit adds Date if there is none
};

// ---- the dialect --------------------------------------------------------------------------------

struct Settings {
  std::string json;  // the [settings] table of a link, with {"$secret":"token"} for each secret
  Fields secrets;    // token → clear text, at least 8 bytes each: the kit looks for leaks of them
};

// One genuine message of the supplier to the hub's webhook address.
struct Webhook {
  std::string name;  // such as "comment added"
  std::string headers_json = "{}";
  std::string body = {};
  bool is_signed = false;  // the kit then also sends it forged, which must be OMBUD_AUTH
  // The ombud.change/1 documents that must come out, in this order. A pushed document may have more
  // members than these; what stands here must be in it.
  std::vector<std::string> changes = {};
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  // Those of one link to this supplier, complete and right.
  virtual Settings settings() const = 0;
  // The supplier's answer to one request that reached it. Everything it remembers is in `supplier`.
  virtual HttpResponse answer(Supplier& supplier, const HttpRequest& request) = 0;

  // What the field "status" of a ticket holds for one of the hub's words (new, in_progress,
  // waiting, resolved, closed, withdrawn). "": this supplier has no such status.
  virtual std::string status_word(std::string_view canonical) const {
    return std::string(canonical);
  }
  virtual std::vector<Webhook> webhooks() const { return {}; }
  // Whether the supplier's people can attach files to a ticket at all.
  virtual bool staff_attach_files() const { return true; }
};

// What a library with a dialect exports. Made anew with each kit: no promise of stability.
inline constexpr std::uint32_t kDialectVersion = 1;
struct DialectEntry {
  std::uint32_t version;
  std::uint32_t bytes;  // of Ticket: a library built with another standard library is refused
  Dialect* (*make)();
  void (*destroy)(Dialect*);
};

}  // namespace ombud::conformance

// Names the dialect that this library holds.
// NOLINTBEGIN(bugprone-macro-parentheses): the argument is a type
#define OMBUD_DIALECT(Class)                                            \
  extern "C" __attribute__((visibility("default")))                     \
  const ::ombud::conformance::DialectEntry ombud_dialect_entry;         \
  const ::ombud::conformance::DialectEntry ombud_dialect_entry = {      \
      ::ombud::conformance::kDialectVersion,                            \
      static_cast<std::uint32_t>(sizeof(::ombud::conformance::Ticket)), \
      []() -> ::ombud::conformance::Dialect* { return new Class; },     \
      [](::ombud::conformance::Dialect* dialect) { delete dialect; }};
// NOLINTEND(bugprone-macro-parentheses)
