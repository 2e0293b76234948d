// A host for one connector inside the test: loads its library, answers secrets, gathers what is
// pushed.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <ombud/connector.hpp>

#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::bench {

struct Outcome {
  sdk::Status status = sdk::Status::ambiguous;
  std::string message;
  int supplier_code = 0;
  std::int64_t retry_after_ms = -1;
  std::vector<std::string> documents;
};

// One operation's frame: deadline, cancel flag, and the failure if one was told.
class Frame {
 public:
  explicit Frame(std::int64_t budget_ms, const std::atomic<bool>* cancel = nullptr)
      : started_(std::chrono::steady_clock::now()), budget_ms_(budget_ms), cancel_(cancel) {
    call_.impl = this;
    call_.remaining_ms = [](const ombud_call* self) {
      const auto* me = static_cast<const Frame*>(self->impl);
      const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(
          std::chrono::steady_clock::now() - me->started_);
      return me->budget_ms_ - static_cast<std::int64_t>(gone.count());
    };
    call_.cancelled = [](const ombud_call* self) -> std::int32_t {
      const auto* cancel_flag = static_cast<const Frame*>(self->impl)->cancel_;
      return cancel_flag != nullptr && cancel_flag->load() ? 1 : 0;
    };
    call_.fail = [](const ombud_call* self, const ombud_error* error) {
      auto* me = static_cast<Frame*>(self->impl);
      me->outcome.message = std::string(sdk::view(error->message));
      me->outcome.supplier_code = error->supplier_code;
      me->outcome.retry_after_ms = error->retry_after_ms;
      ++me->failures;
    };
    sink_.impl = this;
    sink_.put = [](ombud_sink* self, ombud_bytes document) -> std::int32_t {
      static_cast<Frame*>(self->impl)->outcome.documents.emplace_back(sdk::view(document));
      return 0;
    };
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ombud_call* call() { return &call_; }
  ombud_sink* sink() { return &sink_; }
  Outcome finish(ombud_status status) {
    EXPECT_LE(failures, 1) << "fail() was called more than once";
    outcome.status = static_cast<sdk::Status>(status);
    return outcome;
  }

  Outcome outcome;
  int failures = 0;

 private:
  std::chrono::steady_clock::time_point started_;
  std::int64_t budget_ms_;
  const std::atomic<bool>* cancel_;
  ombud_call call_{};
  ombud_sink sink_{};
};

// Bytes handed out a few at a time.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : left_(bytes) {
    source_.impl = this;
    source_.read = [](ombud_source* self, char* to, std::size_t room) -> std::int64_t {
      auto* me = static_cast<Bytes*>(self->impl);
      const std::size_t count = std::min({room, me->left_.size(), std::size_t{1000}});
      std::memcpy(to, me->left_.data(), count);
      me->left_.remove_prefix(count);
      return static_cast<std::int64_t>(count);
    };
  }
  ombud_source* source() { return &source_; }

 private:
  std::string_view left_;
  ombud_source source_{};
};

struct Job {
  std::string correlation;
  std::string external_id;
  std::string body;
  std::string content;
  bool has_content = false;
};

