// A hub that answers by script and remembers what it was asked.
#pragma once

#include <httplib.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace ombud::cli {

struct Asked {
  std::string method, target, body, authorization, key, if_match, media_type;
};

class ScriptedHub {
 public:
  ScriptedHub() {
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      take(request, response);
    };
    server_.Get(".*", answer);
    server_.Post(".*", answer);
    server_.Put(".*", answer);
    server_.Patch(".*", answer);
    server_.Delete(".*", answer);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() before that is lost
  }
  ~ScriptedHub() {
    server_.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // "GET /tickets/7" is below /api/v1; a path with a query must be given with it.
  void on(const std::string& call, int status, const std::string& body,
          const std::string& etag = {}) {
    const std::lock_guard lock(mutex_);
    script_[call] = {status, body, etag};
  }
  std::vector<Asked> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  Asked last() {
    const std::lock_guard lock(mutex_);
    return asked_.empty() ? Asked() : asked_.back();
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    asked_.clear();
  }

 private:
  struct Reply {
    int status = 404;
    std::string body = R"({"title":"Not Found","status":404,"detail":"There is no such address."})";
    std::string etag;
  };

  void take(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    const std::string target = request.target.substr(std::string("/api/v1").size());
    asked_.push_back(
        {request.method, target, request.body, request.get_header_value("Authorization"),
         request.get_header_value("Idempotency-Key"), request.get_header_value("If-Match"),
         request.get_header_value("Content-Type")});
    const auto found = script_.find(request.method + " " + target);
    const Reply reply = found == script_.end() ? Reply() : found->second;
    response.status = reply.status;
    if (!reply.etag.empty()) response.set_header("ETag", reply.etag);
    response.set_content(reply.body,
                         reply.status >= 400 ? "application/problem+json" : "application/json");
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::map<std::string, Reply> script_;
  std::vector<Asked> asked_;
};

}  // namespace ombud::cli
