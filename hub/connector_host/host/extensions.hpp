// What the host offers a connector: ombud.log/1, ombud.http/1, ombud.hmac/1, ombud.record/1 and,
// for those that log in by themselves, ombud.secret/1. Callable from any thread; outlives the
// connector.
#pragma once

#include <ombud/connector.h>

#include <functional>
#include <map>
#include <string>

#include "connector_host/host/http_client.hpp"
#include "connector_host/mask.hpp"

namespace ombud {

class Extensions {
 public:
  using SendLog = std::function<void(std::string record_json)>;  // any thread
  // `secrets` serve ombud.secret/1, which is absent unless `raw_network`.
  Extensions(HttpClient& http, const Mask& mask, const std::map<std::string, std::string>& secrets,
             bool raw_network, SendLog send_log);

  const ombud_host* raw() const { return &raw_; }

 private:
  static Extensions& of(const ombud_host* host) { return *static_cast<Extensions*>(host->impl); }
  static const void* find(const ombud_host* host, const char* id);
  static void write_log(const ombud_host*, std::int32_t level, ombud_bytes message,
                        ombud_bytes fields_json);
  static ombud_status send(const ombud_host*, const ombud_call*, ombud_bytes request_json,
                           ombud_source* body, ombud_sink* response);
  static void record(const ombud_host*, const ombud_call*, ombud_bytes raw_json);
  static std::int32_t digest(const ombud_host*, const char* algorithm, ombud_bytes token,
                             ombud_bytes message, char* to, std::size_t room);
  static std::int32_t equals(const ombud_host*, ombud_bytes token, ombud_bytes text);
  static std::int32_t reveal(const ombud_host*, ombud_bytes token, char* to, std::size_t room);

  ombud_host raw_;
  HttpClient& http_;
  const Mask& mask_;
  const std::map<std::string, std::string>& secrets_;
  const bool raw_network_;
  const SendLog send_log_;
};

}  // namespace ombud
