#include "conformance/kit/stage.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <ombud/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <set>
#include <stdexcept>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "conformance/kit/loan.hpp"

namespace ombud::conformance {
namespace {

constexpr Instant kStart = instant_of(1'767'600'000'000);  // 2026-01-05T08:00:00Z
constexpr Millis kOneWay{20};
constexpr std::string_view kOpen = "{{secret:";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kBase64 = "{{base64:";
constexpr std::size_t kUrlBytesMax = 8192;
constexpr std::int64_t kRealTimeMs = 300;  // of an operation of a connector with own sockets

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string json_encoded(std::string_view text) {
  const std::string quoted = json::Writer().value(text).take();
  return quoted.substr(1, quoted.size() - 2);
}

std::string http_date(std::int64_t ms) {
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

// Every origin that the settings name: what the link's file would allow.
void collect_origins(json::View value, std::set<std::string>& origins) {
  if (value.is_text()) {
    const std::string origin = origin_of(value.text());
    if (!origin.empty()) origins.insert(origin);
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    collect_origins(value.is_array() ? value.at(i) : value.member_at(i), origins);
  }
}

bool host_sets(const std::string& name) {
  return name == "host" || name == "transfer-encoding" || name == "connection" || name == "te" ||
         name == "upgrade" || name == "expect" || name == "trailer" || name == "keep-alive" ||
         name.starts_with("proxy-");
}

}  // namespace

std::string_view to_text(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::retry:
      return "retry";
    case Status::rate_limited:
      return "rate_limited";
    case Status::auth:
      return "auth";
    case Status::permanent:
      return "permanent";
    case Status::ambiguous:
      return "ambiguous";
    case Status::cancelled:
      return "cancelled";
  }
  return "an unknown status";
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos || url.size() > kUrlBytesMax) return {};
  for (const char c : url) {
    if (c <= ' ' || c > '~' || std::string_view("\\#\"<>{}^`|").find(c) != std::string_view::npos) {
      return {};
    }
  }
  const std::string scheme = lower(url.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return {};
  url.remove_prefix(scheme_end + 3);
  std::string host = lower(url.substr(0, url.find_first_of("/?")));
  if (host.empty() || host.find('@') != std::string::npos) return {};
  if (host.find(':', host.find(']') == std::string::npos ? 0 : host.find(']')) ==
      std::string::npos) {
    host += scheme == "https" ? ":443" : ":80";
  }
  return scheme + "://" + host;
}

std::string Outcome::joined() const {
  std::string all;
  for (const std::string& document : documents) all += document;
  return all;
}

struct Stage::Impl {
  const Subject& subject;
  StageOptions options;
  MemorySupplier supplier;
  std::set<std::string> origins;
  ombud_host host{};
  ombud_connector* connector = nullptr;
  Outcome created;
  std::vector<Exchange> exchanges;
  std::vector<std::string> log_lines;
  std::vector<std::string> recorded;
  std::function<void(std::size_t)> exchange_hook;
  std::function<void(HttpResponse&)> answer_hook;

  // The operation in flight.
  Outcome* running = nullptr;
  std::int64_t deadline_ms = 0;
  std::int64_t real_time_ms = 0;
  std::chrono::steady_clock::time_point began;
  bool cancelled = false;
  std::optional<Fault> fault;
  std::size_t fault_at = 0;
  bool fault_hit = false;

  Impl(const Subject& under_test, StageOptions wanted)
      : subject(under_test), options(wanted), supplier(kStart, Millis{under_test.lookup_lag_ms}) {
    host = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, this, &Impl::host_extension};
    const auto settings = json::parse(subject.settings.json);
    if (settings) collect_origins(settings->root(), origins);
  }

  static Impl& of(const ombud_host* raw) { return *static_cast<Impl*>(raw->impl); }

  // Simulated, except for a connector that waits for sockets of its own.
  std::int64_t remaining() const {
    if (subject.can("raw-network")) {
      const auto passed = std::chrono::steady_clock::now() - began;
      return std::max<std::int64_t>(
          real_time_ms - std::chrono::duration_cast<Millis>(passed).count(), 0);
    }
    return std::max<std::int64_t>(deadline_ms - supplier.now_ms(), 0);
  }

