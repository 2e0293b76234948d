#include "server.hpp"

#include <httplib.h>

#include <stdexcept>
#include <thread>

#include "held_answers.hpp"
#include "query.hpp"
#include "view.hpp"

namespace ombud::example_redmine {
namespace {

constexpr std::size_t kBodyBytesMax = 64U << 20U;
constexpr char kJson[] = "application/json; charset=utf-8";

void answer(httplib::Response& response, int code, const std::string& json) {
  response.status = code;
  response.set_content(json, kJson);
}

Include include_of(const httplib::Request& request) {
  const std::string wanted = request.get_param_value("include");
  return {wanted.find("journals") != std::string::npos,
          wanted.find("attachments") != std::string::npos,
          wanted.find("allowed_statuses") != std::string::npos};
}

std::int64_t id_in(const httplib::Request& request) {
  return std::strtoll(request.matches[1].str().c_str(), nullptr, 10);
}

std::string base_url(const httplib::Request& request) {
  return "http://" + request.get_header_value("Host");
}

std::string issue_json(const Model& model, const Issue& issue, const httplib::Request& request) {
  json::Writer out;
  out.begin_object().key("issue");
  write_issue(out, model, issue, include_of(request), base_url(request));
  return out.end_object().take();
}

// Without the right content type Rails does not read the body, and everything is missing.
Result<json::Document> body_of(const httplib::Request& request) {
  const bool is_json = request.get_header_value("Content-Type").starts_with("application/json");
  return json::parse(is_json ? request.body : "{}");
}

}  // namespace

struct Server::Impl {
  Model& model;
  std::mutex mutex;
  httplib::Server http;
  example::HeldAnswers held;
  std::thread thread;
  int port = 0;

  explicit Impl(Model& shared) : model(shared) {}

  using Handler = std::function<void(const User&, const httplib::Request&, httplib::Response&)>;

  // A handler for known users; others get 401.
  httplib::Server::Handler for_users(Handler handler) {
    return [this, handler](const httplib::Request& request, httplib::Response& response) {
      {
        const std::lock_guard hold(mutex);
        const User* user = model.user_of(request.get_header_value("X-Redmine-API-Key"));
        if (user == nullptr) {
          response.status = 401;
          return;
        }
        handler(*user, request, response);
      }
      const bool changed_issue = request.method != "GET" && request.path.starts_with("/issues");
      if (changed_issue && response.status < 300) held.pass();
    };
  }

  httplib::Server::Handler for_anybody(
      std::function<void(const httplib::Request&, httplib::Response&)> handler) {
    return [this, handler](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard hold(mutex);
      handler(request, response);
    };
  }

  void list(const httplib::Request& request, httplib::Response& response) {
    // To somebody without a valid key Redmine shows what is public: here, nothing.
    const bool known = model.user_of(request.get_header_value("X-Redmine-API-Key")) != nullptr;
    const Page page = select(model, {request.params.begin(), request.params.end()});
    if (!page.errors.empty()) return answer(response, 422, errors_json(page.errors));
    json::Writer out;
    out.begin_object().begin_array("issues");
    for (const Issue* issue : page.rows) {
      if (known) write_issue(out, model, *issue, {}, base_url(request));
    }
    out.end_array().field("total_count", static_cast<std::int64_t>(known ? page.total : 0));
    out.field("offset", static_cast<std::int64_t>(page.offset));
    out.field("limit", static_cast<std::int64_t>(page.limit)).end_object();
    answer(response, 200, out.take());
  }

  void create(const User& user, const httplib::Request& request, httplib::Response& response) {
    const auto body = body_of(request);
    if (!body) {
      response.status = 400;
      return;
    }
    std::int64_t id = 0;
    const Refusal refusal = model.create(user, (*body)["issue"], id);
    if (refusal) return answer(response, 422, errors_json(*refusal));
    response.set_header("Location", base_url(request) + "/issues/" + std::to_string(id));
    answer(response, 201, issue_json(model, *model.issue(id), request));
  }

