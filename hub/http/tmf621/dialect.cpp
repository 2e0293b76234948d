#include "http/tmf621/dialect.hpp"

namespace ombud::http::tmf {

std::string Dialect::render(const Trouble& trouble, const Settings& settings) const {
  const std::string address = base(settings);
  std::string document = v4_document(trouble, address);
  if (!v5) return document;
  const auto parsed = json::parse(document);
  return parsed ? to_v5(parsed->root(), address) : document;
}

const Dialect& v4() {
  static const Contract contract(kV4Text);
  static const Dialect dialect{
      "v4",    "TroubleTicket_Create", "TroubleTicket_Update", "EventSubscriptionInput", false,
      contract};
  return dialect;
}

const Dialect& v5() {
  static const Contract contract(kV5Text);
  static const Dialect dialect{"v5",    "TroubleTicket_FVO", "TroubleTicket_MVO", "Hub_FVO", true,
                               contract};
  return dialect;
}

const Dialect& dialect_of(std::string_view path) {
  return path.find("/v5/") != std::string_view::npos ? v5() : v4();
}

}  // namespace ombud::http::tmf