  // ---- what the host offers ----
  static const void* host_extension(const ombud_host* raw, const char* id) {
    static constexpr ombud_log kLog{&Impl::log};
    static constexpr ombud_http kHttp{&Impl::send};
    static constexpr ombud_secret kSecret{&Impl::reveal};
    if (id == nullptr || of(raw).options.bare) return nullptr;
    const std::string_view name(id);
    if (name == OMBUD_EXT_LOG) return &kLog;
    if (name == OMBUD_EXT_HTTP) return &kHttp;
    static constexpr ombud_hmac kHmac{&Impl::digest, &Impl::equals};
    if (name == OMBUD_EXT_HMAC && !of(raw).options.first_ids_only) return &kHmac;
    static constexpr ombud_record kRecord{&Impl::record};
    if (name == OMBUD_EXT_RECORD && !of(raw).options.first_ids_only) return &kRecord;
    if (name == OMBUD_EXT_SECRET && of(raw).subject.can("raw-network")) return &kSecret;
    return nullptr;
  }

  static void log(const ombud_host* raw, std::int32_t level, ombud_bytes message,
                  ombud_bytes fields) {
    of(raw).log_lines.push_back(std::to_string(level) + " " + std::string(sdk::view(message)) +
                                " " + std::string(sdk::view(fields)));
  }

  static void record(const ombud_host* raw, const ombud_call*, ombud_bytes document) {
    of(raw).recorded.emplace_back(sdk::view(document));
  }

  static std::int32_t reveal(const ombud_host* raw, ombud_bytes token, char* to, std::size_t room) {
    const Fields& secrets = of(raw).subject.settings.secrets;
    const auto found = secrets.find(sdk::view(token));
    if (found == secrets.end() || to == nullptr || found->second.size() >= room) return -1;
    std::memcpy(to, found->second.c_str(), found->second.size() + 1);
    return 0;
  }

