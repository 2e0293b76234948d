#include "identity/oidc/curl_fetcher.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

constexpr int kPollMs = 60'000;  // a wakeup ends it sooner

void start_curl() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl could not start");
    }
  });
}

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void check(CURLcode code) {
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string("libcurl refused a setting: ") + curl_easy_strerror(code));
  }
}
void set(CURL* handle, CURLoption option, long value) {
  check(curl_easy_setopt(handle, option, value));
}
void set(CURL* handle, CURLoption option, const std::string& value) {
  check(curl_easy_setopt(handle, option, value.c_str()));
}
void set(CURL* handle, CURLoption option, void* value) {
  check(curl_easy_setopt(handle, option, value));
}

struct Transfer {
  FetchRequest request;
  Fetcher::Done done;
  std::unique_ptr<CURL, FreeEasy> handle = {};
  std::unique_ptr<curl_slist, FreeList> headers = {};
  std::string body = {};
  bool too_large = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& transfer = *static_cast<Transfer*>(to);
  if (transfer.body.size() + size * count > kAnswerBytesMax) {
    transfer.too_large = true;
    return 0;  // ends the transfer
  }
  transfer.body.append(bytes, size * count);
  return size * count;
}

void add_header(Transfer& transfer, const std::string& line) {
  curl_slist* longer = curl_slist_append(transfer.headers.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(transfer.headers.release());
  transfer.headers.reset(longer);
}

// Sets everything that libcurl would otherwise decide more generously.
void prepare(Transfer& transfer) {
  transfer.handle.reset(curl_easy_init());
  if (!transfer.handle) throw std::bad_alloc();
  CURL* curl = transfer.handle.get();
  const FetchRequest& request = transfer.request;
  set(curl, CURLOPT_URL, request.url);
  set(curl, CURLOPT_PROTOCOLS_STR, std::string("http,https"));
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  set(curl, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(curl, CURLOPT_USERAGENT, std::string("ombud"));
  const auto within = std::max<std::int64_t>(1, request.within.count());
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(within));
  set(curl, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min<std::int64_t>(within, kConnectWithin.count())));
  if (is_loopback(request.url)) set(curl, CURLOPT_PROXY, std::string());
  check(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body));
  set(curl, CURLOPT_WRITEDATA, &transfer);
  set(curl, CURLOPT_PRIVATE, &transfer);
  add_header(transfer, "Accept: application/json");
  for (const auto& [name, value] : request.headers) add_header(transfer, name + ": " + value);
  if (!request.form.empty()) {
    add_header(transfer, "Expect:");
    set(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.form.size()));
    check(curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.form.c_str()));
  }
  set(curl, CURLOPT_HTTPHEADER, transfer.headers.get());
}

Fetched outcome_of(Transfer& transfer, CURLcode code) {
  Fetched fetched;
  if (transfer.too_large) {
    fetched.error = fmt::format("the answer is larger than {} KiB", kAnswerBytesMax >> 10U);
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    fetched.error =
        fmt::format("no answer within {} s", (transfer.request.within.count() + 999) / 1000);
  } else if (code != CURLE_OK) {
    fetched.error = curl_easy_strerror(code);
  }
  if (!fetched.error.empty()) return fetched;
  long status = 0;
  curl_easy_getinfo(transfer.handle.get(), CURLINFO_RESPONSE_CODE, &status);
  const char* type = nullptr;
  curl_easy_getinfo(transfer.handle.get(), CURLINFO_CONTENT_TYPE, &type);
  fetched.status = static_cast<int>(status);
  fetched.content_type = type == nullptr ? "" : type;
  fetched.body = std::move(transfer.body);
  return fetched;
}

Fetched failed(std::string why) {
  Fetched fetched;
  fetched.error = std::move(why);
  return fetched;
}

}  // namespace

class CurlFetcher::Worker {
 public:
  explicit Worker(std::size_t fetches_max) : fetches_max_(fetches_max) {
    start_curl();
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    thread_ = std::thread([this] { work(); });
  }

  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
    for (const auto& transfer : running_) {
      curl_multi_remove_handle(multi_.get(), transfer->handle.get());
      transfer->done(failed("the hub is ending"));
    }
    for (const auto& transfer : waiting_) transfer->done(failed("the hub is ending"));
  }

  void take(FetchRequest request, Done done) {
    if (const auto refused = refused_address(request.url)) {
      done(failed("the address " + *refused));
      return;
    }
    {
      std::unique_lock lock(mutex_);
      if (ending_ || under_way_ >= fetches_max_) {
        lock.unlock();
        done(failed("too many requests to providers are under way"));
        return;
      }
      ++under_way_;
      waiting_.push_back(std::make_unique<Transfer>(
          Transfer{.request = std::move(request), .done = std::move(done)}));
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  void work() {
    for (;;) {
      std::vector<std::unique_ptr<Transfer>> fresh;
      {
        const std::lock_guard lock(mutex_);
        if (ending_) return;
        fresh.swap(waiting_);
      }
      for (auto& transfer : fresh) begin(std::move(transfer));
      int left = 0;
      curl_multi_perform(multi_.get(), &left);
      finish_done();
      curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    }
  }

  void begin(std::unique_ptr<Transfer> transfer) {
    try {
      prepare(*transfer);
    } catch (const std::exception& refused) {
      end(*transfer, failed(refused.what()));
      return;
    }
    curl_multi_add_handle(multi_.get(), transfer->handle.get());
    running_.push_back(std::move(transfer));
  }

  void finish_done() {
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* handle = message->easy_handle;
      curl_multi_remove_handle(multi_.get(), handle);  // `message` is gone after this
      const auto found = std::find_if(running_.begin(), running_.end(), [&](const auto& running) {
        return running->handle.get() == handle;
      });
      const auto transfer = std::move(*found);
      running_.erase(found);
      end(*transfer, outcome_of(*transfer, code));
    }
  }

  void end(Transfer& transfer, Fetched fetched) {
    {
      const std::lock_guard lock(mutex_);
      --under_way_;
    }
    transfer.done(std::move(fetched));
  }

  const std::size_t fetches_max_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::vector<std::unique_ptr<Transfer>> running_;  // of the thread alone
  std::mutex mutex_;                                // guards what follows
  std::vector<std::unique_ptr<Transfer>> waiting_;
  std::size_t under_way_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

CurlFetcher::CurlFetcher(std::size_t fetches_max)
    : worker_(std::make_unique<Worker>(fetches_max)) {}
CurlFetcher::~CurlFetcher() = default;

void CurlFetcher::fetch(FetchRequest request, Done done) {
  worker_->take(std::move(request), std::move(done));
}

}  // namespace ombud::oidc