  void update(const User& user, const httplib::Request& request, httplib::Response& response) {
    Issue* issue = model.issue(id_in(request));
    const auto body = body_of(request);
    if (issue == nullptr || !body) {
      response.status = issue == nullptr ? 404 : 400;
      return;
    }
    const Refusal refusal = model.update(user, *issue, (*body)["issue"]);
    if (refusal) return answer(response, 422, errors_json(*refusal));
    response.status = 204;
  }

  void upload(const User& user, const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("Content-Type") != "application/octet-stream") {
      response.status = 406;
      return;
    }
    const std::string token = model.upload(user, request.get_param_value("filename"), request.body);
    if (token.empty()) {
      return answer(response, 422,
                    errors_json({"This file cannot be uploaded because it exceeds the maximum "
                                 "allowed file size (5 MB)"}));
    }
    json::Writer out;
    out.begin_object().begin_object("upload").field("token", token).end_object().end_object();
    answer(response, 201, out.take());
  }

  void download(const httplib::Request& request, httplib::Response& response) {
    const Attachment* file = model.attachment(id_in(request));
    if (file == nullptr) {
      response.status = 404;
      return;
    }
    response.set_content(file->content,
                         file->media_type.empty() ? "application/octet-stream" : file->media_type);
  }

  void route_rest() {
    http.Get("/issues.json", for_anybody([this](const auto& in, auto& out) { list(in, out); }));
    http.Post("/issues.json",
              for_users([this](const User& u, const auto& in, auto& out) { create(u, in, out); }));
    http.Get(R"(/issues/(\d+)\.json)", for_users([this](const User&, const auto& in, auto& out) {
               const Issue* issue = model.issue(id_in(in));
               if (issue == nullptr) {
                 out.status = 404;
               } else {
                 answer(out, 200, issue_json(model, *issue, in));
               }
             }));
    http.Put(R"(/issues/(\d+)\.json)",
             for_users([this](const User& u, const auto& in, auto& out) { update(u, in, out); }));
    http.Post("/uploads.json",
              for_users([this](const User& u, const auto& in, auto& out) { upload(u, in, out); }));
    http.Get(R"(/attachments/download/(\d+)(?:/.*)?)",
             for_users([this](const User&, const auto& in, auto& out) { download(in, out); }));
    http.Get("/users/current.json", for_users([this](const User& u, const auto&, auto& out) {
               answer(out, 200, user_json(model, u));
             }));
    http.Get(R"(/roles/(\d+)\.json)", for_users([this](const User&, const auto& in, auto& out) {
               const User* of = model.user(id_in(in));
               if (of == nullptr) {
                 out.status = 404;
               } else {
                 answer(out, 200, role_json(*of));
               }
             }));
    http.Get(R"(/projects/([^/]+)\.json)",
             for_users([this](const User&, const auto& in, auto& out) {
               const Project* project = model.project_of(in.matches[1].str());
               if (project == nullptr) {
                 out.status = 404;
               } else {
                 answer(out, 200, project_json(model, *project));
               }
             }));
    http.Get("/issue_statuses.json", for_users([this](const User&, const auto&, auto& out) {
               answer(out, 200, named_list("issue_statuses", model.statuses()));
             }));
    http.Get("/enumerations/issue_priorities.json",
             for_users([this](const User&, const auto&, auto& out) {
               answer(out, 200, named_list("issue_priorities", model.priorities()));
             }));
    http.Get("/trackers.json", for_users([this](const User&, const auto&, auto& out) {
               answer(out, 200, named_list("trackers", model.trackers()));
             }));
    http.Get("/custom_fields.json", for_users([](const User&, const auto&, auto& out) {
               out.status = 403;  // for administrators only
             }));
  }