  static std::int32_t digest(const ombud_host* raw, const char* algorithm, ombud_bytes token,
                             ombud_bytes message, char* to, std::size_t room) {
    const Fields& secrets = of(raw).subject.settings.secrets;
    const auto secret = secrets.find(sdk::view(token));
    const std::string_view name(algorithm == nullptr ? "" : algorithm);
    const EVP_MD* hash = name == "sha256" ? EVP_sha256() : name == "sha1" ? EVP_sha1() : nullptr;
    if (secret == secrets.end() || hash == nullptr || to == nullptr ||
        room < static_cast<std::size_t>(EVP_MD_size(hash))) {
      return -1;
    }
    const std::string_view text = sdk::view(message);
    unsigned char made[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (HMAC(hash, secret->second.data(), static_cast<int>(secret->second.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), made,
             &size) == nullptr) {
      return -1;
    }
    std::memcpy(to, made, size);
    return static_cast<std::int32_t>(size);
  }

  static std::int32_t equals(const ombud_host* raw, ombud_bytes token, ombud_bytes text) {
    const Fields& secrets = of(raw).subject.settings.secrets;
    const auto secret = secrets.find(sdk::view(token));
    if (secret == secrets.end()) return -1;
    return equal_constant_time(secret->second, sdk::view(text)) ? 1 : 0;
  }

  static ombud_status send(const ombud_host* raw, const ombud_call*, ombud_bytes request_json,
                           ombud_source* body, ombud_sink* response) {
    Impl& self = of(raw);
    Exchange exchange;
    HttpRequest request;
    std::int64_t timeout_ms = 0;
    const std::size_t before = self.supplier.effects();
    const std::size_t number = self.running == nullptr ? 0 : self.running->exchanges.size();
    exchange.verdict =
        self.read_request(sdk::view(request_json), body, exchange, request, timeout_ms);
    if (exchange.verdict == OMBUD_OK) {
      exchange.verdict = self.carry_out(number, request, timeout_ms, exchange, response);
    }
    // An exchange is never cut short: what happens to the operation counts from the next one on.
    if (exchange.faulted && self.fault->kind == Fault::Kind::cancel) self.cancelled = true;
    if (exchange.faulted && self.fault->kind == Fault::Kind::deadline) {
      self.deadline_ms = self.supplier.now_ms();
    }
    exchange.effects = self.supplier.effects() - before;
    const ombud_status verdict = exchange.verdict;
    if (self.running != nullptr) self.running->exchanges.push_back(exchange);
    self.exchanges.push_back(std::move(exchange));
    if (self.exchange_hook) self.exchange_hook(number);
    return verdict;
  }

  // Fills {{secret:token}} as the real host does. `encoding`: 'f' form, 'j' JSON, 0 plain.
  bool fill_secrets(std::string& text, char encoding, bool unknown_refused,
                    std::string& why) const {
    std::size_t at = 0;
    while ((at = text.find(kOpen, at)) != std::string::npos) {
      const std::size_t end = text.find(kClose, at + kOpen.size());
      if (end == std::string::npos) break;
      const std::string token = text.substr(at + kOpen.size(), end - at - kOpen.size());
      const auto found = subject.settings.secrets.find(token);
      if (found == subject.settings.secrets.end()) {
        if (unknown_refused) {
          why = "the link has no secret called \"" + token + "\"";
          return false;
        }
        at = end;
        continue;
      }
      const std::string clear = options.wrong_secrets ? "no-longer-valid" : found->second;
      const std::string value = encoding == 'f'   ? sdk::percent_encode(clear)
                                : encoding == 'j' ? json_encoded(clear)
                                                  : clear;
      text.replace(at, end + kClose.size() - at, value);
      at += value.size();
    }
    return true;
  }

  // Also "{{base64:text}}", whose text may hold secrets.
  bool fill_header(std::string& text, std::string& why) const {
    std::size_t at = 0;
    while ((at = text.find(kBase64, at)) != std::string::npos) {
      const std::size_t start = at + kBase64.size();
      std::size_t end = start;
      while (end < text.size() && text.compare(end, kClose.size(), kClose) != 0) {
        const bool nested = text.compare(end, kOpen.size(), kOpen) == 0;
        const std::size_t close = nested ? text.find(kClose, end) : end;
        if (close == std::string::npos) break;
        end = nested ? close + kClose.size() : end + 1;
      }
      if (end >= text.size()) break;
      std::string inner = text.substr(start, end - start);
      if (!fill_secrets(inner, 0, true, why)) return false;
      inner = to_base64(inner);
      text.replace(at, end + kClose.size() - at, inner);
      at += inner.size();
    }
    return fill_secrets(text, 0, true, why);
  }

  ombud_status read_request(std::string_view json_text, ombud_source* source, Exchange& exchange,
                            HttpRequest& request, std::int64_t& timeout_ms) const {
    const auto refuse = [&](const std::string& why) {
      exchange.why_not = why;
      return OMBUD_PERMANENT;
    };
    const auto parsed = json::parse(json_text);
    if (!parsed) return refuse("its description is bad JSON: " + parsed.error().detail);
    const json::View in = parsed->root();
    exchange.method = request.method = in["method"].text("GET");
    exchange.changing =
        request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
    exchange.url = in["url"].text();
    exchange.sent = std::string(json_text);
    timeout_ms = in["timeout_ms"].integer();
    std::string url = exchange.url;
    if (const std::size_t secret = url.find(kOpen); secret != std::string::npos) {
      std::string why;
      if (secret < url.find('?')) {
        return refuse("a secret belongs into a header, the body or the query, not into the path");
      }
      if (!fill_secrets(url, 'f', true, why)) return refuse(why);
    }
    exchange.origin = request.origin = origin_of(url);
    if (exchange.origin.empty()) return refuse("its URL is not a plain http or https URL");
    if (!origins.contains(exchange.origin)) {
      return refuse("the link may not talk to " + exchange.origin);
    }
    const std::size_t path = url.find_first_of("/?", url.find("://") + 3);
    request.target = path == std::string::npos ? "/" : url.substr(path);
    if (request.target[0] == '?') request.target.insert(0, "/");
    const json::View headers = in["headers"];
    bool fill_body = in["secrets_in_body"].boolean();
    char encoding = 0;
    for (std::size_t i = 0; i < headers.size(); ++i) {
      const std::string name = lower(headers.name_at(i));
      std::string value(headers.member_at(i).text());
      if (host_sets(name)) return refuse("the header " + name + " is the host's to set");
      std::string why;
      if (!fill_header(value, why)) return refuse(why);
      if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        return refuse("the header " + name + " holds a line break");
      }
      if (name == "content-type") {
        const bool form = lower(value).starts_with("application/x-www-form-urlencoded");
        fill_body = fill_body || form;
        encoding = form ? 'f' : lower(value).find("json") != std::string::npos ? 'j' : '\0';
      }
      request.headers[name] = value;
    }
    while (source != nullptr) {
      std::string piece(options.piece_bytes, '\0');
      const std::int64_t got = source->read(source, piece.data(), piece.size());
      if (got < 0) {
        exchange.why_not = "its body could not be read";
        return OMBUD_RETRY;
      }
      if (got == 0) break;
      request.body.append(piece, 0, static_cast<std::size_t>(got));
    }
    exchange.sent += "\n" + request.body;
    std::string why;
    if (fill_body) fill_secrets(request.body, encoding, false, why);
    return OMBUD_OK;
  }

