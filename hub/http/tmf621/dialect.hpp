// A version of the standard: its address, its contract, its names; and the translation of bodies to
// and from the one shape that everything else works with (document.hpp).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/tmf621/contract.hpp"
#include "http/tmf621/document.hpp"
#include "http/tmf621/settings.hpp"

namespace ombud::http::tmf {

struct Dialect {
  std::string_view name;  // "v4", "v5"
  std::string_view create_schema, update_schema, hub_schema;
  bool v5 = false;
  const Contract& contract;

  std::string base(const Settings& settings) const {  // without a slash at its end
    return settings.public_url + "/tmf-api/troubleTicket/" + std::string(name);
  }
  // The ticket as this version shows it.
  std::string render(const Trouble& trouble, const Settings& settings) const;
};

const Dialect& v4();
const Dialect& v5();
const Dialect& dialect_of(std::string_view path);  // of a request under kBasePath

}  // namespace ombud::http::tmf
