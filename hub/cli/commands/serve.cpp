// ombud serve: checks the configuration, then hands it to main.
#include "cli/context.hpp"
#include "cli/doubts.hpp"

namespace ombud::cli {
namespace {

Exit serve(Context& on, const Values&) {
  if (!on.local.serve) {
    return on.fail(Failure{Exit::failed, "This program was built without the hub.", {}, {}, {}});
  }
  LoadOptions options = on.load_options();
  options.leave_out_unfinished = true;  // and so on every reload
  if (const auto missing = no_configuration(on)) return on.fail(*missing);
  auto settings = load_settings(options);
  if (!settings) {
    Failure failure = failure_of(settings.error());
    failure.advice = "Nothing was started. Mend it, then: ombud check";
    return on.fail(failure);
  }
  for (const std::string& file : settings->left_out) {
    on.world.err << "ombud: " << printable(file)
                 << " is off and has mistakes; it is left out. See: ombud check\n";
  }
  for (const FieldProblem& doubt : doubts_of(*settings)) {
    on.world.err << "ombud: note: " << printable(doubt.pointer) << ' ' << printable(doubt.detail)
                 << '\n';
  }
  return static_cast<Exit>(on.local.serve(ServeOrder{std::move(*settings), options}));
}

}  // namespace

std::vector<Command> serve_commands() {
  return {
      {.group = "",
       .name = "serve",
       .summary = "Run the hub until it is told to end.",
       .examples = {"ombud serve", "ombud serve --config /etc/ombud --data /var/lib/ombud"},
       .more =
           "SIGTERM or Ctrl-C lets running deliveries finish and ends; a second one ends at once. "
           "SIGHUP, or ombud check --apply, reads the configuration again.",
       .run = serve}};
}

}  // namespace ombud::cli
