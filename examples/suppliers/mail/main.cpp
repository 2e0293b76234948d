// example-mail-supplier: a supplier that lives in its mailbox, for the quickstart and the tests.
#include <httplib.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "email/smtp.hpp"
#include "mail/receiver.hpp"

namespace {

namespace net = boost::asio;
using Tcp = net::ip::tcp;
constexpr std::int64_t kSendMs = 20'000;
constexpr auto kIdle = std::chrono::minutes(5);

volatile std::sig_atomic_t stop_asked = 0;

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The frame that the mail connector's SMTP client wants around a transfer.
struct Transfer {
  std::chrono::steady_clock::time_point until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(kSendMs);
  ombud_call call{this,
                  [](const ombud_call* self) -> std::int64_t {
                    const auto left = static_cast<const Transfer*>(self->impl)->until -
                                      std::chrono::steady_clock::now();
                    return std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
                  },
                  [](const ombud_call*) -> std::int32_t { return 0; },
                  [](const ombud_call*, const ombud_error*) {}};
};

void answer(httplib::Response& response, int status, const std::string& words) {
  ombud::json::Writer out;
  out.begin_object().field("detail", words).end_object();
  response.status = status;
  response.set_content(out.take(), "application/json");
}

void add_faults(httplib::Server& control, ombud::example::MailFaults& faults) {
  control.Post("/demo/faults",
               [&faults](const httplib::Request& request, httplib::Response& response) {
                 const auto body = ombud::json::parse(request.body);
                 if (!body) return answer(response, 400, "The body must be JSON.");
                 faults.held.hold(static_cast<int>((*body)["hold_answers"].integer()));
                 faults.lose = static_cast<int>((*body)["lose_mails"].integer());
                 response.set_content("{}", "application/json");
               });
  control.Get("/demo/faults", [&faults](const httplib::Request&, httplib::Response& response) {
    ombud::json::Writer out;
    out.begin_object().field("holding", faults.held.waiting());
    response.set_content(out.field("to_lose", faults.lose.load()).end_object().take(),
                         "application/json");
  });
}

void add_controls(httplib::Server& control, ombud::example::Mailbox& mailbox,
                  const ombud::email::Server& desk) {
  control.Get("/demo/mails", [&mailbox](const httplib::Request&, httplib::Response& response) {
    response.set_content(mailbox.mails_json(), "application/json");
  });
  control.Post(R"(/demo/mails/(\d{1,9})/reply)", [&mailbox, &desk](const httplib::Request& request,
                                                                   httplib::Response& response) {
    const auto body = ombud::json::parse(request.body);
    if (!body || (*body)["text"].text().empty()) {
      return answer(
          response, 400,
          "The body must be {\"text\":\"…\"}; begin it with #resolved to solve the ticket.");
    }
    const auto reply =
        mailbox.reply(std::stoi(request.matches[1].str()), std::string((*body)["text"].text()),
                      (*body)["automatic"].boolean(false));
    if (!reply) return answer(response, 404, "There is no such mail.");
    const Transfer transfer;
    const auto verdict =
        ombud::email::send_mail(ombud::sdk::Call(&transfer.call), desk, "example-mail-supplier",
                                {reply->from, reply->to}, reply->raw);
    if (verdict.status != ombud::sdk::Status::ok) return answer(response, 502, verdict.message);
    answer(response, 200, "The reply was sent.");
  });
}

ombud::email::Server server_at(const std::string& host_and_port) {
  const std::size_t colon = host_and_port.rfind(':');
  ombud::email::Server server;
  server.security = ombud::email::Security::none;
  if (colon == std::string::npos || colon == 0)
    throw std::runtime_error("--reply-to must be HOST:PORT.");
  server.host = host_and_port.substr(0, colon);
  const char* first = host_and_port.data() + colon + 1;
  const char* last = host_and_port.data() + host_and_port.size();
  const auto read = std::from_chars(first, last, server.port);
  if (read.ptr != last || server.port < 1 || server.port > 65535) {
    throw std::runtime_error("--reply-to must be HOST:PORT.");
  }
  return server;
}

// One mail session at a time: a supplier this small has no need for more.
void receive_until_stopped(Tcp::acceptor& acceptor, ombud::example::Mailbox& mailbox,
                           ombud::example::MailFaults& faults) {
  while (stop_asked == 0) {
    pollfd ready{acceptor.native_handle(), POLLIN, 0};
    if (poll(&ready, 1, 200) <= 0) continue;
    Tcp::iostream peer;
    boost::system::error_code failed;
    acceptor.accept(peer.socket(), failed);
    if (failed) continue;
    peer.expires_after(kIdle);
    ombud::example::receive_mails(peer, peer, mailbox, &faults);
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string data, reply_to, owner = "Example Supplier";
  int control_port = 0;
  unsigned short port = 0;
  CLI::App app("A supplier that works by mail, for trying Ombud out.");
  app.add_option("--listen", port, "port of the SMTP receiver on 127.0.0.1")->required();
  app.add_option("--reply-to", reply_to, "HOST:PORT of the desk's SMTP receiver")->required();
  app.add_option("--data", data, "file that keeps the mails")->required();
  app.add_option("--control", control_port, "port of the technician's HTTP interface")->required();
  app.add_option("--name", owner, "who signs the replies")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    ombud::bytes_init();
    const ombud::email::Server desk = server_at(reply_to);
    ombud::example::Mailbox mailbox(data, now_seconds, owner);
    ombud::example::MailFaults faults;
    net::io_context context;
    Tcp::acceptor acceptor(context, Tcp::endpoint(net::ip::address_v4::loopback(), port));
    httplib::Server control;
    add_controls(control, mailbox, desk);
    add_faults(control, faults);
    if (!control.bind_to_port("127.0.0.1", control_port)) {
      throw std::runtime_error("Port " + std::to_string(control_port) + " for --control is taken.");
    }
    std::signal(SIGTERM, [](int) { stop_asked = 1; });
    std::signal(SIGINT, [](int) { stop_asked = 1; });
    std::thread technician([&control] { control.listen_after_bind(); });
    std::printf("mail supplier at 127.0.0.1:%d, technician at http://127.0.0.1:%d/demo/mails\n",
                int{acceptor.local_endpoint().port()}, control_port);
    std::fflush(stdout);
    receive_until_stopped(acceptor, mailbox, faults);
    control.stop();
    technician.join();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "example-mail-supplier: %s\n", error.what());
    return 1;
  }
  return 0;
}
