// Keys that sign as a provider does, and a provider of faults: what a real one will not answer.
#pragma once

#include <gtest/gtest.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "identity/oidc/sign_in.hpp"

namespace ombud::oidc::test {

// A time that is set by hand.
class HandClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void advance(Millis by) { now_ += by; }

 protected:
  void arm(net::steady_timer&, Instant) override {}
  void disarm(net::steady_timer&) override {}

 private:
  Instant now_ = instant_of(1'795'000'000'000);
};

// A private key. Made once a program for each name: RSA keys take their time.
class SigningKey {
 public:
  static const SigningKey& rsa(const std::string& kid = "rsa-1", int bits = 2048);
  static const SigningKey& p256(const std::string& kid = "ec-1");
  static const SigningKey& ed25519(const std::string& kid = "ed-1");

  std::string jwk(std::string_view more = "") const;  // the public half; `more` as ,"alg":"RS256"
  std::string public_pem() const;
  // "RS256", "PS256", "ES256", "EdDSA".
  std::string sign(std::string_view algorithm, std::string_view bytes) const;
  const std::string& kid() const { return kid_; }
  ~SigningKey();
  struct Native;
  SigningKey(std::string kid, std::string type, std::unique_ptr<Native> native);

 private:
  std::string kid_, type_;
  std::unique_ptr<Native> native_;
};

std::string jwks(std::initializer_list<std::string> keys);

// header.payload.signature; the header is {"alg":…,"kid":…} unless it is given.
std::string token(const SigningKey& key, std::string_view algorithm, std::string_view claims,
                  std::string header = "");
std::string hmac_token(std::string_view secret, std::string_view claims, std::string_view kid);

// Runs a coroutine to its end on this thread.
template <class T>
T run(net::awaitable<T> work) {
  net::io_context context;
  auto future = net::co_spawn(context, std::move(work), net::use_future);
  context.run();
  return future.get();
}

struct Reply {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
  std::map<std::string, std::string> headers = {};
};

// An HTTP server on 127.0.0.1 that is an OpenID provider as long as nothing else is asked of it.
class FaultProvider {
 public:
  FaultProvider();
  ~FaultProvider();
  FaultProvider(const FaultProvider&) = delete;
  FaultProvider& operator=(const FaultProvider&) = delete;

  std::string issuer() const;
  ProviderSettings settings() const;  // that fits it

  // What it answers instead, by path: "/.well-known/openid-configuration", "/jwks", "/token",
  // "/userinfo". Nothing: as it should.
  using Answer = std::function<Reply()>;
  void answer_by(const std::string& path, Answer answer);
  void answer(const std::string& path, Reply reply);
  void behave(const std::string& path);
  int asked(const std::string& path) const;                // how often
  std::string last_header(const std::string& name) const;  // of the last request

  // The person says yes: the query of the way back, for what `location` asked.
  std::string consent(const std::string& location);
  // Claims of the next ID token, in place of those that fit; `null` leaves a claim out.
  void claim(const std::string& name, std::string json);
  void forget_claims();
  // Makes the next ID token from claims; else RS256 by SigningKey::rsa().
  void sign(std::function<std::string(const std::string& claims)> maker);
  void access_token(std::string json_text);
  void publish(std::string jwks);
  void at(Instant now);  // its clock

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A part of the query of an address.
std::string query_value(const std::string& url, const std::string& name);

}  // namespace ombud::oidc::test
