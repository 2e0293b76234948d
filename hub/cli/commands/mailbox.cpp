// ombud mailbox list: where mail to the desk comes in, and how it goes there.
#include <fmt/format.h>

#include <ostream>

#include "cli/context.hpp"

namespace ombud::cli {
namespace {

Cell state_cell(json::View box) {
  const std::string state(box["state"].text());
  return {state, state == "open" ? Paint::green : state == "trouble" ? Paint::red : Paint::yellow};
}

Exit list(Context& on, const Values& /*with*/) {
  return on.list("/mailboxes", false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "The hub takes no mail: see [mail] in ombud.toml.\n";
      return;
    }
    Table table({"MAILBOX", "KIND", "STATE", "LAST SUCCESS", "TAKEN", "ADDRESS", "SERVER"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View box = items.at(i);
      table.add({{std::string(box["name"].text()), Paint::bold},
                 {std::string(box["kind"].text())},
                 state_cell(box),
                 {on.when(box["last_success_at"])},
                 {box["taken"].present() ? box["taken"].dump() : ""},
                 {std::string(box["address"].text())},
                 {std::string(box["server"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View box = items.at(i);
      const std::string name = on.style(Paint::bold, std::string(box["name"].text()));
      if (box["problem"].present()) {
        on.out() << name << ": " << printable(box["problem"].text()) << '\n';
      }
      const json::View left = box["left"];
      for (std::size_t j = 0; j < left.size(); ++j) {
        on.out() << fmt::format("{}: mail {} stays there. {}\n", name, left.at(j)["uid"].integer(),
                                printable(left.at(j)["why"].text()));
      }
    }
  });
}

}  // namespace

std::vector<Command> mailbox_commands() {
  return {{.group = "mailbox",
           .name = "list",
           .summary = "Where mail comes in, what was taken, and what stands in the way.",
           .examples = {"ombud mailbox list"},
           .run = list}};
}

}  // namespace ombud::cli
