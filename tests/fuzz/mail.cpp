// Any bytes as a mail: it is read without a crash, and the rules of invariants.hpp hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "channel/mail/mime/message.hpp"
#include "hub/channel/mail/mime/invariants.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  const auto broken = ombud::test::broken_rules(ombud::mail::parse_mail(raw));
  for (const std::string& rule : broken) std::fprintf(stderr, "broken rule: %s\n", rule.c_str());
  if (!broken.empty()) std::abort();
  return 0;
}
