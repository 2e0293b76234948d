#include "support/connector_bench.hpp"

#include <dlfcn.h>
#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/host/keyed_digest.hpp"

namespace ombud::test {
namespace {

constexpr std::int64_t kRemainingMs = 30'000;
constexpr int kTimeoutSeconds = 20;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// Text as a source, at most `piece` bytes a read.
struct TextSource {
  ombud_source source{};
  std::string_view left;
  std::size_t piece = SIZE_MAX;

  TextSource(std::string_view text, std::size_t piece_bytes) : left(text), piece(piece_bytes) {
    source.impl = this;
    source.read = [](ombud_source* self, char* to, std::size_t room) -> std::int64_t {
      auto* me = static_cast<TextSource*>(self->impl);
      const std::size_t count = std::min({room, me->piece, me->left.size()});
      std::memcpy(to, me->left.data(), count);
      me->left.remove_prefix(count);
      return static_cast<std::int64_t>(count);
    };
  }
  TextSource(const TextSource&) = delete;
  TextSource& operator=(const TextSource&) = delete;
};

std::string read_all(ombud_source* source) {
  std::string all;
  if (source == nullptr) return all;
  char piece[4096];
  for (;;) {
    const std::int64_t got = source->read(source, piece, sizeof piece);
    if (got < 0) throw std::runtime_error("the connector's request body could not be read");
    if (got == 0) return all;
    all.append(piece, static_cast<std::size_t>(got));
  }
}

std::string head_of(int code, const std::multimap<std::string, std::string>& headers) {
  std::string head = "HTTP/1.1 " + std::to_string(code) + " \r\n";
  for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
  return head;
}

}  // namespace

const ombud_entry& load_connector(const std::string& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  const void* entry = dlsym(handle, "ombud_connector_entry");
  if (entry == nullptr) throw std::runtime_error(library + " exports no ombud_connector_entry");
  return *static_cast<const ombud_entry*>(entry);
}

std::string BenchOutcome::joined() const {
  std::string all;
  for (const std::string& document : documents) all += document;
  return all;
}

struct ConnectorBench::Impl {
  ombud_host host{};
  ombud_connector* connector = nullptr;
  std::string settings;
  std::map<std::string, std::string> secrets;
  bool owns_sockets = false;
  Hook hook;
  std::function<bool()> cancelled = [] { return false; };
  std::function<std::int64_t()> remaining = [] { return kRemainingMs; };
  std::size_t stop_after = SIZE_MAX;
  std::vector<BenchRequest> requests;
  std::vector<std::string> log_lines;
  std::vector<std::string> recorded;

  static Impl& of(const ombud_host* host) { return *static_cast<Impl*>(host->impl); }

  // As the host does it in headers: {{base64:user:{{secret:token}}}}.
  std::string header_with_secrets(const std::string& text) const {
    constexpr std::string_view kOpen = "{{base64:";
    const std::size_t at = text.find(kOpen);
    if (at == std::string::npos || !text.ends_with("}}")) return with_secrets(text);
    const std::string inner = text.substr(at + kOpen.size(), text.size() - at - kOpen.size() - 2);
    return text.substr(0, at) + to_base64(with_secrets(inner));
  }
  std::string with_secrets(std::string text) const {
    for (const auto& [token, clear] : secrets) {
      const std::string mark = "{{secret:" + token + "}}";
      for (std::size_t at = text.find(mark); at != std::string::npos;
           at = text.find(mark, at + clear.size())) {
        text.replace(at, mark.size(), clear);
      }
    }
    return text;
  }

