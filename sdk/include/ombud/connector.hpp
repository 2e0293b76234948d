// ombud/connector.hpp - C++20 on top of connector.h: write a plain class, name it once.
//
// clang-format off
//   class AcmeDesk {
//    public:
//     AcmeDesk(ombud::sdk::Host host, std::string_view config_json);  // throws if it is refused
//     Status put_ticket(const Call&, const Write&, Sink& reply);
//     Status add_comment(const Call&, const Write&, Sink& reply);
//     Status add_attachment(const Call&, const Write&, Sink& reply);
//     Status find(const Call&, std::string_view kind, const Write&, Sink& matches);
//     Status check(const Call&);                                           // optional: health
//     Status changes(const Call&, std::string_view cursor, Sink& out);     // optional: poll
//     bool polls() const;                   // with changes: false if its settings leave none
//     Status decode(const Call&, std::string_view headers_json,
//                   std::string_view body, Sink& changes);                 // optional: webhook
//     Status attachment(const Call&, std::string_view reference_json,
//                       Sink& bytes);                                      // optional: fetch
//     Status probe(const Call&, std::string_view question_json,
//                  Sink& findings);                                        // optional: probe
//     Status render(const Call&, std::string_view operation, const Write&, Sink& requests); and
//     Status interpret(const Call&, std::string_view raw_json, Sink& changes);  // optional: replay
//     Status snapshot(const Call&, const Write& known, Sink& copy);        // optional: snapshot
//     bool snapshots() const;               // with snapshot: false if its settings leave none
//   };
//   OMBUD_CONNECTOR(AcmeDesk, (ombud_descriptor{"com.example.acme-desk", "1.0.0", kSchema, kCaps, 0}))
// clang-format on
//
// What a member is called decides which extension it serves; what is missing is answered as absent.
// An exception that leaves a member becomes `ambiguous` for a write and `retry` for a read.
#ifndef OMBUD_CONNECTOR_HPP
#define OMBUD_CONNECTOR_HPP
#include <ombud/connector.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ombud::sdk {

enum class Status : std::int32_t {
  ok = OMBUD_OK,
  retry = OMBUD_RETRY,
  rate_limited = OMBUD_RATE_LIMITED,
  auth = OMBUD_AUTH,
  permanent = OMBUD_PERMANENT,
  ambiguous = OMBUD_AMBIGUOUS,
  cancelled = OMBUD_CANCELLED,
};

inline ombud_bytes bytes(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view view(ombud_bytes b) {
  return b.data == nullptr ? std::string_view() : std::string_view(b.data, b.size);
}

// One operation in flight.
class Call {
 public:
  explicit Call(const ombud_call* raw) : raw_(raw) {}
  std::int64_t remaining_ms() const { return raw_->remaining_ms(raw_); }
  bool cancelled() const { return raw_->cancelled(raw_) != 0; }
  // Says why, for the operator. Call it at most once, before returning anything but ok.
  void fail(std::string_view message, int supplier_code = 0,
            std::int64_t retry_after_ms = -1) const {
    const ombud_error error{sizeof(ombud_error), supplier_code, retry_after_ms, bytes(message)};
    raw_->fail(raw_, &error);
  }
  Status fail_as(Status status, std::string_view message, int supplier_code = 0,
                 std::int64_t retry_after_ms = -1) const {
    fail(message, supplier_code, retry_after_ms);
    return status;
  }
  const ombud_call* raw() const { return raw_; }

 private:
  const ombud_call* raw_;
};

class Sink {
 public:
  explicit Sink(ombud_sink* raw) : raw_(raw) {}
  // False: the host wants no more.
  bool put(std::string_view document) { return raw_->put(raw_, bytes(document)) == 0; }

 private:
  ombud_sink* raw_;
};

// The bytes of an attachment.
class Source {
 public:
  explicit Source(ombud_source* raw) : raw_(raw) {}
  // Bytes read, 0 at the end, -1 if reading failed. Short reads are legal.
  std::int64_t read(char* to, std::size_t room) { return raw_->read(raw_, to, room); }
  // Everything, or nothing if reading failed.
  std::optional<std::string> read_all() {
    std::string all;
    char piece[16384];
    for (;;) {
      const std::int64_t got = read(piece, sizeof piece);
      if (got < 0) return std::nullopt;
      if (got == 0) return all;
      all.append(piece, static_cast<std::size_t>(got));
    }
  }
  ombud_source* raw() { return raw_; }

 private:
  ombud_source* raw_;
};

class Write {
 public:
  explicit Write(const ombud_write* raw) : raw_(raw) {}
  std::uint32_t attempt() const { return raw_->attempt; }
  std::string_view correlation() const { return view(raw_->correlation); }
  std::string_view external_id() const { return view(raw_->external_id); }  // empty: create
  std::string_view body() const { return view(raw_->body); }                // canonical JSON
  std::optional<Source> content() const {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): the size of the pointer is what is meant
    if (!OMBUD_HAS(raw_, content) || raw_->content == nullptr) return std::nullopt;
    return Source{raw_->content};
  }

 private:
  const ombud_write* raw_;
};