  bool due(std::size_t number) const {
    return fault && (number == fault_at || (fault->for_good && number > fault_at));
  }

  ombud_status carry_out(std::size_t number, const HttpRequest& request, std::int64_t timeout_ms,
                         Exchange& exchange, ombud_sink* response) {
    using Kind = Fault::Kind;
    Fault now;
    if (due(number)) {
      now = *fault;
      fault_hit = exchange.faulted = true;
    }
    if (remaining() <= 0 || cancelled) {
      exchange.why_not = cancelled ? "the operation was cancelled" : "its time was over";
      return OMBUD_RETRY;
    }
    if (number >= kExchangesMax) {
      exchange.why_not = "the operation makes more requests than the kit counts";
      return OMBUD_RETRY;
    }
    if (now.kind == Kind::refuse) return OMBUD_RETRY;
    supplier.pass(kOneWay);
    if (now.kind == Kind::lose_request) return OMBUD_AMBIGUOUS;
    HttpResponse answer;
    if (now.kind == Kind::answer) {
      answer = {now.code, now.body, {{"Content-Type", "text/html"}}};
    } else if (subject.dialect != nullptr) {
      answer = subject.dialect->answer(supplier, request);
    } else {
      answer = {404, "", {}};
    }
    if (now.kind == Kind::answer_after) {
      answer = {now.code, now.body, {{"Content-Type", "text/html"}}};
    }
    for (const auto& [name, value] : now.headers) answer.headers[name] = value;
    if (now.kind == Kind::lose_reply) return OMBUD_AMBIGUOUS;
    if (now.kind == Kind::slow) {
      supplier.pass(Millis{timeout_ms > 0 ? std::min(timeout_ms, remaining()) : remaining()});
      return OMBUD_AMBIGUOUS;
    }
    supplier.pass(kOneWay);
    if (now.kind == Kind::not_json) {
      answer.body = "<html><body>Please sign in</body></html>";
      answer.headers["Content-Type"] = "text/html";
    }
    if (now.kind == Kind::empty) answer.body.clear();
    if (now.kind == Kind::truncate) answer.body.resize(answer.body.size() / 2);
    if (answer_hook) answer_hook(answer);
    exchange.code = answer.code;
    deliver(std::move(answer), response);
    return now.kind == Kind::truncate ? OMBUD_AMBIGUOUS : OMBUD_OK;
  }