  ombud_status send(std::string_view request_json, ombud_source* body, ombud_sink* response) {
    const auto parsed = json::parse(request_json);
    if (!parsed) throw std::runtime_error("the connector's request is not acceptable JSON");
    BenchRequest request;
    request.method = (*parsed)["method"].text();
    request.url = with_secrets(std::string((*parsed)["url"].text()));
    const json::View headers = (*parsed)["headers"];
    for (std::size_t i = 0; i < headers.size(); ++i) {
      request.headers[lower(std::string(headers.name_at(i)))] =
          header_with_secrets(std::string(headers.member_at(i).text()));
    }
    const auto type = request.headers.find("content-type");
    const bool form =
        type != request.headers.end() && type->second == "application/x-www-form-urlencoded";
    request.body = read_all(body);
    if (form || (*parsed)["secrets_in_body"].boolean()) request.body = with_secrets(request.body);
    const std::size_t scheme = request.url.find("://");
    const std::size_t path =
        scheme == std::string::npos ? std::string::npos : request.url.find('/', scheme + 3);
    request.target = path == std::string::npos ? "/" : request.url.substr(path);
    requests.push_back(request);

    const BenchFault fault = hook ? hook(request) : BenchFault{};
    switch (fault.kind) {
      case BenchFault::Kind::none:
        return transmit(request, request.url.substr(0, path), response);
      case BenchFault::Kind::refuse:
        return OMBUD_RETRY;
      case BenchFault::Kind::drop_before:
        return OMBUD_AMBIGUOUS;
      case BenchFault::Kind::drop_after:
        transmit(request, request.url.substr(0, path), nullptr);
        return OMBUD_AMBIGUOUS;
      case BenchFault::Kind::answer_after:
        transmit(request, request.url.substr(0, path), nullptr);
        [[fallthrough]];
      case BenchFault::Kind::answer:
        deliver(fault.code, {fault.headers.begin(), fault.headers.end()}, fault.body, response);
        return OMBUD_OK;
    }
    return OMBUD_AMBIGUOUS;
  }

  static void deliver(int code, const std::multimap<std::string, std::string>& headers,
                      std::string_view body, ombud_sink* response) {
    if (response->put(response, sdk::bytes(head_of(code, headers))) != 0) return;
    if (!body.empty()) response->put(response, sdk::bytes(body));
  }

  static ombud_status transmit(const BenchRequest& request, const std::string& origin,
                               ombud_sink* response) {
    httplib::Client client(origin);
    client.set_url_encode(false);
    client.set_follow_location(false);
    client.set_connection_timeout(kTimeoutSeconds);
    client.set_read_timeout(kTimeoutSeconds);
    httplib::Request sent;
    sent.method = request.method;
    sent.path = request.target;
    for (const auto& [name, value] : request.headers) sent.headers.emplace(name, value);
    sent.body = request.body;
    const httplib::Result result = client.send(sent);
    if (!result) {
      return result.error() == httplib::Error::Connection ? OMBUD_RETRY : OMBUD_AMBIGUOUS;
    }
    if (response == nullptr) return OMBUD_OK;
    deliver(result->status, {result->headers.begin(), result->headers.end()}, result->body,
            response);
    return OMBUD_OK;
  }

  static void log(const ombud_host* self, std::int32_t level, ombud_bytes message,
                  ombud_bytes fields) {
    of(self).log_lines.push_back(std::to_string(level) + " " + std::string(sdk::view(message)) +
                                 " " + std::string(sdk::view(fields)));
  }
  static ombud_status http(const ombud_host* self, const ombud_call*, ombud_bytes request,
                           ombud_source* body, ombud_sink* response) {
    return of(self).send(sdk::view(request), body, response);
  }
  static std::int32_t reveal(const ombud_host* self, ombud_bytes token, char* to,
                             std::size_t room) {
    const auto found = of(self).secrets.find(std::string(sdk::view(token)));
    if (found == of(self).secrets.end() || found->second.size() + 1 > room) return -1;
    std::memcpy(to, found->second.c_str(), found->second.size() + 1);
    return 0;
  }

  static std::int32_t digest(const ombud_host* self, const char* algorithm, ombud_bytes token,
                             ombud_bytes message, char* to, std::size_t room) {
    return keyed_digest(of(self).secrets, algorithm, token, message, to, room);
  }
  static std::int32_t equals(const ombud_host* self, ombud_bytes token, ombud_bytes text) {
    return equals_secret(of(self).secrets, token, text);
  }

  static const void* extension(const ombud_host* self, const char* id) {
    static constexpr ombud_hmac kHmac{&Impl::digest, &Impl::equals};
    if (std::string_view(id) == OMBUD_EXT_HMAC) return &kHmac;
    static constexpr ombud_log kLog{&Impl::log};
    static constexpr ombud_http kHttp{&Impl::http};
    static constexpr ombud_secret kSecret{&Impl::reveal};
    static constexpr ombud_record kRecord{
        [](const ombud_host* self_host, const ombud_call*, ombud_bytes raw) {
          of(self_host).recorded.emplace_back(sdk::view(raw));
        }};
    const std::string_view name(id);
    if (name == OMBUD_EXT_LOG) return &kLog;
    if (name == OMBUD_EXT_HTTP) return &kHttp;
    if (name == OMBUD_EXT_SECRET && of(self).owns_sockets) return &kSecret;
    if (name == OMBUD_EXT_RECORD) return &kRecord;
    return nullptr;
  }

