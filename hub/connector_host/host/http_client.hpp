// ombud.http/1 on cpp-httplib: one request at a time to an origin that the link's file names.
// What it promises beyond the library: a deadline for the whole exchange, limits on what comes
// back, no redirect followed, certificates always checked, and a true word on whether anything was
// sent.
#pragma once

#include <ombud/connector.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector_host/host/call_state.hpp"
#include "connector_host/host/origin.hpp"

namespace ombud {

class HttpClient {
 public:
  // Throws std::invalid_argument if one of `origins` is no origin. `secrets`: token → clear text.
  HttpClient(const std::vector<std::string>& origins, std::map<std::string, std::string> secrets,
             std::string scratch_dir);
  ~HttpClient();

  // As ombud_http::send. OMBUD_PERMANENT, with a note in the call: the request itself is refused
  // here, and would be every time. Any thread; each request has a connection of its own while it
  // runs.
  ombud_status send(CallState& call, std::string_view request_json, ombud_source* body,
                    ombud_sink* response);

 private:
  struct Request;
  class Connection;
  bool read_request(CallState& call, std::string_view json, Request& request) const;
  bool fill_secrets(std::string& text, char encoding, bool unknown_refused, std::string& why) const;
  bool fill_header(std::string& text, std::string& why) const;
  std::unique_ptr<Connection> check_out(const Origin& origin);
  void check_in(std::unique_ptr<Connection> connection);  // ends those that were idle too long

  std::set<Origin> origins_;
  const std::map<std::string, std::string> secrets_;
  const std::string scratch_dir_;
  std::mutex mutex_;
  std::map<Origin, std::vector<std::unique_ptr<Connection>>> idle_;
};

}  // namespace ombud