  void deliver(HttpResponse answer, ombud_sink* response) const {
    const auto put = [&](std::string_view piece) {
      Loan loan(options.strict_loans);
      return response->put(response, loan.lend(piece)) == 0;
    };
    bool dated = false;
    std::string head = "HTTP/1.1 " + std::to_string(answer.code) + " \r\n";
    for (const auto& [name, value] : answer.headers) {
      dated = dated || lower(name) == "date";
      head += name + ": " + value + "\r\n";
    }
    if (!dated) head += "Date: " + http_date(supplier.now_ms()) + "\r\n";
    if (!put(head)) return;
    std::string_view rest(answer.body);
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, options.piece_bytes);
      if (!put(piece)) return;
      rest.remove_prefix(piece.size());
    }
  }

  // ---- running one operation ----
  struct Operation {
    Impl* stage;
    Outcome outcome;
  };

  template <class Enter>
  Outcome run(bool write, Enter enter) {
    Operation operation{this, {}};
    Outcome& outcome = operation.outcome;
    outcome.write = write;
    running = &outcome;
    recorded.clear();
    cancelled = options.cancelled;
    deadline_ms = supplier.now_ms() + options.time_ms;
    began = std::chrono::steady_clock::now();
    real_time_ms = std::min(options.time_ms, kRealTimeMs);
    const std::size_t before = supplier.effects();
    {
      Loan loan(options.strict_loans);
      const ombud_call* call = loan.lend_record(
          ombud_call{&operation,
                     [](const ombud_call* raw) {
                       return static_cast<Operation*>(raw->impl)->stage->remaining();
                     },
                     [](const ombud_call* raw) -> std::int32_t {
                       return static_cast<Operation*>(raw->impl)->stage->cancelled ? 1 : 0;
                     },
                     [](const ombud_call* raw, const ombud_error* error) {
                       take_error(static_cast<Operation*>(raw->impl)->outcome, error);
                     }});
      ombud_sink* sink = loan.lend_record(
          ombud_sink{&operation, [](ombud_sink* raw, ombud_bytes document) -> std::int32_t {
                       auto* self = static_cast<Operation*>(raw->impl);
                       Outcome& into = self->outcome;
                       if (into.documents.size() >= self->stage->options.stop_after)
                         ++into.pushed_after_stop;
                       into.documents.emplace_back(sdk::view(document));
                       return into.documents.size() >= self->stage->options.stop_after ? 1 : 0;
                     }});
      try {
        outcome.raw = enter(loan, call, sink);
      } catch (const std::exception& error) {
        outcome.threw = true;
        outcome.thrown = error.what();
      } catch (...) {
        outcome.threw = true;
        outcome.thrown = "something that is no std::exception";
      }
    }
    running = nullptr;
    fault.reset();
    outcome.effects = supplier.effects() - before;
    if (outcome.raw >= OMBUD_OK && outcome.raw <= OMBUD_CANCELLED && !outcome.threw) {
      outcome.status = static_cast<Status>(outcome.raw);
      if (outcome.status == Status::ambiguous && !write) outcome.status = Status::retry;
    } else {
      outcome.status = write ? Status::ambiguous : Status::retry;
    }
    supplier.pass(Millis{1});
    return std::move(operation.outcome);
  }

  static void take_error(Outcome& outcome, const ombud_error* error) {
    ++outcome.fail_calls;
    if (error == nullptr || outcome.fail_calls > 1) return;
    if (OMBUD_HAS(error, supplier_code)) outcome.supplier_code = error->supplier_code;
    if (OMBUD_HAS(error, retry_after_ms)) outcome.retry_after_ms = error->retry_after_ms;
    if (OMBUD_HAS(error, message)) outcome.message = sdk::view(error->message);
  }

  bool make(std::string_view config) {
    const std::optional<Fault> for_later = std::exchange(fault, std::nullopt);
    created = run(false, [&](Loan& loan, const ombud_call* call, ombud_sink*) {
      connector = subject.entry->create(&host, loan.lend(config), call);
      return connector == nullptr ? OMBUD_PERMANENT : OMBUD_OK;
    });
    fault = for_later;
    return connector != nullptr;
  }

  template <class Table>
  const Table& table(const char* id) {
    if (connector == nullptr && !make(subject.settings.json)) {
      throw std::runtime_error("The connector refuses its settings: " +
                               (created.threw ? created.thrown : created.message));
    }
    const void* found = connector->extension(connector, id);
    if (found == nullptr) throw std::runtime_error("The connector offers no " + std::string(id));
    return *static_cast<const Table*>(found);
  }

  template <class Slot>
  Outcome run_write(const Write& write, bool is_write, Slot slot) {
    const auto& slots = table<ombud_outbound>(OMBUD_EXT_OUTBOUND);
    return run(is_write, [&](Loan& loan, const ombud_call* call, ombud_sink* sink) {
      struct Content {
        ombud_source source;
        std::string_view left;
        std::size_t piece;
      } content{{nullptr,
                 [](ombud_source* raw, char* to, std::size_t room) -> std::int64_t {
                   auto* self = static_cast<Content*>(raw->impl);
                   const std::size_t count = std::min({room, self->left.size(), self->piece});
                   std::memcpy(to, self->left.data(), count);
                   self->left.remove_prefix(count);
                   return static_cast<std::int64_t>(count);
                 }},
                write.content ? std::string_view(*write.content) : std::string_view(),
                options.piece_bytes};
      content.source.impl = &content;
      const ombud_write* record = loan.lend_record(
          ombud_write{sizeof(ombud_write), write.attempt, loan.lend(write.correlation),
                      loan.lend(write.external_id), loan.lend(write.body),
                      write.content ? &content.source : nullptr});
      return slot(slots, call, record, sink);
    });
  }
};

