// A hub with two customers' systems and two suppliers' systems; every request and every answer of a
// test is held against the published contract.
#pragma once

#include <set>

#include "../hub.hpp"
#include "http/tmf621/contract.hpp"

namespace ombud::http::test {

// What one TMF621 test sends and gets.
class World {
 public:
  explicit World(tmf::Settings settings = {}, std::string version = "v4");

  std::string at(const std::string& rest) const {
    return "/tmf-api/troubleTicket/" + version_ + rest;
  }
  // Sends to the version's address; the status must be this, and whatever was answered must be as
  // the contract says: the body, a JSON error, the headers of a list.
  Answer send(int status, const std::string& method, const std::string& rest,
              const std::string& token, const std::string& body = "",
              std::vector<std::pair<std::string, std::string>> headers = {});
  json::Document expect(int status, const std::string& method, const std::string& rest,
                        const std::string& token, const std::string& body = "");
  // A ticket of alfa-itsm; its id.
  std::string created(const std::string& more = "", const std::string& token = "alfa-itsm");
  std::string delegated(const std::string& id);  // by the desk to nordprint; the id of its copy

  Hub hub;

 private:
  void check_answer(const Answer& answer, const std::string& method, const std::string& rest);
  const std::string version_;
  const tmf::Contract contract_;
};

std::set<std::string> names_of(json::View object);

}  // namespace ombud::http::test
