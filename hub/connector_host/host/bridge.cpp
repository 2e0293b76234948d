#include "connector_host/host/bridge.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "connector_host/host/ticks.hpp"
#include "connector_host/limits.hpp"

namespace ombud {

using wire::Operation;
using wire::Reply;
using wire::Status;

CallState::CallState(std::int64_t soft_deadline_ms)
    : raw_{this, [](const ombud_call* call) { return of(call).remaining_ms(); },
           [](const ombud_call* call) -> std::int32_t { return of(call).cancelled() ? 1 : 0; },
           [](const ombud_call* call, const ombud_error* error) {
             if (error == nullptr) return;
             CallState& self = of(call);
             const std::lock_guard lock(self.mutex_);
             if (self.has_said_) return;  // at most once
             self.has_said_ = true;
             if (OMBUD_HAS(error, supplier_code)) self.said_.supplier_code = error->supplier_code;
             if (OMBUD_HAS(error, retry_after_ms)) {
               self.said_.retry_after_ms = std::max<std::int64_t>(error->retry_after_ms, -1);
             }
             if (OMBUD_HAS(error, message) && error->message.data != nullptr) {
               self.said_.message.assign(error->message.data, error->message.size);
             }
           }},
      deadline_(ticks_ms() + soft_deadline_ms) {}

std::int64_t CallState::remaining_ms() const {
  return std::max<std::int64_t>(deadline_ - ticks_ms(), 0);
}

void CallState::note(std::string text) {
  const std::lock_guard lock(mutex_);
  note_ = std::move(text);  // the last one is the one that decided
}

void CallState::saw(const wire::Peer& peer) {
  const std::lock_guard lock(mutex_);
  if (peer.certificate_until_s != 0) peer_.certificate_until_s = peer.certificate_until_s;
  if (peer.date_s != 0) peer_.date_s = peer.date_s;
}

wire::Peer CallState::peer() const {
  const std::lock_guard lock(mutex_);
  return peer_;
}

void CallState::exchanged(wire::Exchange exchange) {
  const std::lock_guard lock(mutex_);
  if (exchanges_.size() == host_limits::kExchangesMax) exchanges_.erase(exchanges_.begin());
  exchanges_.push_back(std::move(exchange));
}

std::vector<wire::Exchange> CallState::take_exchanges() {
  const std::lock_guard lock(mutex_);
  return std::move(exchanges_);
}

CallState::Failure CallState::failure() const {
  const std::lock_guard lock(mutex_);
  Failure failure = said_;
  if (failure.message.empty()) {
    failure.message = note_;
  } else if (!note_.empty() && failure.message.find(note_) == std::string::npos) {
    failure.message += " (" + note_ + ")";
  }
  return failure;
}

namespace {

ombud_bytes bytes(const std::string& text) {
  return {text.data(), text.size()};
}

// Takes the documents that a connector pushes into its reply.
struct Documents {
  ombud_sink sink{this, &Documents::put};
  std::vector<std::string> taken;
  std::size_t bytes = 0;
  bool overflowed = false;

