// A supplier's webhooks as tests need them: the body says what is made of it. "forged" has a bad
// signature, "nonsense" is never understood, "later" cannot be judged now; "slow …" takes 20 ms;
// anything that begins with '{' is a change as it stands, anything else is no news.
#include <ombud/connector.hpp>

#include <unistd.h>

namespace {

using ombud::sdk::Call;
using ombud::sdk::Host;
using ombud::sdk::Sink;
using ombud::sdk::Status;
using ombud::sdk::Write;

class Hook {
 public:
  Hook(Host, std::string_view) {}

  Status put_ticket(const Call&, const Write& write, Sink& reply) { return made(write, reply); }
  Status add_comment(const Call&, const Write& write, Sink& reply) { return made(write, reply); }
  Status add_attachment(const Call&, const Write& write, Sink& reply) { return made(write, reply); }
  Status find(const Call&, std::string_view, const Write&, Sink&) { return Status::ok; }
  Status check(const Call&) { return Status::ok; }
  Status decode(const Call& call, std::string_view, std::string_view body, Sink& changes) {
    if (body == "forged") return call.fail_as(Status::auth, "the signature does not match");
    if (body == "nonsense") return call.fail_as(Status::permanent, "this is no issue of ours");
    if (body == "later") return call.fail_as(Status::retry, "come back later");
    if (body.starts_with("slow")) ::usleep(20'000);
    if (body.starts_with("{")) changes.put(body);
    return Status::ok;
  }

 private:
  static Status made(const Write& write, Sink& reply) {
    reply.put("{\"external_id\":" + ombud::sdk::json_quote(write.correlation()) + "}");
    return Status::ok;
  }
};

constexpr const char* kCapabilities[] = {"attachments", nullptr};

}  // namespace

OMBUD_CONNECTOR(Hook, (ombud_descriptor{"se.ombud.test.hook", "1.0.0", R"({"type":"object"})",
                                        kCapabilities, 0}))