  template <class Table>
  const Table& table(const char* id) const {
    const void* found = connector->extension(connector, id);
    if (found == nullptr) throw std::logic_error(std::string("the connector offers no ") + id);
    return *static_cast<const Table*>(found);
  }

  // Runs one operation with a call and a sink of its own.
  template <class Operation>
  BenchOutcome run(Operation operation) {
    struct Running {
      Impl* bench;
      BenchOutcome outcome;
    } running{this, {}};
    const ombud_call call{&running,
                          [](const ombud_call* self) {
                            return static_cast<Running*>(self->impl)->bench->remaining();
                          },
                          [](const ombud_call* self) -> std::int32_t {
                            return static_cast<Running*>(self->impl)->bench->cancelled() ? 1 : 0;
                          },
                          [](const ombud_call* self, const ombud_error* error) {
                            BenchOutcome& outcome = static_cast<Running*>(self->impl)->outcome;
                            ++outcome.fail_calls;
                            outcome.message = sdk::view(error->message);
                            outcome.supplier_code = error->supplier_code;
                            outcome.retry_after_ms = error->retry_after_ms;
                          }};
    ombud_sink sink{&running, [](ombud_sink* self, ombud_bytes document) -> std::int32_t {
                      auto* me = static_cast<Running*>(self->impl);
                      me->outcome.documents.emplace_back(sdk::view(document));
                      return me->outcome.documents.size() >= me->bench->stop_after ? 1 : 0;
                    }};
    running.outcome.status = static_cast<sdk::Status>(operation(&call, &sink));
    return running.outcome;
  }

  template <class Operation>
  BenchOutcome run_write(const BenchWrite& write, Operation operation) {
    TextSource content(write.content ? std::string_view(*write.content) : std::string_view(),
                       write.content_piece);
    const ombud_write record{
        sizeof(ombud_write),           write.attempt,
        sdk::bytes(write.correlation), sdk::bytes(write.external_id),
        sdk::bytes(write.body),        write.content ? &content.source : nullptr};
    return run([&](const ombud_call* call, ombud_sink* sink) {
      return operation(table<ombud_outbound>(OMBUD_EXT_OUTBOUND), call, &record, sink);
    });
  }
};

ConnectorBench::ConnectorBench(const ombud_entry& entry, std::string settings,
                               std::map<std::string, std::string> secrets)
    : impl_(std::make_unique<Impl>()) {
  impl_->host = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, impl_.get(), &Impl::extension};
  impl_->settings = std::move(settings);
  impl_->secrets = std::move(secrets);
  for (const char* const* name = entry.descriptor->capabilities; *name != nullptr; ++name) {
    if (std::string_view(*name) == "raw-network") impl_->owns_sockets = true;
  }
  const BenchOutcome made = impl_->run([&](const ombud_call* call, ombud_sink*) {
    impl_->connector = entry.create(&impl_->host, sdk::bytes(impl_->settings), call);
    return impl_->connector == nullptr ? OMBUD_PERMANENT : OMBUD_OK;
  });
  if (impl_->connector == nullptr) throw std::runtime_error(made.message);
}

ConnectorBench::~ConnectorBench() {
  impl_->connector->destroy(impl_->connector);
}