  static std::int32_t put(ombud_sink* raw, ombud_bytes document) {
    auto& self = *static_cast<Documents*>(raw->impl);
    if (document.data == nullptr) document.size = 0;
    if (self.bytes + document.size > host_limits::kReplyBytesMax ||
        self.taken.size() >= host_limits::kReplyDocumentsMax) {
      self.overflowed = true;
      return 1;
    }
    self.bytes += document.size;
    self.taken.emplace_back(document.size == 0 ? "" : document.data, document.size);
    return self.bytes > host_limits::kReplyBytesSoft ? 1 : 0;
  }
  // Room is for changes first: what they were made of is left out when it grows scarce.
  void record(std::string_view raw) {
    if (bytes + raw.size() > host_limits::kReplyBytesSoft / 2) return;
    bytes += raw.size();
    taken.push_back("{\"raw\":" + std::string(raw) + "}");
  }
};

// The bytes of attachments, from files of the hub, one after the other.
struct FileSource {
  ombud_source source{this, &FileSource::read};
  std::vector<int> files;
  std::size_t at = 0;
  ~FileSource() {
    for (const int fd : files) ::close(fd);
  }
  // Opens them all, so that one that is missing is known before the connector is. The one that
  // cannot be opened, if any.
  std::optional<std::string> open(std::string_view paths) {
    while (!paths.empty()) {
      const std::size_t end = std::min(paths.find('\n'), paths.size());
      const std::string path(paths.substr(0, end));
      const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0) return path;
      files.push_back(fd);
      paths.remove_prefix(std::min(end + 1, paths.size()));
    }
    return std::nullopt;
  }
  static std::int64_t read(ombud_source* raw, char* to, std::size_t room) {
    auto& self = *static_cast<FileSource*>(raw->impl);
    while (self.at < self.files.size()) {
      const ssize_t got = ::read(self.files[self.at], to, room);
      if (got > 0 || room == 0) return got;
      if (got < 0 && errno != EINTR) return got;
      if (got == 0) ++self.at;
    }
    return 0;
  }
};

// The bytes of an attachment, into a file for the hub.
struct FileSink {
  ombud_sink sink{this, &FileSink::put};
  int fd = -1;
  std::size_t bytes = 0;
  std::string wrong;
  ~FileSink() {
    if (fd >= 0) ::close(fd);
  }
  static std::int32_t put(ombud_sink* raw, ombud_bytes piece) {
    auto& self = *static_cast<FileSink*>(raw->impl);
    if (!self.wrong.empty()) return 1;
    self.bytes += piece.size;
    if (self.bytes > host_limits::kFetchBytesMax) {
      self.wrong = "the attachment is larger than the desk takes";
      return 1;
    }
    while (piece.size > 0) {
      const ssize_t wrote = ::write(self.fd, piece.data, piece.size);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) {
        self.wrong = std::string("the attachment could not be kept: ") + std::strerror(errno);
        return 1;
      }
      piece.data += wrote;
      piece.size -= static_cast<std::size_t>(wrote);
    }
    return 0;
  }
};

Reply answer(Status status, std::string message) {
  Reply reply;
  reply.status = status;
  reply.message = std::move(message);
  return reply;
}

// A status number as the connector gave it. Unknown: nobody knows what it did.
Status judged(ombud_status raw, bool write) {
  if (raw >= OMBUD_OK && raw <= OMBUD_CANCELLED) {
    const auto status = static_cast<Status>(raw);
    return status == Status::ambiguous && !write ? Status::retry : status;
  }
  return write ? Status::ambiguous : Status::retry;
}

}  // namespace

