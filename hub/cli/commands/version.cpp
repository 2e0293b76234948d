// ombud version.
#include <fmt/format.h>
#include <ombud/connector.h>

#include <ostream>

#include "cli/context.hpp"

namespace ombud::cli {
namespace {

Exit version(Context& on, const Values&) {
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("version", on.world.version).begin_object("abi");
    out.field("major", static_cast<int>(OMBUD_ABI_MAJOR));
    out.field("minor", static_cast<int>(OMBUD_ABI_MINOR)).end_object().end_object();
    on.out() << out.take() << '\n';
  } else {
    on.out() << fmt::format("ombud {}, connector ABI {}.{}\n", on.world.version, OMBUD_ABI_MAJOR,
                            OMBUD_ABI_MINOR);
  }
  return Exit::ok;
}

}  // namespace

std::vector<Command> version_commands() {
  return {{.group = "",
           .name = "version",
           .summary = "Print the version of the hub and of the connector ABI.",
           .examples = {"ombud version --json"},
           .run = version}};
}

}  // namespace ombud::cli
