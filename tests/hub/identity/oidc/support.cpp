#include "support.hpp"

#include <httplib.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <thread>

#include "identity/oidc/text.hpp"

namespace ombud::oidc::test {
namespace {

std::string number(const EVP_PKEY* key, const char* name, std::size_t width = 0) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) != 1) throw std::runtime_error(name);
  std::string bytes(std::max<std::size_t>(width, static_cast<std::size_t>(BN_num_bytes(value))),
                    '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(value);
  return bytes;
}

const SigningKey& kept(const std::string& name, const std::function<SigningKey*()>& make) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<SigningKey>> all;
  const std::lock_guard lock(mutex);
  auto& key = all[name];
  if (!key) key.reset(make());
  return *key;
}

}  // namespace

struct SigningKey::Native {
  explicit Native(EVP_PKEY* made) : key(made) {}
  ~Native() { EVP_PKEY_free(key); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;
  EVP_PKEY* key;
};

SigningKey::SigningKey(std::string kid, std::string type, std::unique_ptr<Native> native)
    : kid_(std::move(kid)), type_(std::move(type)), native_(std::move(native)) {}
SigningKey::~SigningKey() = default;

const SigningKey& SigningKey::rsa(const std::string& kid, int bits) {
  return kept("rsa " + kid, [&] {
    return new SigningKey(kid, "rsa",
                          std::make_unique<Native>(EVP_RSA_gen(static_cast<unsigned>(bits))));
  });
}
const SigningKey& SigningKey::p256(const std::string& kid) {
  return kept("ec " + kid, [&] {
    return new SigningKey(kid, "ec", std::make_unique<Native>(EVP_EC_gen("P-256")));
  });
}
const SigningKey& SigningKey::ed25519(const std::string& kid) {
  return kept("ed " + kid, [&] {
    return new SigningKey(kid, "ed",
                          std::make_unique<Native>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
  });
}

std::string SigningKey::jwk(std::string_view more) const {
  const EVP_PKEY* key = native_->key;
  std::string body;
  if (type_ == "rsa") {
    body = R"("kty":"RSA","n":")" + to_base64url(number(key, OSSL_PKEY_PARAM_RSA_N)) +
           R"(","e":")" + to_base64url(number(key, OSSL_PKEY_PARAM_RSA_E)) + '"';
  } else if (type_ == "ec") {
    body = R"("kty":"EC","crv":"P-256","x":")" +
           to_base64url(number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)) + R"(","y":")" +
           to_base64url(number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)) + '"';
  } else {
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
    body = R"("kty":"OKP","crv":"Ed25519","x":")" + to_base64url(bytes) + '"';
  }
  return "{" + (kid_.empty() ? std::string() : R"("kid":")" + kid_ + R"(",)") + body +
         std::string(more) + "}";
}

std::string SigningKey::public_pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, native_->key);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

std::string SigningKey::sign(std::string_view algorithm, std::string_view bytes) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* settings = nullptr;
  const EVP_MD* digest = type_ == "ed" ? nullptr : EVP_sha256();
  EVP_DigestSignInit(context, &settings, digest, nullptr, native_->key);
  if (algorithm == "PS256") {
    EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST);
  }
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t size = 0;
  EVP_DigestSign(context, nullptr, &size, data, bytes.size());
  std::string signature(size, '\0');
  if (EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                     bytes.size()) != 1) {
    throw std::runtime_error("cannot sign");
  }
  EVP_MD_CTX_free(context);
  signature.resize(size);
  if (type_ != "ec") return signature;
  const auto* der = reinterpret_cast<const unsigned char*>(signature.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(signature.size()));
  std::string joined(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(joined.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32);
  ECDSA_SIG_free(pair);
  return joined;
}

std::string jwks(std::initializer_list<std::string> keys) {
  std::string all;
  for (const std::string& key : keys) all += (all.empty() ? "" : ",") + key;
  return R"({"keys":[)" + all + "]}";
}

std::string token(const SigningKey& key, std::string_view algorithm, std::string_view claims,
                  std::string header) {
  if (header.empty()) {
    header = R"({"alg":")" + std::string(algorithm) + R"(","kid":")" + key.kid() + R"("})";
  }
  const std::string bytes = to_base64url(header) + "." + to_base64url(claims);
  return bytes + "." + to_base64url(key.sign(algorithm, bytes));
}

std::string hmac_token(std::string_view secret, std::string_view claims, std::string_view kid) {
  const std::string bytes = to_base64url(R"({"alg":"HS256","kid":")" + std::string(kid) + R"("})") +
                            "." + to_base64url(claims);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size);
  return bytes + "." + to_base64url({reinterpret_cast<const char*>(digest), size});
}

std::string query_value(const std::string& url, const std::string& name) {
  const auto fields = parse_query(std::string_view(url).substr(url.find('?') + 1));
  const auto found = fields ? fields->find(name) : decltype(fields->end()){};
  return fields && found != fields->end() ? found->second : std::string();
}

struct FaultProvider::Impl {
  httplib::Server server;
  int port = 0;
  std::thread thread;
  std::mutex mutex;
  std::map<std::string, Answer> answers;
  std::map<std::string, int> asked;
  std::map<std::string, std::string> claims;
  httplib::Headers last_headers;
  std::function<std::string(const std::string&)> maker;
  std::string access = "a-1";
  std::string keys, nonce, challenge, redirect_uri;
  Instant now = instant_of(1'795'000'000'000);

  std::string issuer() const { return "http://127.0.0.1:" + std::to_string(port); }