BenchOutcome ConnectorBench::put_ticket(const BenchWrite& write) {
  return impl_->run_write(write, [&](const ombud_outbound& slots, const ombud_call* call,
                                     const ombud_write* record, ombud_sink* sink) {
    return slots.put_ticket(impl_->connector, call, record, sink);
  });
}
BenchOutcome ConnectorBench::add_comment(const BenchWrite& write) {
  return impl_->run_write(write, [&](const ombud_outbound& slots, const ombud_call* call,
                                     const ombud_write* record, ombud_sink* sink) {
    return slots.add_comment(impl_->connector, call, record, sink);
  });
}
BenchOutcome ConnectorBench::add_attachment(const BenchWrite& write) {
  return impl_->run_write(write, [&](const ombud_outbound& slots, const ombud_call* call,
                                     const ombud_write* record, ombud_sink* sink) {
    return slots.add_attachment(impl_->connector, call, record, sink);
  });
}
BenchOutcome ConnectorBench::find(const std::string& kind, const BenchWrite& write) {
  return impl_->run_write(write, [&](const ombud_outbound& slots, const ombud_call* call,
                                     const ombud_write* record, ombud_sink* sink) {
    return slots.find(impl_->connector, call, kind.c_str(), record, sink);
  });
}
BenchOutcome ConnectorBench::check() {
  return impl_->run([&](const ombud_call* call, ombud_sink*) {
    return impl_->table<ombud_health>(OMBUD_EXT_HEALTH).check(impl_->connector, call);
  });
}
BenchOutcome ConnectorBench::changes(std::string_view cursor) {
  return impl_->run([&](const ombud_call* call, ombud_sink* sink) {
    return impl_->table<ombud_poll>(OMBUD_EXT_POLL)
        .changes(impl_->connector, call, sdk::bytes(cursor), sink);
  });
}
BenchOutcome ConnectorBench::decode(std::string_view headers_json, std::string_view body) {
  return impl_->run([&](const ombud_call* call, ombud_sink* sink) {
    return impl_->table<ombud_webhook>(OMBUD_EXT_WEBHOOK)
        .decode(impl_->connector, call, sdk::bytes(headers_json), sdk::bytes(body), sink);
  });
}
BenchOutcome ConnectorBench::attachment(std::string_view reference_json) {
  return impl_->run([&](const ombud_call* call, ombud_sink* sink) {
    return impl_->table<ombud_fetch>(OMBUD_EXT_FETCH)
        .attachment(impl_->connector, call, sdk::bytes(reference_json), sink);
  });
}

BenchOutcome ConnectorBench::snapshot(const BenchWrite& known) {
  return impl_->run_write(known, [&](const ombud_outbound&, const ombud_call* call,
                                     const ombud_write* record, ombud_sink* sink) {
    return impl_->table<ombud_snapshot>(OMBUD_EXT_SNAPSHOT)
        .read(impl_->connector, call, record, sink);
  });
}
BenchOutcome ConnectorBench::probe(std::string_view question_json) {
  return impl_->run([&](const ombud_call* call, ombud_sink* sink) {
    return impl_->table<ombud_probe>(OMBUD_EXT_PROBE)
        .probe(impl_->connector, call, sdk::bytes(question_json), sink);
  });
}
BenchOutcome ConnectorBench::render(const std::string& operation, const BenchWrite& write) {
  const ombud_write record{sizeof(ombud_write),           write.attempt,
                           sdk::bytes(write.correlation), sdk::bytes(write.external_id),
                           sdk::bytes(write.body),        nullptr};
  return impl_->run([&](const ombud_call* call, ombud_sink* sink) {
    return impl_->table<ombud_replay>(OMBUD_EXT_REPLAY)
        .render(impl_->connector, call, operation.c_str(), &record, sink);
  });
}
BenchOutcome ConnectorBench::interpret(std::string_view raw_json) {
  return impl_->run([&](const ombud_call* call, ombud_sink* sink) {
    return impl_->table<ombud_replay>(OMBUD_EXT_REPLAY)
        .interpret(impl_->connector, call, sdk::bytes(raw_json), sink);
  });
}
const std::vector<std::string>& ConnectorBench::recorded() const {
  return impl_->recorded;
}

void ConnectorBench::on_request(Hook hook) {
  impl_->hook = std::move(hook);
}
void ConnectorBench::on_cancelled(std::function<bool()> cancelled) {
  impl_->cancelled = std::move(cancelled);
}
void ConnectorBench::on_remaining(std::function<std::int64_t()> remaining) {
  impl_->remaining = std::move(remaining);
}
void ConnectorBench::stop_after(std::size_t documents) {
  impl_->stop_after = documents;
}
const std::vector<BenchRequest>& ConnectorBench::requests() const {
  return impl_->requests;
}
void ConnectorBench::forget_requests() {
  impl_->requests.clear();
}
const std::vector<std::string>& ConnectorBench::log_lines() const {
  return impl_->log_lines;
}

}  // namespace ombud::test
