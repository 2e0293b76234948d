#include "cli/cli.hpp"

#include <exception>
#include <ostream>

#include "cli/command.hpp"
#include "cli/context.hpp"

namespace ombud::cli {

int run(int argc, const char* const* argv, Surroundings& world, const LocalOperations& local) {
  const Request request = parse(argc, argv);
  if (request.command == nullptr) {
    (request.exit == Exit::ok ? world.out : world.err) << request.text;
    return static_cast<int>(request.exit);
  }
  Context context(world, local, request.globals, request.command);
  Exit exit = Exit::failed;
  try {
    exit = request.command->run(context, request.values);
  } catch (const std::exception& error) {  // ours to mend: expected outcomes are values
    exit = context.fail(Failure{Exit::failed, error.what(), {}, {}, {}});
  }
  world.out.flush();
  if (!world.out.good() && exit == Exit::ok) {
    world.err << "ombud: the output could not be written\n";
    exit = Exit::failed;
  }
  return static_cast<int>(exit);
}

}  // namespace ombud::cli
