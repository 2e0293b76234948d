#include "identity/oidc/text.hpp"

#include <curl/curl.h>
#include <sodium.h>

#include <algorithm>
#include <memory>

#include "base/bytes.hpp"
#include "identity/oidc/limits.hpp"

namespace ombud::oidc {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const auto* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!is_utf8(plain)) return std::nullopt;
  return plain;
}

// An address as the library sees it that will talk to it.
class Address {
 public:
  explicit Address(std::string_view text) : url_(curl_url()) {
    const std::string whole(text);
    good_ =
        url_ != nullptr && curl_url_set(url_.get(), CURLUPART_URL, whole.c_str(), 0) == CURLUE_OK;
  }
  bool good() const { return good_; }
  std::string part(CURLUPart which) const {
    char* text = nullptr;
    if (!good_ || curl_url_get(url_.get(), which, &text, 0) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return lower_ascii(copy);
  }
  bool is_loopback() const {
    const std::string host = part(CURLUPART_HOST);
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
  }

 private:
  struct Free {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
  };
  std::unique_ptr<CURLU, Free> url_;
  bool good_ = false;
};

}  // namespace

std::string to_base64url(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), data_of(bytes), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, &end, kVariant) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  bytes.resize(length);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), data_of(bytes), bytes.size());
  return digest;
}

std::string random_bytes(Random& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    std::uint64_t eight = random.next();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, eight >>= 8U) {
      bytes += static_cast<char>(eight & 0xFFU);
    }
  }
  return bytes;
}

std::optional<std::string> refused_address(std::string_view text) {
  if (text.size() > kUrlBytesMax) return "is too long for an address";
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '\\' && c != '"' && c != '<' && c != '>';
  });
  const Address address(text);
  if (!plain || !address.good() || text.find("://") == std::string_view::npos) {
    return "is not a whole address such as https://id.example";
  }
  if (!address.part(CURLUPART_USER).empty() || !address.part(CURLUPART_PASSWORD).empty()) {
    return "holds a user name; write the address alone";
  }
  if (text.find('#') != std::string_view::npos) return "holds a '#'; write the address alone";
  const std::string scheme = address.part(CURLUPART_SCHEME);
  if (scheme == "https" || (scheme == "http" && address.is_loopback())) return std::nullopt;
  return "must begin with https:// (http:// is taken for 127.0.0.1, [::1] and localhost only)";
}

bool is_loopback(std::string_view text) {
  return Address(text).is_loopback();
}

std::string escape(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (is_unreserved(c)) {
      escaped += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped += '%';
      escaped += kHex[byte >> 4U];
      escaped += kHex[byte & 15U];
    }
  }
  return escaped;
}

std::string form_of(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text += escape(name) + "=" + escape(value);
  }
  return text;
}

std::string with_query(std::string_view url, const Fields& fields) {
  std::string whole(url);
  const std::size_t mark = whole.find('?');
  if (mark == std::string::npos) {
    whole += '?';
  } else if (mark + 1 < whole.size() && whole.back() != '&') {
    whole += '&';
  }
  return whole + form_of(fields);
}

std::optional<std::map<std::string, std::string, std::less<>>> parse_query(std::string_view text) {
  std::map<std::string, std::string, std::less<>> fields;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t sign = pair.find('=');
    auto name = unescape(pair.substr(0, sign));
    auto value =
        unescape(sign == std::string_view::npos ? std::string_view() : pair.substr(sign + 1));
    if (!name || !value) return std::nullopt;
    if (!fields.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return fields;
}

std::string safe_return(std::string_view to) {
  const bool plain = std::all_of(to.begin(), to.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F &&
           c != '\\' && c != '"';
  });
  const bool ours = to.starts_with('/') && !to.starts_with("//");
  // Back to where signing in begins would be a circle.
  const bool circle = to.starts_with("/sign-in") || to.starts_with("/auth/");
  return plain && ours && !circle && to.size() <= kReturnBytesMax ? std::string(to) : "/";
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

}  // namespace ombud::oidc