Reply Bridge::run(const wire::Call& call, CallState& state, const std::function<void()>& entering) {
  const bool write = wire::is_write(call.operation);
  ombud_connector* self = &connector_;
  const ombud_call* raw = state.raw();

  FileSource content;
  FileSink fetched;
  const auto not_opened = [](const std::string& path) {
    return answer(Status::retry, "The attachment's file " + path +
                                     " cannot be opened: " + std::strerror(errno) + ".");
  };
  if (call.operation == Operation::fetch) {
    fetched.fd = ::open(call.content_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fetched.fd < 0) return not_opened(call.content_path);
  } else if (write) {
    const auto missing = content.open(call.content_path);
    if (missing) return not_opened(*missing);
    if (call.operation == Operation::add_attachment && content.files.empty()) {
      return answer(Status::retry, "The attachment's file was not named.");
    }
  }
  const ombud_write input{
      sizeof(ombud_write),     call.attempt,     bytes(call.correlation),
      bytes(call.external_id), bytes(call.body), content.files.empty() ? nullptr : &content.source};
  Documents documents;
  ombud_sink* sink = &documents.sink;
  // Of the other operations nothing is kept, and what reads their documents knows no recordings.
  if (call.operation == Operation::changes || call.operation == Operation::decode) {
    state.on_record([&documents](std::string_view recording) { documents.record(recording); });
  }
  if (wire::is_of_delivery(call.operation)) state.keep_exchanges();
  std::optional<ombud_status> status;  // none: the connector does not offer the operation
  std::string escaped;
  try {
    const auto* outbound = static_cast<const ombud_outbound*>(slots(OMBUD_EXT_OUTBOUND));
    const auto writes = [&](auto slot) {
      if (outbound == nullptr || outbound->*slot == nullptr) return;
      entering();
      status = (outbound->*slot)(self, raw, &input, sink);
    };
    switch (call.operation) {
      case Operation::put_ticket:
        writes(&ombud_outbound::put_ticket);
        break;
      case Operation::add_comment:
        writes(&ombud_outbound::add_comment);
        break;
      case Operation::add_attachment:
        writes(&ombud_outbound::add_attachment);
        break;
      case Operation::find:
        if (outbound == nullptr || outbound->find == nullptr) break;
        entering();
        status = outbound->find(self, raw, call.kind.c_str(), &input, sink);
        break;
      case Operation::changes:
        if (const auto* poll = static_cast<const ombud_poll*>(slots(OMBUD_EXT_POLL));
            poll != nullptr && poll->changes != nullptr) {
          entering();
          status = poll->changes(self, raw, bytes(call.cursor), sink);
        }
        break;
      case Operation::decode:
        if (const auto* webhook = static_cast<const ombud_webhook*>(slots(OMBUD_EXT_WEBHOOK));
            webhook != nullptr && webhook->decode != nullptr) {
          entering();
          status = webhook->decode(self, raw, bytes(call.headers_json), bytes(call.body), sink);
        }
        break;
      case Operation::fetch:
        if (const auto* fetch = static_cast<const ombud_fetch*>(slots(OMBUD_EXT_FETCH));
            fetch != nullptr && fetch->attachment != nullptr) {
          entering();
          status = fetch->attachment(self, raw, bytes(call.body), &fetched.sink);
        }
        break;
      case Operation::check:
        if (const auto* health = static_cast<const ombud_health*>(slots(OMBUD_EXT_HEALTH));
            health != nullptr && health->check != nullptr) {
          entering();
          status = health->check(self, raw);
        }
        break;
      case Operation::probe:
        status = probe(call, state, entering, sink);
        break;
      case Operation::render:
        if (const auto* replay = static_cast<const ombud_replay*>(slots(OMBUD_EXT_REPLAY));
            replay != nullptr && replay->render != nullptr) {
          entering();
          status = replay->render(self, raw, call.kind.c_str(), &input, sink);
        }
        break;
      case Operation::interpret:
        if (const auto* replay = static_cast<const ombud_replay*>(slots(OMBUD_EXT_REPLAY));
            replay != nullptr && replay->interpret != nullptr) {
          entering();
          status = replay->interpret(self, raw, bytes(call.body), sink);
        }
        break;
      case Operation::snapshot:
        if (const auto* snapshot = static_cast<const ombud_snapshot*>(slots(OMBUD_EXT_SNAPSHOT));
            snapshot != nullptr && snapshot->read != nullptr) {
          entering();
          status = snapshot->read(self, raw, &input, sink);
        }
        break;
    }
  } catch (const std::exception& error) {
    escaped = std::string("The connector threw across its boundary: ") + error.what();
  } catch (...) {
    escaped = "The connector threw across its boundary.";
  }

  Reply reply;
  const CallState::Failure failure = state.failure();
  reply.message = failure.message;
  reply.supplier_code = failure.supplier_code;
  reply.retry_after_ms = failure.retry_after_ms;
  if (!escaped.empty()) {
    reply.status = write ? Status::ambiguous : Status::retry;
    reply.message = escaped;
  } else if (!status) {
    return answer(Status::permanent, "The connector does not offer " +
                                         std::string(wire::to_text(call.operation)) + ".");
  } else {
    reply.status = judged(*status, write);
    if (*status < OMBUD_OK || *status > OMBUD_CANCELLED) {
      reply.message +=
          " (The connector answered the unknown status " + std::to_string(*status) + ".)";
    }
  }
  // The connector says it did nothing, but a request of this operation left and was never answered.
  const bool denies = reply.status == Status::retry || reply.status == Status::cancelled ||
                      reply.status == Status::rate_limited;
  if (write && denies && state.in_doubt()) reply.status = Status::ambiguous;
  if (documents.overflowed) {
    if (reply.status == Status::ok) reply.status = write ? Status::ambiguous : Status::retry;
    reply.message += " (The connector pushed more than a reply may hold.)";
  }
  if (!fetched.wrong.empty()) {
    reply.status = Status::permanent;
    reply.message = "The attachment was not read: " + fetched.wrong + ".";
  }
  reply.documents = std::move(documents.taken);
  // Findings are for people, and quote what suppliers and libraries say.
  if (call.operation == Operation::probe) {
    for (std::string& finding : reply.documents) finding = mask_(to_valid_utf8(finding));
  }
  reply.peer = state.peer();
  for (wire::Exchange& exchange : state.take_exchanges()) {
    reply.exchanges.push_back(fit_to_read(std::move(exchange)));
  }
  const std::string clean = mask_(to_valid_utf8(reply.message));
  reply.message = cut_utf8(clean, host_limits::kMessageBytesMax);
  return reply;
}

