// example-queue-supplier: a supplier with a message queue, for the quickstart and the tests.
#include <httplib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "queue/amqp_server.hpp"
#include "queue/server.hpp"

namespace {

volatile std::sig_atomic_t stop_asked = 0;

std::string now_text() {
  return ombud::to_rfc3339(std::chrono::floor<ombud::Millis>(std::chrono::system_clock::now()));
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line))
    throw std::runtime_error("The key file " + path + " cannot be read.");
  return line;
}

void refuse(httplib::Response& response, int status, const char* words) {
  response.status = status;
  response.set_content(std::string("{\"detail\":\"") + words + "\"}", "application/json");
}

void add_controls(httplib::Server& control, ombud::example::Book& book,
                  ombud::example::Serving& queue) {
  control.Get("/demo/tickets", [&book](const httplib::Request&, httplib::Response& response) {
    response.set_content(book.tickets_json(), "application/json");
  });
  control.Post(
      R"(/demo/tickets/([^/]+)/(comment|status|attachment))",
      [&book](const httplib::Request& request, httplib::Response& response) {
        const auto body = ombud::json::parse(request.body);
        if (!body) return refuse(response, 400, "The body must be JSON.");
        const auto root = body->root();
        const std::string ticket = request.matches[1].str(), what = request.matches[2].str();
        bool found = false;
        if (what == "comment") {
          found =
              book.comment(ticket, std::string(root["text"].text()), root["public"].boolean(true));
        } else if (what == "status") {
          found = book.set_status(ticket, std::string(root["status"].text()),
                                  std::string(root["status_text"].text(root["status"].text())));
        } else {
          found = book.attach(ticket, std::string(root["name"].text("file.txt")),
                              std::string(root["media_type"].text("text/plain")),
                              std::string(root["text"].text()));
        }
        if (!found) return refuse(response, 404, "There is no such ticket.");
        response.set_content("{}", "application/json");
      });
  control.Post("/demo/faults",
               [&queue](const httplib::Request& request, httplib::Response& response) {
                 const auto body = ombud::json::parse(request.body);
                 if (!body) return refuse(response, 400, "The body must be JSON.");
                 queue.drop_answers = static_cast<int>((*body)["drop_answers"].integer());
                 response.set_content("{}", "application/json");
               });
  control.Get("/demo/faults", [&queue](const httplib::Request&, httplib::Response& response) {
    ombud::json::Writer out;
    out.begin_object().field("dropped", queue.dropped.load()).end_object();
    response.set_content(out.take(), "application/json");
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::string bind, data, curve_secret, broker_url, password_file;
  ombud::example::Broker broker;
  std::vector<std::string> allow;
  int control_port = 0;
  CLI::App app("A supplier that speaks ombud-queue/1, for trying Ombud out.");
  auto* zmq =
      app.add_option("--bind", bind, "where the desk connects, such as tcp://127.0.0.1:7400");
  auto* amqp = app.add_option("--amqp", broker_url, "or a broker: amqp://127.0.0.1:5672/vhost");
  zmq->excludes(amqp);
  app.add_option("--login", broker.login, "at the broker");
  app.add_option("--password-file", password_file, "the broker's password, alone on a line");
  app.add_option("--queue", broker.queue, "where the desk puts its questions");
  app.add_option("--events-queue", broker.events_queue, "where we put events; else we are asked");
  app.add_option("--data", data, "file that keeps the tickets")->required();
  app.add_option("--control", control_port, "port of the technician's HTTP interface")->required();
  app.add_option("--curve-secret-key", curve_secret, "file with our CURVE secret key (Z85)");
  app.add_option("--allow", allow, "CURVE public key of a desk (Z85); repeat for more");
  CLI11_PARSE(app, argc, argv);
  try {
    ombud::bytes_init();
    if (bind.empty() && broker_url.empty()) throw std::runtime_error("Give --bind or --amqp.");
    ombud::example::Book book(data, now_text);
    std::unique_ptr<ombud::example::Serving> queue;
    if (broker_url.empty()) {
      std::optional<ombud::example::Curve> curve;
      if (!curve_secret.empty()) curve = ombud::example::Curve{first_line(curve_secret), allow};
      auto router = std::make_unique<ombud::example::QueueServer>(book, bind, curve);
      bind = router->endpoint();
      queue = std::move(router);
    } else {
      bind = broker_url;
      broker.read_url(broker_url);
      if (!password_file.empty()) broker.password = first_line(password_file);
      queue = std::make_unique<ombud::example::AmqpServer>(book, broker, data + ".told");
    }
    httplib::Server control;
    add_controls(control, book, *queue);
    if (!control.bind_to_port("127.0.0.1", control_port)) {
      throw std::runtime_error("Port " + std::to_string(control_port) + " for --control is taken.");
    }
    std::signal(SIGTERM, [](int) { stop_asked = 1; });
    std::signal(SIGINT, [](int) { stop_asked = 1; });
    std::thread technician([&control] { control.listen_after_bind(); });
    std::printf("queue supplier at %s, technician at http://127.0.0.1:%d/demo/tickets\n",
                bind.c_str(), control_port);
    std::fflush(stdout);
    while (stop_asked == 0) {
      try {
        queue->serve(200);
      } catch (const zmq::error_t& error) {
        if (error.num() != EINTR) throw;
      }
    }
    control.stop();
    technician.join();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "example-queue-supplier: %s\n", error.what());
    return 1;
  }
  return 0;
}