  // An issue and the JSON body of a /demo request, or the answer is already given.
  template <class Act>
  httplib::Server::Handler demo(Act act) {
    return for_anybody([this, act](const httplib::Request& request, httplib::Response& response) {
      Issue* issue = model.issue(id_in(request));
      const auto body = json::parse(request.body.empty() ? "{}" : request.body);
      if (issue == nullptr || !body) {
        return answer(response, issue == nullptr ? 404 : 400,
                      errors_json({issue == nullptr ? "there is no such issue" : "send JSON"}));
      }
      const std::string author((*body)["author"].text("staff"));
      act(*issue, author, *body, request, response);
      if (response.status < 300) answer(response, 200, issue_json(model, *issue, request));
    });
  }

  void route_demo() {
    http.Get("/demo/issues", for_anybody([this](const auto& request, auto& response) {
               json::Writer out;
               out.begin_object().begin_array("issues");
               for (const auto& [id, issue] : model.issues()) {
                 write_issue(out, model, issue, {true, true, false}, base_url(request));
               }
               answer(response, 200, out.end_array().end_object().take());
             }));
    http.Post(R"(/demo/issues/(\d+)/comment)",
              demo([this](Issue& issue, const std::string& author, const json::Document& body,
                          const httplib::Request&, httplib::Response&) {
                model.comment(issue, author, std::string(body["text"].text()),
                              body["private"].boolean());
              }));
    http.Post(R"(/demo/issues/(\d+)/status)",
              demo([this](Issue& issue, const std::string& author, const json::Document& body,
                          const httplib::Request&, httplib::Response& response) {
                const Named* status = model.status_named(body["status"].text());
                if (status == nullptr) {
                  return answer(response, 422,
                                errors_json({"\"status\" must be New, In Progress, Feedback, "
                                             "Resolved, Closed or Rejected"}));
                }
                model.set_status(issue, author, status->id);
              }));
    http.Post(R"(/demo/issues/(\d+)/attachment)",
              demo([this](Issue& issue, const std::string& author, const json::Document& body,
                          const httplib::Request&, httplib::Response&) {
                model.attach(issue, author, std::string(body["name"].text("note.txt")),
                             std::string(body["media_type"].text("text/plain")),
                             std::string(body["text"].text()));
              }));
    http.Post("/demo/faults", for_anybody([this](const auto& request, auto& response) {
                const auto body = json::parse(request.body);
                if (!body) return answer(response, 400, errors_json({"send JSON"}));
                held.hold(static_cast<int>((*body)["hold_answers"].integer()));
                answer(response, 200, "{}");
              }));
    http.Get("/demo/faults", for_anybody([this](const auto&, auto& response) {
               json::Writer out;
               out.begin_object().field("holding", held.waiting()).end_object();
               answer(response, 200, out.take());
             }));
  }

  // What a real server's HTTP parser refuses before any route is asked.
  static httplib::Server::HandlerResponse refuse_bad_target(const httplib::Request& request,
                                                            httplib::Response& response) {
    if (request.target.find_first_of("<>\" ") == std::string::npos) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    response.status = 400;
    return httplib::Server::HandlerResponse::Handled;
  }
};

Server::Server(Model& model, const std::string& address, int port)
    : impl_(std::make_unique<Impl>(model)) {
  impl_->http.set_payload_max_length(kBodyBytesMax);
  impl_->http.set_pre_routing_handler(&Impl::refuse_bad_target);
  impl_->route_rest();
  impl_->route_demo();
  if (port == 0) {
    impl_->port = impl_->http.bind_to_any_port(address);
  } else if (impl_->http.bind_to_port(address, port)) {
    impl_->port = port;
  }
  if (impl_->port <= 0) {
    throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port));
  }
  impl_->thread = std::thread([this] { impl_->http.listen_after_bind(); });
}

Server::~Server() {
  while (!impl_->http.is_running()) std::this_thread::yield();  // stop() before that is forgotten
  impl_->held.hold(0);
  impl_->http.stop();
  impl_->thread.join();
}

int Server::port() const {
  return impl_->port;
}
std::mutex& Server::lock() {
  return impl_->mutex;
}

}  // namespace ombud::example_redmine
