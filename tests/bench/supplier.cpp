#include "supplier.hpp"

#include <httplib.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/json.hpp"

namespace ombud::bench {
namespace {

constexpr std::chrono::milliseconds kSlowAnswer{200};
constexpr std::size_t kThreads = 40;  // a kept connection holds one

constexpr char kJson[] = "application/json; charset=utf-8";
constexpr char kNobody[] = R"({"user":{"id":1,"login":"ombud","memberships":[]}})";
constexpr char kProject[] = R"({"project":{"id":1,"identifier":"desk","trackers":[{"id":1}]}})";
constexpr char kStatuses[] =
    R"({"issue_statuses":[{"id":1,"name":"New"},{"id":2,"name":"In Progress"},)"
    R"({"id":3,"name":"Resolved"},{"id":4,"name":"Feedback"},{"id":5,"name":"Closed","is_closed":true}]})";
constexpr char kPriorities[] =
    R"({"issue_priorities":[{"id":1,"name":"Low"},{"id":2,"name":"Normal"},)"
    R"({"id":3,"name":"High"},{"id":4,"name":"Urgent"}]})";
constexpr char kNoIssues[] = R"({"issues":[],"total_count":0,"offset":0,"limit":100})";

}  // namespace

struct Supplier::Impl {
  Manner manner;
  mutable std::mutex mutex;
  std::condition_variable ending;
  bool ended = false;
  std::unordered_map<std::string, Time> arrived;
  std::int64_t last_id = 0;
  httplib::Server http;
  std::thread thread;

  void create(const httplib::Request& request, httplib::Response& response) {
    const Time now = std::chrono::steady_clock::now();
    std::unique_lock hold(mutex);
    if (manner == Manner::hanging) {
      ending.wait(hold, [this] { return ended; });
      return;
    }
    const auto body = json::parse(request.body);
    if (!body) {
      response.status = 400;
      return;
    }
    const json::View issue = (*body)["issue"];
    std::string subject(issue["subject"].text());  // "[OMB-7] Printer broken"
    subject.erase(0, subject.starts_with('[') ? subject.find("] ") + 2 : 0);
    arrived.emplace(std::move(subject), now);
    const std::int64_t id = ++last_id;
    if (manner == Manner::slow) ending.wait_for(hold, kSlowAnswer, [this] { return ended; });
    hold.unlock();
    json::Writer out;
    out.begin_object().begin_object("issue").field("id", id);
    for (const char* part : {"status", "priority"}) {
      out.begin_object(part).field("id", issue[std::string(part) + "_id"].integer()).end_object();
    }
    out.field("subject", issue["subject"].text())
        .field("description", issue["description"].text())
        .field("start_date", issue["start_date"].text())
        .field("due_date", issue["due_date"].text())
        .field("created_on", "2026-11-22T09:30:00Z")
        .field("updated_on", "2026-11-22T09:30:00Z")
        .end_object()
        .end_object();
    response.status = 201;
    response.set_content(out.take(), kJson);
  }

  void say(const char* path, const char* json) {
    http.Get(path, [json](const httplib::Request&, httplib::Response& response) {
      response.set_content(json, kJson);
    });
  }
};

Supplier::Supplier(int port, Manner manner) : impl_(std::make_unique<Impl>()) {
  impl_->manner = manner;
  impl_->say("/users/current.json", kNobody);
  impl_->say("/projects/desk.json", kProject);
  impl_->say("/issue_statuses.json", kStatuses);
  impl_->say("/enumerations/issue_priorities.json", kPriorities);
  impl_->say("/issues.json", kNoIssues);
  impl_->http.Post("/issues.json", [impl = impl_.get()](const auto& request, auto& response) {
    impl->create(request, response);
  });
  impl_->http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  impl_->http.set_tcp_nodelay(true);
  impl_->http.set_keep_alive_max_count(1'000'000);
  impl_->http.set_keep_alive_timeout(2);  // its end waits for idle connections
  if (!impl_->http.bind_to_port("127.0.0.1", port)) {
    throw std::runtime_error("cannot listen on port " + std::to_string(port));
  }
  impl_->thread = std::thread([this] { impl_->http.listen_after_bind(); });
}

Supplier::~Supplier() {
  {
    const std::lock_guard hold(impl_->mutex);
    impl_->ended = true;
  }
  impl_->ending.notify_all();
  while (!impl_->http.is_running()) std::this_thread::yield();  // stop() before that is forgotten
  impl_->http.stop();
  impl_->thread.join();
}

std::unordered_map<std::string, Supplier::Time> Supplier::arrivals() const {
  const std::lock_guard hold(impl_->mutex);
  return impl_->arrived;
}

std::size_t Supplier::count() const {
  const std::lock_guard hold(impl_->mutex);
  return impl_->arrived.size();
}

}  // namespace ombud::bench
