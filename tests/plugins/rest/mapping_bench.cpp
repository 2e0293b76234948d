// How long it takes to turn one ticket into a request and one document of the supplier into
// changes, with everything compiled at create. Prints; the target is 50 us for both together.
#include <ombud/connector.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "profile_json.hpp"

extern "C" const ombud_entry ombud_connector_entry;

namespace ombud {
namespace {

constexpr int kRounds = 20'000;

// A host that answers at once from memory, so that only the connector's own work is left.
struct Host {
  ombud_host raw{OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, this, &Host::extension};
  std::string answer;
  std::size_t sent = 0;

  static const void* extension(const ombud_host*, const char* id) {
    static constexpr ombud_http kHttp{&Host::send};
    static constexpr ombud_hmac kHmac{&Host::digest, nullptr};
    if (std::string_view(id) == OMBUD_EXT_HMAC) return &kHmac;
    return std::string_view(id) == OMBUD_EXT_HTTP ? &kHttp : nullptr;
  }
  // A digest of zeros: what it costs is the host's, not the mapping's.
  static std::int32_t digest(const ombud_host*, const char*, ombud_bytes, ombud_bytes, char* to,
                             std::size_t) {
    std::fill_n(to, 32, '\0');
    return 32;
  }
  static ombud_status send(const ombud_host* host, const ombud_call*, ombud_bytes request,
                           ombud_source*, ombud_sink* response) {
    Host& self = *static_cast<Host*>(host->impl);
    self.sent += request.size;
    response->put(response,
                  sdk::bytes("HTTP/1.1 201 Created\r\nDate: Sun, 22 Nov 2026 09:30:00 GMT\r\n"));
    response->put(response, sdk::bytes(self.answer));
    return OMBUD_OK;
  }
};

double microseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

int run() {
  Host host;
  const std::string settings =
      R"({"profile":)" + test::profile_json("github-issues") +
      R"(,"url":"https://api.github.example","token":{"$secret":"t"},"webhook_secret":{"$secret":"w"},"owner":"o","repository":"r"})";
  std::string why;
  ombud_call call{&why, [](const ombud_call*) -> std::int64_t { return 60'000; },
                  [](const ombud_call*) -> std::int32_t { return 0; },
                  [](const ombud_call* self, const ombud_error* error) {
                    static_cast<std::string*>(self->impl)->assign(sdk::view(error->message));
                  }};
  std::size_t pushed = 0;
  ombud_sink sink{&pushed, [](ombud_sink* self, ombud_bytes) -> std::int32_t {
                    ++*static_cast<std::size_t*>(self->impl);
                    return 0;
                  }};
  ombud_connector* made = ombud_connector_entry.create(&host.raw, sdk::bytes(settings), &call);
  if (made == nullptr) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 1;
  }
  const auto* outbound =
      static_cast<const ombud_outbound*>(made->extension(made, OMBUD_EXT_OUTBOUND));
  const auto* webhook = static_cast<const ombud_webhook*>(made->extension(made, OMBUD_EXT_WEBHOOK));

  const std::string text(500, 'x');
  const std::string ticket =
      R"({"schema":"ombud.ticket/1","reference":"OMB-1042","kind":"incident","status":"new",)"
      R"("subject":"Skrivaren svarar inte","description":")" +
      text +
      R"(","priority":"normal","service":"Print","customer":"Alfa","user":{"name":"Eva"},)"
      R"("desk":{"name":"Desk","email":"desk@example.org"},"opened_at":"2026-11-22T09:30:00Z"})";
  host.answer = R"({"number":7,"title":"x","body":")" + text +
                R"(","state":"open","labels":[{"name":"service-desk"}],"html_url":"https://x/7"})";
  const ombud_write write{sizeof(ombud_write), 1,      sdk::bytes("01abc"), {},
                          sdk::bytes(ticket),  nullptr};
  const std::string hook = R"({"action":"created","issue":{"number":7,"body":")" + text +
                           R"(\n<!-- ombud:01abc -->"},"comment":{"id":9,"body":")" + text +
                           R"(","created_at":"2026-11-22T09:30:00Z","user":{"login":"sven"}}})";
  const std::string headers =
      R"({"X-GitHub-Event":"issue_comment","X-Hub-Signature-256":"sha256=)" + std::string(64, '0') +
      "\"}";
  const auto median = [&](const char* what, const auto& operation) {
    std::vector<double> times;
    for (int i = 0; i < kRounds; ++i) {
      const auto began = std::chrono::steady_clock::now();
      const ombud_status status = operation();
      times.push_back(microseconds(std::chrono::steady_clock::now() - began));
      if (status != OMBUD_OK) {
        std::fprintf(stderr, "%s: %s\n", what, why.c_str());
        std::exit(1);
      }
    }
    std::sort(times.begin(), times.end());
    std::printf("%-36s median %6.1f us, 99%% %6.1f us\n", what, times[times.size() / 2],
                times[times.size() * 99 / 100]);
    return times[times.size() / 2];
  };
  const double out = median("a ticket out, and its answer read",
                            [&] { return outbound->put_ticket(made, &call, &write, &sink); });
  const double in = median("a comment in, from a webhook", [&] {
    return webhook->decode(made, &call, sdk::bytes(headers), sdk::bytes(hook), &sink);
  });
  std::printf("%-36s %13.1f us (target: 50)\n", "both ways", out + in);
  made->destroy(made);
  return 0;
}

}  // namespace
}  // namespace ombud

int main() {
  ombud::bytes_init();
  return ombud::run();
}