// Text as a JSON string with its quotes.
inline std::string json_quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20) {
      quoted += "\\u00";
      quoted += kHex[code >> 4U];
      quoted += kHex[code & 15U];
    } else {
      quoted += c;
    }
  }
  return quoted += '"';
}

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  // absolute; "{{secret:token}}" in a header value is filled in by the host
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::optional<Source> content = {};  // sent in place of `body` if present
  std::int64_t timeout_ms = 0;         // 0: until the call's deadline
  // Fill in "{{secret:token}}" in the body too: no user's text may be in it.
  bool secrets_in_body = false;
};

struct HttpResponse {
  Status transport = Status::retry;  // ok: code, headers and body are there
  int code = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string_view header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

// What the host process offers; every part may be absent.
class Host {
 public:
  explicit Host(const ombud_host* raw)
      : raw_(raw),
        log_(static_cast<const ombud_log*>(raw->extension(raw, OMBUD_EXT_LOG))),
        http_(static_cast<const ombud_http*>(raw->extension(raw, OMBUD_EXT_HTTP))),
        secret_(static_cast<const ombud_secret*>(raw->extension(raw, OMBUD_EXT_SECRET))),
        hmac_(static_cast<const ombud_hmac*>(raw->extension(raw, OMBUD_EXT_HMAC))),
        record_(static_cast<const ombud_record*>(raw->extension(raw, OMBUD_EXT_RECORD))) {}

  enum Level : std::int32_t { debug = 0, info = 1, warning = 2, error = 3 };
  void log(Level level, std::string_view message, std::string_view fields_json = "{}") const {
    if (log_ != nullptr) log_->write(raw_, level, bytes(message), bytes(fields_json));
  }
  bool has_http() const { return http_ != nullptr; }

  // The whole body in memory; the host limits its size.
  HttpResponse send(const Call& call, HttpRequest request) const {
    HttpResponse response;
    response.transport = send(call, std::move(request), response, [&](std::string_view piece) {
      response.body.append(piece);
      return true;
    });
    return response;
  }
  // The body piece by piece; `head` is filled in before the first piece. A piece answered with
  // false ends the transfer.
  Status send(const Call& call, HttpRequest request, HttpResponse& head,
              const std::function<bool(std::string_view)>& piece) const {
    if (http_ == nullptr) return Status::retry;
    std::string json =
        "{\"method\":" + json_quote(request.method) + ",\"url\":" + json_quote(request.url) +
        ",\"timeout_ms\":" + std::to_string(request.timeout_ms) +
        (request.secrets_in_body ? ",\"secrets_in_body\":true" : "") + ",\"headers\":{";
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      json += (i == 0 ? "" : ",") + json_quote(request.headers[i].first) + ":" +
              json_quote(request.headers[i].second);
    }
    json += "}}";
    struct Text {
      ombud_source source;
      std::string_view left;
    } text{{nullptr,
            [](ombud_source* self, char* to, std::size_t room) -> std::int64_t {
              auto* me = static_cast<Text*>(self->impl);
              const std::size_t count = std::min(room, me->left.size());
              std::memcpy(to, me->left.data(), count);
              me->left.remove_prefix(count);
              return static_cast<std::int64_t>(count);
            }},
           request.body};
    text.source.impl = &text;
    struct Into {
      ombud_sink sink;
      HttpResponse* head;
      const std::function<bool(std::string_view)>* piece;
      bool first = true;
    } into{{nullptr,
            [](ombud_sink* self, ombud_bytes part) -> std::int32_t {
              auto* me = static_cast<Into*>(self->impl);
              if (!me->first) return (*me->piece)(view(part)) ? 0 : 1;
              me->first = false;
              read_head(view(part), *me->head);
              return 0;
            }},
           &head,
           &piece};
    into.sink.impl = &into;
    ombud_source* body = request.content        ? request.content->raw()
                         : request.body.empty() ? nullptr
                                                : &text.source;
    return static_cast<Status>(http_->send(raw_, call.raw(), bytes(json), body, &into.sink));
  }
  // The clear text behind a token; only for connectors that own their sockets ("raw-network").
  std::optional<std::string> secret(std::string_view token) const {
    char room[4096];
    if (secret_ == nullptr || secret_->reveal(raw_, bytes(token), room, sizeof room) != 0) {
      return std::nullopt;
    }
    return std::string(room);
  }
  // The keyed digest of a message as raw bytes; algorithm is "sha256" or "sha1". Nothing if the
  // host has no such secret or algorithm.
  std::optional<std::string> hmac(const char* algorithm, std::string_view token,
                                  std::string_view message) const {
    char room[64];
    if (hmac_ == nullptr) return std::nullopt;
    const std::int32_t size =
        hmac_->digest(raw_, algorithm, bytes(token), bytes(message), room, sizeof room);
    if (size < 0) return std::nullopt;
    return std::string(room, static_cast<std::size_t>(size));
  }
  // What the changes that are pushed next in this call were made of; never with a secret in it.
  bool records() const { return record_ != nullptr; }
  void record(const Call& call, std::string_view raw_json) const {
    if (record_ != nullptr) record_->raw(raw_, call.raw(), bytes(raw_json));
  }
  // Whether the text is the secret; false too if there is no such secret.
  bool is_secret(std::string_view token, std::string_view text) const {
    return hmac_ != nullptr && hmac_->equals(raw_, bytes(token), bytes(text)) == 1;
  }
  const ombud_host* raw() const { return raw_; }

