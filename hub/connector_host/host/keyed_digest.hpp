// ombud.hmac/1: what a connector may know of a secret that it never holds.
#pragma once

#include <ombud/connector.h>

#include <map>
#include <string>

namespace ombud {

// As ombud_hmac::digest and ombud_hmac::equals; `secrets` is token → clear text.
std::int32_t keyed_digest(const std::map<std::string, std::string>& secrets, const char* algorithm,
                          ombud_bytes token, ombud_bytes message, char* to, std::size_t room);
std::int32_t equals_secret(const std::map<std::string, std::string>& secrets, ombud_bytes token,
                           ombud_bytes text);

}  // namespace ombud
