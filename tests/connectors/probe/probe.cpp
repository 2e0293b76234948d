// Does what the body (or the settings) tell it to: echo, crash, hang, eat memory, throw, talk.
#include <ombud/connector.hpp>

#include <unistd.h>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace {

using ombud::sdk::Call;
using ombud::sdk::Host;
using ombud::sdk::HttpRequest;
using ombud::sdk::Sink;
using ombud::sdk::Source;
using ombud::sdk::Status;
using ombud::sdk::Write;

[[noreturn]] void crash() {
  std::abort();
}

[[noreturn]] void hang() {
  for (;;) ::pause();
}

class Probe {
 public:
  Probe(Host host, std::string_view config) : host_(host), config_(config) {
    if (config.find("crash-in-create") != std::string_view::npos) crash();
    if (config.find("hang-in-create") != std::string_view::npos) hang();
    if (config.find("refuse-in-create") != std::string_view::npos) {
      throw std::runtime_error("the setting \"url\" is missing, key was " +
                               host_.secret("token").value_or("absent"));
    }
  }

  Status put_ticket(const Call& call, const Write& write, Sink& reply) {
    const std::string_view body = write.body();
    if (body == "crash") crash();
    if (body == "hang") hang();
    if (body == "throw") throw std::runtime_error("thrown on purpose");
    if (body == "exit") std::_Exit(7);
    if (body == "eat") {
      for (std::vector<std::string> eaten;;) eaten.emplace_back(16U << 20U, 'x');
    }
    if (body == "permanent") return call.fail_as(Status::permanent, "no such queue", 422);
    if (body == "until-cancelled") {
      while (!call.cancelled() && call.remaining_ms() > 0) ::usleep(1000);
      return call.cancelled() ? Status::cancelled : call.fail_as(Status::retry, "ran out of time");
    }
    if (body == "talk") {
      const std::string secret = host_.secret("token").value_or("absent");
      host_.log(Host::info, "logging in with " + secret, "{\"key\":\"" + secret + "\"}");
      std::fprintf(stderr, "debug: %s\n", secret.c_str());
      std::fflush(nullptr);
      return call.fail_as(Status::permanent, "refused " + secret);
    }
    if (body.starts_with("meet ")) {  // waits until so many instances are here
      static std::atomic<int> here{0};
      const int all = std::atoi(std::string(body.substr(5)).c_str());
      for (++here; here < all && call.remaining_ms() > 0;) ::usleep(1000);
      return here >= all ? Status::ok : call.fail_as(Status::retry, "nobody came");
    }
    if (body.starts_with("http ")) {
      HttpRequest request;
      request.method = "POST";
      request.url = body.substr(5);
      request.headers = {{"X-Key", "{{secret:token}}"}};
      request.body = "{}";
      const auto response = host_.send(call, request);
      if (response.transport != Status::ok) return Status::retry;  // a lie if bytes were sent
      reply.put("{\"external_id\":\"" + std::to_string(response.code) + "\"}");
      return Status::ok;
    }
    if (body.starts_with("fill ")) {  // as many bytes as it says, in pieces of 1 MiB
      for (int left = std::atoi(std::string(body.substr(5)).c_str()); left > 0; left -= 1 << 20) {
        if (!reply.put(std::string(1U << 20U, 'y'))) break;
      }
      return Status::ok;
    }
    reply.put(std::string(body));
    reply.put("{\"external_id\":" + ombud::sdk::json_quote(write.correlation()) +
              ",\"attempt\":" + std::to_string(write.attempt()) + "}");
    return Status::ok;
  }
  Status add_comment(const Call& call, const Write& write, Sink& reply) {
    return put_ticket(call, write, reply);
  }
  Status add_attachment(const Call& call, const Write& write, Sink& reply) {
    auto content = write.content();
    const auto bytes = content ? content->read_all() : std::nullopt;
    if (!bytes) return call.fail_as(Status::permanent, "no content");
    reply.put(*bytes);
    return Status::ok;
  }
  Status find(const Call&, std::string_view kind, const Write& write, Sink& matches) {
    if (write.correlation() == "crash") crash();
    matches.put(std::string(kind));
    return Status::ok;
  }
  Status check(const Call&) { return Status::ok; }
  Status changes(const Call&, std::string_view cursor, Sink& out) {
    out.put(std::string(cursor));
    return Status::ok;
  }
  Status attachment(const Call&, std::string_view reference, Sink& bytes) {
    bytes.put(reference);
    bytes.put(reference);
    return Status::ok;
  }

 private:
  Host host_;
  std::string config_;
};

constexpr const char* kCapabilities[] = {"attachments", "raw-network", "parallel", nullptr};

}  // namespace

OMBUD_CONNECTOR(Probe,
                (ombud_descriptor{"se.ombud.test.probe", "1.2.3", "{}", kCapabilities, 1500}))