void ask_traits(Subject& subject) {
  if (subject.entry == nullptr || !subject.has_settings) return;
  Stage stage(subject);
  if (!stage.create()) return;  // the cases will say so
  const auto* table = static_cast<const ombud_traits*>(stage.extension(OMBUD_EXT_TRAITS));
  if (table == nullptr) return;
  std::string told;
  ombud_sink sink{&told, [](ombud_sink* self, ombud_bytes document) -> std::int32_t {
                    *static_cast<std::string*>(self->impl) = sdk::view(document);
                    return 0;
                  }};
  table->tell(stage.connector(), &sink);
  const auto parsed = json::parse(told);
  if (!parsed) return;
  if (const json::View names = (*parsed)["capabilities"]; names.is_array()) {
    // Its rights over the process stay those of the manifest.
    const bool raw_network = subject.can("raw-network");
    subject.capabilities.clear();
    if (raw_network) subject.capabilities.emplace_back("raw-network");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names.at(i).text() != "raw-network")
        subject.capabilities.emplace_back(names.at(i).text());
    }
  }
  subject.lookup_lag_ms = (*parsed)["lookup_lag_ms"].integer(subject.lookup_lag_ms);
}

Stage::Stage(const Subject& subject, StageOptions options)
    : impl_(std::make_unique<Impl>(subject, options)) {}

Stage::~Stage() {
  destroy();
}

bool Stage::create() {
  return create_with(impl_->subject.settings.json);
}
bool Stage::create_with(std::string_view config_json) {
  destroy();
  return impl_->make(config_json);
}
void Stage::destroy() {
  if (impl_->connector == nullptr) return;
  ombud_connector* connector = std::exchange(impl_->connector, nullptr);
  connector->destroy(connector);
}
void Stage::restart() {
  destroy();
  if (!create()) throw std::runtime_error("The connector refuses its settings the second time.");
}
const Outcome& Stage::create_outcome() const {
  return impl_->created;
}

const void* Stage::extension(const char* id) const {
  if (impl_->connector == nullptr && !impl_->make(impl_->subject.settings.json)) return nullptr;
  return impl_->connector->extension(impl_->connector, id);
}
bool Stage::offers(const char* id) const {
  return extension(id) != nullptr;
}

const ombud_connector* Stage::connector() const {
  return impl_->connector;
}

