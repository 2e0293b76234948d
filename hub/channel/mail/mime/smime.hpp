// What is in an S/MIME envelope (CMS, RFC 5652), by OpenSSL: the content of a signed one, without
// verifying who signed it. Takes anything; any thread.
#pragma once

#include <string>
#include <string_view>

namespace ombud::mail {

struct SmimeContent {
  enum class Kind { unreadable, signed_data, encrypted, certificates } kind = Kind::unreadable;
  std::string content;  // of signed data: a MIME part
};

inline constexpr std::size_t kSmimeBytesMax = 40U << 20U;

// `bytes` is DER.
SmimeContent read_smime(std::string_view bytes);

}  // namespace ombud::mail