 private:
  static void read_head(std::string_view text, HttpResponse& head) {
    bool first = true;
    while (!text.empty()) {
      const std::size_t end = text.find("\r\n");
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
      if (first) {
        first = false;
        const std::size_t space = line.find(' ');
        for (std::size_t i = space + 1;
             space != std::string_view::npos && i < line.size() && line[i] >= '0' && line[i] <= '9';
             ++i) {
          head.code = head.code * 10 + (line[i] - '0');
        }
        continue;
      }
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      std::string name(line.substr(0, colon));
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      std::string_view value = line.substr(colon + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      head.headers[name] = std::string(value);
    }
  }
  const ombud_host* raw_;
  const ombud_log* log_;
  const ombud_http* http_;
  const ombud_secret* secret_;
  const ombud_hmac* hmac_;
  const ombud_record* record_;
};

namespace detail {

template <class Connector>
struct Instance {
  ombud_connector c;
  Connector connector;
  Instance(Host host, std::string_view config) : c{}, connector(host, config) {}
};

template <class Connector>
Connector& of(ombud_connector* self) {
  return static_cast<Instance<Connector>*>(self->impl)->connector;
}

// Runs one member and lets nothing be thrown across.
template <Status escaped, class Body>
ombud_status guarded(const ombud_call* raw, Body body) noexcept {
  const Call call{raw};
  try {
    return static_cast<ombud_status>(body(call));
  } catch (const std::exception& error) {
    call.fail(error.what());
  } catch (...) {
    call.fail("the connector threw something that is no std::exception");
  }
  return static_cast<ombud_status>(escaped);
}

template <class C>
concept Outbound = requires {
  &C::put_ticket;
  &C::add_comment;
  &C::add_attachment;
  &C::find;
};
template <class C>
concept Poll = requires { &C::changes; };
template <class C>
concept ChoosesToPoll = requires(const C& c) { static_cast<bool>(c.polls()); };
template <class C>
concept Webhook = requires { &C::decode; };
template <class C>
concept Fetch = requires { &C::attachment; };
template <class C>
concept Health = requires { &C::check; };
template <class C>
concept Probe = requires { &C::probe; };
template <class C>
concept Replay = requires {
  &C::render;
  &C::interpret;
};
template <class C>
concept Snapshot = requires { &C::snapshot; };
template <class C>
concept ChoosesSnapshots = requires(const C& c) { static_cast<bool>(c.snapshots()); };
template <class C>
concept Traits = requires(const C& c) { std::string(c.traits()); };

template <class C>
const void* extension([[maybe_unused]] const ombud_connector* instance, const char* id) {
  const std::string_view name(id);
  if constexpr (Outbound<C>) {
    static constexpr ombud_outbound kSlots{
        [](ombud_connector* self, const ombud_call* call, const ombud_write* w, ombud_sink* out) {
          return guarded<Status::ambiguous>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).put_ticket(c, Write{w}, sink);
          });
        },
        [](ombud_connector* self, const ombud_call* call, const ombud_write* w, ombud_sink* out) {
          return guarded<Status::ambiguous>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).add_comment(c, Write{w}, sink);
          });
        },
        [](ombud_connector* self, const ombud_call* call, const ombud_write* w, ombud_sink* out) {
          return guarded<Status::ambiguous>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).add_attachment(c, Write{w}, sink);
          });
        },
        [](ombud_connector* self, const ombud_call* call, const char* kind, const ombud_write* w,
           ombud_sink* out) {
          return guarded<Status::retry>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).find(c, kind, Write{w}, sink);
          });
        }};
    if (name == OMBUD_EXT_OUTBOUND) return &kSlots;
  }
  if constexpr (Poll<C>) {
    static constexpr ombud_poll kSlots{
        [](ombud_connector* self, const ombud_call* call, ombud_bytes cursor, ombud_sink* out) {
          return guarded<Status::retry>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).changes(c, view(cursor), sink);
          });
        }};
    bool offered = name == OMBUD_EXT_POLL;
    if constexpr (ChoosesToPoll<C>) {
      offered = offered && static_cast<const Instance<C>*>(instance->impl)->connector.polls();
    }
    if (offered) return &kSlots;
  }
  if constexpr (Webhook<C>) {
    static constexpr ombud_webhook kSlots{[](ombud_connector* self, const ombud_call* call,
                                             ombud_bytes headers, ombud_bytes body,
                                             ombud_sink* out) {
      return guarded<Status::retry>(call, [&](const Call& c) {
        Sink sink{out};
        return of<C>(self).decode(c, view(headers), view(body), sink);
      });
    }};
    if (name == OMBUD_EXT_WEBHOOK) return &kSlots;
  }
  if constexpr (Fetch<C>) {
    static constexpr ombud_fetch kSlots{
        [](ombud_connector* self, const ombud_call* call, ombud_bytes reference, ombud_sink* out) {
          return guarded<Status::retry>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).attachment(c, view(reference), sink);
          });
        }};
    if (name == OMBUD_EXT_FETCH) return &kSlots;
  }
  if constexpr (Health<C>) {
    static constexpr ombud_health kSlots{[](ombud_connector* self, const ombud_call* call) {
      return guarded<Status::retry>(call, [&](const Call& c) { return of<C>(self).check(c); });
    }};
    if (name == OMBUD_EXT_HEALTH) return &kSlots;
  }
  if constexpr (Probe<C>) {
    static constexpr ombud_probe kSlots{
        [](ombud_connector* self, const ombud_call* call, ombud_bytes question, ombud_sink* out) {
          return guarded<Status::retry>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).probe(c, view(question), sink);
          });
        }};
    if (name == OMBUD_EXT_PROBE) return &kSlots;
  }
  if constexpr (Replay<C>) {
    static constexpr ombud_replay kSlots{
        [](ombud_connector* self, const ombud_call* call, const char* operation,
           const ombud_write* w, ombud_sink* out) {
          return guarded<Status::retry>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).render(c, operation, Write{w}, sink);
          });
        },
        [](ombud_connector* self, const ombud_call* call, ombud_bytes raw, ombud_sink* out) {
          return guarded<Status::retry>(call, [&](const Call& c) {
            Sink sink{out};
            return of<C>(self).interpret(c, view(raw), sink);
          });
        }};
    if (name == OMBUD_EXT_REPLAY) return &kSlots;
  }
  if constexpr (Snapshot<C>) {
    static constexpr ombud_snapshot kSlots{[](ombud_connector* self, const ombud_call* call,
                                              const ombud_write* known, ombud_sink* out) {
      return guarded<Status::retry>(call, [&](const Call& c) {
        Sink sink{out};
        return of<C>(self).snapshot(c, Write{known}, sink);
      });
    }};
    bool offered = name == OMBUD_EXT_SNAPSHOT;
    if constexpr (ChoosesSnapshots<C>) {
      offered = offered && static_cast<const Instance<C>*>(instance->impl)->connector.snapshots();
    }
    if (offered) return &kSlots;
  }
  if constexpr (Traits<C>) {
    static constexpr ombud_traits kSlots{[](const ombud_connector* self, ombud_sink* out) {
      try {
        const std::string document =
            static_cast<const Instance<C>*>(self->impl)->connector.traits();
        out->put(out, bytes(document));
      } catch (...) {  // nothing told: the descriptor's words stand
      }
    }};
    if (name == OMBUD_EXT_TRAITS) return &kSlots;
  }
  return nullptr;
}

template <class C>
ombud_connector* create(const ombud_host* host, ombud_bytes config, const ombud_call* call) {
  const Call c{call};
  try {
    auto* made = new Instance<C>(Host{host}, view(config));
    made->c = {made, [](ombud_connector* self) { delete static_cast<Instance<C>*>(self->impl); },
               &extension<C>};
    return &made->c;
  } catch (const std::exception& error) {
    c.fail(error.what());
  } catch (...) {
    c.fail("the connector threw something that is no std::exception");
  }
  return nullptr;
}

}  // namespace detail
}  // namespace ombud::sdk

// Names the connector: its class and its descriptor (in parentheses if it holds commas).
#define OMBUD_CONNECTOR(Class, descriptor_value)                               \
  static const ombud_descriptor ombud_connector_descriptor = descriptor_value; \
  extern "C" OMBUD_EXPORT                                                      \
  const ombud_entry ombud_connector_entry = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, \
                                             &ombud_connector_descriptor,      \
                                             &::ombud::sdk::detail::create<Class>};

#endif