Outcome Stage::put_ticket(const Write& write) {
  return impl_->run_write(
      write, true,
      [&](const ombud_outbound& slots, const ombud_call* call, const ombud_write* record,
          ombud_sink* sink) { return slots.put_ticket(impl_->connector, call, record, sink); });
}
Outcome Stage::add_comment(const Write& write) {
  return impl_->run_write(
      write, true,
      [&](const ombud_outbound& slots, const ombud_call* call, const ombud_write* record,
          ombud_sink* sink) { return slots.add_comment(impl_->connector, call, record, sink); });
}
Outcome Stage::add_attachment(const Write& write) {
  return impl_->run_write(
      write, true,
      [&](const ombud_outbound& slots, const ombud_call* call, const ombud_write* record,
          ombud_sink* sink) { return slots.add_attachment(impl_->connector, call, record, sink); });
}
Outcome Stage::find(const std::string& kind, const Write& write) {
  return impl_->run_write(write, false,
                          [&](const ombud_outbound& slots, const ombud_call* call,
                              const ombud_write* record, ombud_sink* sink) {
                            return slots.find(impl_->connector, call, kind.c_str(), record, sink);
                          });
}
Outcome Stage::check() {
  const auto& slots = impl_->table<ombud_health>(OMBUD_EXT_HEALTH);
  return impl_->run(false, [&](Loan&, const ombud_call* call, ombud_sink*) {
    return slots.check(impl_->connector, call);
  });
}
Outcome Stage::changes(std::string_view cursor) {
  const auto& slots = impl_->table<ombud_poll>(OMBUD_EXT_POLL);
  return impl_->run(false, [&](Loan& loan, const ombud_call* call, ombud_sink* sink) {
    return slots.changes(impl_->connector, call, loan.lend(cursor), sink);
  });
}
Outcome Stage::decode(std::string_view headers_json, std::string_view body) {
  const auto& slots = impl_->table<ombud_webhook>(OMBUD_EXT_WEBHOOK);
  return impl_->run(false, [&](Loan& loan, const ombud_call* call, ombud_sink* sink) {
    return slots.decode(impl_->connector, call, loan.lend(headers_json), loan.lend(body), sink);
  });
}
Outcome Stage::fetch(std::string_view reference_json) {
  const auto& slots = impl_->table<ombud_fetch>(OMBUD_EXT_FETCH);
  return impl_->run(false, [&](Loan& loan, const ombud_call* call, ombud_sink* sink) {
    return slots.attachment(impl_->connector, call, loan.lend(reference_json), sink);
  });
}

Outcome Stage::snapshot(const Write& known) {
  return impl_->run_write(known, false,
                          [&](const ombud_outbound&, const ombud_call* call,
                              const ombud_write* record, ombud_sink* sink) {
                            return impl_->table<ombud_snapshot>(OMBUD_EXT_SNAPSHOT)
                                .read(impl_->connector, call, record, sink);
                          });
}
Outcome Stage::probe(std::string_view question_json) {
  const auto& slots = impl_->table<ombud_probe>(OMBUD_EXT_PROBE);
  return impl_->run(false, [&](Loan& loan, const ombud_call* call, ombud_sink* sink) {
    return slots.probe(impl_->connector, call, loan.lend(question_json), sink);
  });
}
Outcome Stage::render(const std::string& operation, const Write& write) {
  const auto& slots = impl_->table<ombud_replay>(OMBUD_EXT_REPLAY);
  return impl_->run_write(write, false,
                          [&](const ombud_outbound&, const ombud_call* call,
                              const ombud_write* record, ombud_sink* sink) {
                            return slots.render(impl_->connector, call, operation.c_str(), record,
                                                sink);
                          });
}
Outcome Stage::interpret(std::string_view raw_json) {
  const auto& slots = impl_->table<ombud_replay>(OMBUD_EXT_REPLAY);
  return impl_->run(false, [&](Loan& loan, const ombud_call* call, ombud_sink* sink) {
    return slots.interpret(impl_->connector, call, loan.lend(raw_json), sink);
  });
}

void Stage::arm(const Fault& fault, std::size_t exchange) {
  impl_->fault = fault;
  impl_->fault_at = exchange;
  impl_->fault_hit = false;
}
bool Stage::hit() const {
  return impl_->fault_hit;
}
void Stage::after_exchange(std::function<void(std::size_t)> hook) {
  impl_->exchange_hook = std::move(hook);
}
void Stage::on_answer(std::function<void(HttpResponse&)> hook) {
  impl_->answer_hook = std::move(hook);
}
MemorySupplier& Stage::supplier() {
  return impl_->supplier;
}
StageOptions& Stage::options() {
  return impl_->options;
}
const std::vector<Exchange>& Stage::exchanges() const {
  return impl_->exchanges;
}
const std::vector<std::string>& Stage::log_lines() const {
  return impl_->log_lines;
}
const std::vector<std::string>& Stage::recorded() const {
  return impl_->recorded;
}
void Stage::forget() {
  impl_->exchanges.clear();
  impl_->log_lines.clear();
}

}  // namespace ombud::conformance
