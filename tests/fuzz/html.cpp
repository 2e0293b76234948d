// Any bytes as the HTML of a mail.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/html_text.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/message.hpp"
#include "hub/channel/mail/mime/invariants.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  const std::string head =
      "From: a@b.example\nSubject: Re: x\nContent-Type: text/html; charset=utf-8\n\n";
  const auto broken = ombud::test::broken_rules(ombud::mail::parse_mail(head + std::string(html)));
  for (const std::string& rule : broken) std::fprintf(stderr, "broken rule: %s\n", rule.c_str());
  if (!broken.empty()) std::abort();
  ombud::html_to_text(ombud::mail::to_utf8(html, "utf-8"));
  return 0;
}