class Bench {
 public:
  // Loads the library and creates one connector; `refusal` holds its words if it declined.
  Bench(const char* library, const std::string& settings,
        std::map<std::string, std::string> secrets)
      : secrets_(std::move(secrets)) {
    void* loaded =
        dlopen(library, RTLD_NOW | RTLD_LOCAL);  // never unloaded, as in the host process
    if (loaded == nullptr) throw std::runtime_error(dlerror());
    entry_ = static_cast<const ombud_entry*>(dlsym(loaded, "ombud_connector_entry"));
    if (entry_ == nullptr) throw std::runtime_error(dlerror());
    host_ = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, this, [](const ombud_host* self, const char* id) {
               const auto* me = static_cast<const Bench*>(self->impl);
               return std::string_view(id) == OMBUD_EXT_SECRET
                          ? static_cast<const void*>(&me->secret_)
                          : nullptr;
             }};
    secret_.reveal = [](const ombud_host* self, ombud_bytes token, char* to,
                        size_t room) -> std::int32_t {
      const auto* me = static_cast<const Bench*>(self->impl);
      const auto found = me->secrets_.find(std::string(sdk::view(token)));
      if (found == me->secrets_.end() || found->second.size() + 1 > room) return -1;
      std::memcpy(to, found->second.c_str(), found->second.size() + 1);
      return 0;
    };
    Frame frame(5'000);
    connector_ = entry_->create(&host_, sdk::bytes(settings), frame.call());
    refusal = frame.outcome.message;
  }
  ~Bench() {
    if (connector_ != nullptr) connector_->destroy(connector_);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  bool created() const { return connector_ != nullptr; }
  const ombud_descriptor& descriptor() const { return *entry_->descriptor; }
  void budget_ms(std::int64_t ms) { budget_ms_ = ms; }
  void cancel_with(const std::atomic<bool>* flag) { cancel_ = flag; }

  Outcome put_ticket(const Job& job) { return write(&ombud_outbound::put_ticket, job); }
  Outcome add_comment(const Job& job) { return write(&ombud_outbound::add_comment, job); }
  Outcome add_attachment(const Job& job) { return write(&ombud_outbound::add_attachment, job); }
  Outcome find(const char* kind, const Job& job) {
    Frame frame(budget_ms_, cancel_);
    const ombud_write raw = record(job, nullptr);
    return frame.finish(outbound()->find(connector_, frame.call(), kind, &raw, frame.sink()));
  }
  Outcome changes(std::string_view cursor) {
    Frame frame(budget_ms_, cancel_);
    const auto* poll = static_cast<const ombud_poll*>(extension(OMBUD_EXT_POLL));
    return frame.finish(poll->changes(connector_, frame.call(), sdk::bytes(cursor), frame.sink()));
  }
  Outcome decode(std::string_view headers, std::string_view body) {
    Frame frame(budget_ms_, cancel_);
    const auto* hook = static_cast<const ombud_webhook*>(extension(OMBUD_EXT_WEBHOOK));
    return frame.finish(hook->decode(connector_, frame.call(), sdk::bytes(headers),
                                     sdk::bytes(body), frame.sink()));
  }
  Outcome attachment(std::string_view reference) {
    Frame frame(budget_ms_, cancel_);
    const auto* fetch = static_cast<const ombud_fetch*>(extension(OMBUD_EXT_FETCH));
    return frame.finish(
        fetch->attachment(connector_, frame.call(), sdk::bytes(reference), frame.sink()));
  }
  Outcome check() {
    Frame frame(budget_ms_, cancel_);
    const auto* health = static_cast<const ombud_health*>(extension(OMBUD_EXT_HEALTH));
    return frame.finish(health->check(connector_, frame.call()));
  }
  const void* extension(const char* id) const { return connector_->extension(connector_, id); }

  std::string refusal;

 private:
  using Slot = ombud_status (*ombud_outbound::*)(ombud_connector*, const ombud_call*,
                                                 const ombud_write*, ombud_sink*);
  const ombud_outbound* outbound() const {
    return static_cast<const ombud_outbound*>(extension(OMBUD_EXT_OUTBOUND));
  }
  static ombud_write record(const Job& job, ombud_source* content) {
    return {sizeof(ombud_write),  1,      sdk::bytes(job.correlation), sdk::bytes(job.external_id),
            sdk::bytes(job.body), content};
  }
  Outcome write(Slot slot, const Job& job) {
    Frame frame(budget_ms_, cancel_);
    Bytes content(job.content);
    const ombud_write raw = record(job, job.has_content ? content.source() : nullptr);
    return frame.finish((outbound()->*slot)(connector_, frame.call(), &raw, frame.sink()));
  }

  std::map<std::string, std::string> secrets_;
  const ombud_entry* entry_ = nullptr;
  ombud_host host_{};
  ombud_secret secret_{};
  ombud_connector* connector_ = nullptr;
  std::int64_t budget_ms_ = 10'000;
  const std::atomic<bool>* cancel_ = nullptr;
};

}  // namespace ombud::bench
