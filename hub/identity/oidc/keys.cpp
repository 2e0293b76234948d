#include "identity/oidc/keys.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};
using PkeyPointer = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using ParamBuild = std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

constexpr std::size_t kP256Bytes = 32;
constexpr std::size_t kEd25519KeyBytes = 32;
constexpr int kExponentBitsMax = 32;

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(data_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

PkeyPointer public_key(const char* type, OSSL_PARAM_BLD* build) {
  const Params params(OSSL_PARAM_BLD_to_param(build));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return PkeyPointer(key);
}

PkeyPointer rsa_key(json::View jwk) {
  const auto modulus = from_base64url(jwk["n"].text());
  const auto exponent = from_base64url(jwk["e"].text());
  if (!modulus || !exponent || modulus->size() > std::size_t{kRsaBitsMax} / 8 + 1 ||
      exponent->size() > std::size_t{kExponentBitsMax} / 8 + 1) {
    return nullptr;
  }
  const Number n = number_of(*modulus), e = number_of(*exponent);
  if (!n || !e || BN_num_bits(n.get()) < kRsaBitsMin || BN_num_bits(n.get()) > kRsaBitsMax ||
      !BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > kExponentBitsMax) {
    return nullptr;
  }
  const ParamBuild build(OSSL_PARAM_BLD_new());
  if (!build || OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return public_key("RSA", build.get());
}

// OpenSSL refuses a point that is not on the curve.
PkeyPointer p256_key(json::View jwk) {
  const auto x = from_base64url(jwk["x"].text());
  const auto y = from_base64url(jwk["y"].text());
  if (!x || !y || x->size() != kP256Bytes || y->size() != kP256Bytes) return nullptr;
  const std::string point = '\x04' + *x + *y;
  const ParamBuild build(OSSL_PARAM_BLD_new());
  if (!build ||
      OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return public_key("EC", build.get());
}

PkeyPointer ed25519_key(json::View jwk) {
  const auto x = from_base64url(jwk["x"].text());
  if (!x || x->size() != kEd25519KeyBytes) return nullptr;
  return PkeyPointer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(*x), x->size()));
}

// The two numbers of an ECDSA signature, side by side in JOSE, as DER for OpenSSL.
std::optional<std::string> der_of(std::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return std::nullopt;
  const Signature pair(ECDSA_SIG_new());
  Number r = number_of(signature.substr(0, kP256Bytes));
  Number s = number_of(signature.substr(kP256Bytes));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return std::nullopt;
  static_cast<void>(r.release());  // the pair has them now
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &bytes);
  if (size <= 0) return std::nullopt;
  std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

bool lists_verify(json::View operations) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (operations.at(i).text() == "verify") return true;
  }
  return false;
}

}  // namespace

std::optional<Algorithm> algorithm_from(std::string_view text) {
  if (text == "RS256") return Algorithm::rs256;
  if (text == "PS256") return Algorithm::ps256;
  if (text == "ES256") return Algorithm::es256;
  if (text == "EdDSA") return Algorithm::eddsa;
  return std::nullopt;
}

struct Key::Native {
  PkeyPointer key;
};

Key::Key(std::string id, Kind kind, std::optional<Algorithm> only, std::shared_ptr<Native> native)
    : id_(std::move(id)), kind_(kind), only_(only), native_(std::move(native)) {}

std::optional<Key> Key::from_jwk(json::View jwk) {
  const auto use = jwk["use"].maybe_text();
  if (use && *use != "sig") return std::nullopt;
  if (jwk["key_ops"].is_array() && !lists_verify(jwk["key_ops"])) return std::nullopt;
  std::optional<Algorithm> only;
  if (jwk["alg"].present()) {
    only = algorithm_from(jwk["alg"].text());
    if (!only) return std::nullopt;
  }
  const std::string_view type = jwk["kty"].text();
  const std::string_view curve = jwk["crv"].text();
  Kind kind = Kind::rsa;
  PkeyPointer native;
  if (type == "RSA") {
    native = rsa_key(jwk);
  } else if (type == "EC" && curve == "P-256") {
    kind = Kind::p256;
    native = p256_key(jwk);
  } else if (type == "OKP" && curve == "Ed25519") {
    kind = Kind::ed25519;
    native = ed25519_key(jwk);
  }
  ERR_clear_error();
  if (!native) return std::nullopt;
  return Key(std::string(jwk["kid"].text()), kind, only,
             std::make_shared<Native>(Native{std::move(native)}));
}

bool Key::fits(Algorithm algorithm) const {
  if (only_ && *only_ != algorithm) return false;
  switch (algorithm) {
    case Algorithm::rs256:
    case Algorithm::ps256:
      return kind_ == Kind::rsa;
    case Algorithm::es256:
      return kind_ == Kind::p256;
    case Algorithm::eddsa:
      return kind_ == Kind::ed25519;
  }
  return false;
}

bool Key::verifies(Algorithm algorithm, std::string_view signed_bytes,
                   std::string_view signature) const {
  if (!fits(algorithm)) return false;
  std::string der;
  if (algorithm == Algorithm::es256) {
    auto converted = der_of(signature);
    if (!converted) return false;
    der = std::move(*converted);
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
  EVP_PKEY_CTX* settings = nullptr;
  bool good = context != nullptr && EVP_DigestVerifyInit(context.get(), &settings, digest, nullptr,
                                                         native_->key.get()) == 1;
  if (good && algorithm == Algorithm::rs256) {
    good = EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1;
  } else if (good && algorithm == Algorithm::ps256) {
    good = EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(settings, EVP_sha256()) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good && EVP_DigestVerify(context.get(), data_of(signature), signature.size(),
                                  data_of(signed_bytes), signed_bytes.size()) == 1;
  ERR_clear_error();
  return good;
}

Outcome<KeySet> KeySet::from_jwks(json::View document) {
  const json::View list = document["keys"];
  if (!list.is_array()) return unreachable("the key set has no list \"keys\"");
  if (list.size() > kKeysMax) {
    return unreachable(
        fmt::format("the key set has {} keys; at most {} are taken", list.size(), kKeysMax));
  }
  KeySet set;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (auto key = Key::from_jwk(list.at(i))) set.keys_.push_back(std::move(*key));
  }
  if (set.keys_.empty()) {
    return unreachable(
        "the key set has no key for RS256, PS256, ES256 or EdDSA (RSA keys need 2048 bits)");
  }
  return set;
}

bool KeySet::verify(Algorithm algorithm, std::string_view key_id, std::string_view signed_bytes,
                    std::string_view signature) const {
  const Key* chosen = nullptr;
  for (const Key& key : keys_) {
    if (!key.fits(algorithm) || (!key_id.empty() && key.id() != key_id)) continue;
    if (chosen != nullptr) return false;  // which one is meant cannot be told
    chosen = &key;
  }
  return chosen != nullptr && chosen->verifies(algorithm, signed_bytes, signature);
}

}  // namespace ombud::oidc