wire::Exchange Bridge::fit_to_read(wire::Exchange exchange) const {
  using namespace host_limits;
  const auto text = [&](std::string& raw, std::size_t bytes_max, auto mask_named) {
    const bool cut = raw.size() >= bytes_max + kExchangeMarginBytes;
    raw = mask_named(mask_.cut(raw, bytes_max, cut, exchange.truncated));
  };
  text(exchange.url, kUrlBytesMax, &mask_named_values);
  text(exchange.request_headers, kExchangeHeadBytesMax, &mask_named_headers);
  text(exchange.response_headers, kExchangeHeadBytesMax, &mask_named_headers);
  text(exchange.request_body, kExchangeBodyBytesMax, &mask_named_values);
  text(exchange.response_body, kExchangeBodyBytesMax, &mask_named_values);
  exchange.error = mask_(to_valid_utf8(exchange.error));
  return exchange;
}

// A connector that cannot probe is asked for its health: the answer is the one finding.
std::optional<ombud_status> Bridge::probe(const wire::Call& call, CallState& state,
                                          const std::function<void()>& entering, ombud_sink* sink) {
  const auto* table = static_cast<const ombud_probe*>(slots(OMBUD_EXT_PROBE));
  const auto* health = static_cast<const ombud_health*>(slots(OMBUD_EXT_HEALTH));
  const bool probes = table != nullptr && table->probe != nullptr;
  if (!probes && (health == nullptr || health->check == nullptr)) return std::nullopt;
  if (examine_) {
    examine_([sink](std::string finding) { sink->put(sink, bytes(finding)); });
  }
  entering();
  if (probes) return table->probe(&connector_, state.raw(), bytes(call.body), sink);
  const ombud_status status = health->check(&connector_, state.raw());
  json::Writer out;
  out.begin_object().field("check", "connection");
  out.field("state", status == OMBUD_OK ? "ok" : "fail");
  out.field("detail",
            status == OMBUD_OK ? "The connector's own check passed." : state.failure().message);
  const std::string finding = out.end_object().take();
  sink->put(sink, bytes(finding));
  return OMBUD_OK;
}

std::vector<std::string> Bridge::extensions() const {
  std::vector<std::string> offered;
  for (const char* id : {OMBUD_EXT_OUTBOUND, OMBUD_EXT_POLL, OMBUD_EXT_WEBHOOK, OMBUD_EXT_FETCH,
                         OMBUD_EXT_HEALTH, OMBUD_EXT_PROBE, OMBUD_EXT_REPLAY, OMBUD_EXT_SNAPSHOT}) {
    if (slots(id) != nullptr) offered.emplace_back(id);
  }
  return offered;
}

std::string Bridge::traits() const {
  const auto* table = static_cast<const ombud_traits*>(slots(OMBUD_EXT_TRAITS));
  std::string told;
  if (table == nullptr || table->tell == nullptr) return told;
  ombud_sink sink{&told, [](ombud_sink* self, ombud_bytes document) -> std::int32_t {
                    static_cast<std::string*>(self->impl)->assign(document.data, document.size);
                    return 0;
                  }};
  table->tell(&connector_, &sink);
  return told;
}

}  // namespace ombud