  std::string metadata() const {
    const std::string at = issuer();
    return R"({"issuer":")" + at + R"(","authorization_endpoint":")" + at +
           R"(/authorize","token_endpoint":")" + at + R"(/token","jwks_uri":")" + at +
           R"(/jwks","response_types_supported":["code"],"subject_types_supported":["public"],)" +
           R"("code_challenge_methods_supported":["S256"],)" +
           R"("id_token_signing_alg_values_supported":["RS256"]})";
  }

  std::string id_token() {
    const std::int64_t seconds = ms_of(now) / 1000;
    std::map<std::string, std::string> all{{"iss", '"' + issuer() + '"'},
                                           {"sub", R"("s-1")"},
                                           {"aud", R"("desk")"},
                                           {"iat", std::to_string(seconds)},
                                           {"exp", std::to_string(seconds + 300)},
                                           {"nonce", '"' + nonce + '"'},
                                           {"email", R"("erik@alfa.example")"},
                                           {"email_verified", "true"},
                                           {"name", R"("Erik Ek")"}};
    for (const auto& [name, json] : claims) all[name] = json;
    std::string text;
    for (const auto& [name, json] : all) {
      if (json != "null") text += (text.empty() ? "\"" : ",\"") + name + "\":" + json;
    }
    text = "{" + text + "}";
    return maker ? maker(text) : token(SigningKey::rsa(), "RS256", text);
  }

  Reply proper(const httplib::Request& request) {
    if (request.path == "/.well-known/openid-configuration") return {.body = metadata()};
    if (request.path == "/jwks") return {.body = keys};
    const std::string verifier = request.get_param_value("code_verifier");
    if (to_base64url(sha256(verifier)) != challenge ||
        request.get_param_value("redirect_uri") != redirect_uri ||
        request.get_param_value("code") != "code-1") {
      return {.status = 400, .body = R"({"error":"invalid_grant"})"};
    }
    return {.body = R"({"access_token":")" + access + R"(","token_type":"Bearer","id_token":")" +
                    id_token() + R"("})"};
  }

  void serve(const httplib::Request& request, httplib::Response& response) {
    Answer other;
    Reply reply;
    {
      const std::lock_guard lock(mutex);
      ++asked[request.path];
      last_headers = request.headers;
      const auto found = answers.find(request.path);
      if (found != answers.end()) {
        other = found->second;
      } else {
        reply = proper(request);
      }
    }
    if (other) reply = other();
    response.status = reply.status;
    for (const auto& [name, value] : reply.headers) response.set_header(name, value);
    response.set_content(reply.body, reply.type);
  }
};

FaultProvider::FaultProvider() : impl_(std::make_unique<Impl>()) {
  impl_->keys = jwks({SigningKey::rsa().jwk()});
  const auto serve = [impl = impl_.get()](const httplib::Request& request,
                                          httplib::Response& response) {
    impl->serve(request, response);
  };
  impl_->server.Get(".*", serve);
  impl_->server.Post(".*", serve);
  impl_->server.set_keep_alive_max_count(1);  // stop() would wait for connections that are kept
  impl_->port = impl_->server.bind_to_any_port("127.0.0.1");
  impl_->thread = std::thread([impl = impl_.get()] { impl->server.listen_after_bind(); });
  while (!impl_->server.is_running()) std::this_thread::yield();  // stop() before that is forgotten
}

FaultProvider::~FaultProvider() {
  impl_->server.stop();
  impl_->thread.join();
}

std::string FaultProvider::issuer() const {
  return impl_->issuer();
}

ProviderSettings FaultProvider::settings() const {
  ProviderSettings settings;
  settings.id = "alfa";
  settings.name = "Alfa AB";
  settings.issuer = issuer();
  settings.client_id = "desk";
  settings.client_secret = "s&cret/ with space";
  settings.scopes = {"openid", "email", "profile"};
  settings.domains = {"alfa.example"};
  settings.customer = "alfa";
  return settings;
}

void FaultProvider::answer_by(const std::string& path, Answer answer) {
  const std::lock_guard lock(impl_->mutex);
  impl_->answers[path] = std::move(answer);
}
void FaultProvider::answer(const std::string& path, Reply reply) {
  answer_by(path, [reply = std::move(reply)] { return reply; });
}
void FaultProvider::behave(const std::string& path) {
  const std::lock_guard lock(impl_->mutex);
  impl_->answers.erase(path);
}
int FaultProvider::asked(const std::string& path) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->asked[path];
}
std::string FaultProvider::last_header(const std::string& name) const {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->last_headers.find(name);
  return found == impl_->last_headers.end() ? "" : found->second;
}

std::string FaultProvider::consent(const std::string& location) {
  const std::lock_guard lock(impl_->mutex);
  impl_->nonce = query_value(location, "nonce");
  impl_->challenge = query_value(location, "code_challenge");
  impl_->redirect_uri = query_value(location, "redirect_uri");
  return "code=code-1&state=" + query_value(location, "state");
}
void FaultProvider::claim(const std::string& name, std::string json) {
  const std::lock_guard lock(impl_->mutex);
  impl_->claims[name] = std::move(json);
}
void FaultProvider::forget_claims() {
  const std::lock_guard lock(impl_->mutex);
  impl_->claims.clear();
}
void FaultProvider::sign(std::function<std::string(const std::string& claims)> maker) {
  const std::lock_guard lock(impl_->mutex);
  impl_->maker = std::move(maker);
}
void FaultProvider::access_token(std::string json_text) {
  const std::lock_guard lock(impl_->mutex);
  impl_->access = std::move(json_text);
}
void FaultProvider::publish(std::string keys) {
  const std::lock_guard lock(impl_->mutex);
  impl_->keys = std::move(keys);
}
void FaultProvider::at(Instant now) {
  const std::lock_guard lock(impl_->mutex);
  impl_->now = now;
}

}  // namespace ombud::oidc::test
