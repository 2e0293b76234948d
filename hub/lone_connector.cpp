#include "lone_connector.hpp"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <optional>

#include "supervisor/hosts.hpp"
#include "supervisor/process_spawner.hpp"
#include "supervisor/zmq_wire.hpp"

namespace ombud {
namespace {

namespace fs = std::filesystem;

constexpr Millis kStartMost{15'000};

using Answers = std::vector<cli::ConnectorAnswer>;

struct Quiet {
  void operator()(std::string_view) const {}
};

class RunFolder {
 public:
  RunFolder() {
    std::string name = (fs::temp_directory_path() / "ombud-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("No scratch directory: " + name);
    path_ = name;
  }
  ~RunFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Everything that must live as long as the host's process does.
struct World {
  World(const std::string& program, Clock& clock, Random& random)
      : quiet(clock, Level::error, Quiet()),
        wire(io.get_executor(), (folder.path() / "run").string(), quiet),
        spawner(io.get_executor(), {program, wire.endpoint(), {"LANG=C.UTF-8"}}, clock, quiet),
        hosts(io.get_executor(), clock, random, wire, spawner, quiet, HostLimits{}) {}

  RunFolder folder;
  net::io_context io;
  Log quiet;
  ZmqWire wire;
  ProcessSpawner spawner;
  Doorbell changed;
  Hosts hosts;
};

net::awaitable<Result<Answers>> ask(World& world, Clock& clock, std::string link,
                                    const std::vector<cli::ConnectorQuestion>& questions) {
  const Instant until = clock.now() + kStartMost;
  for (;;) {
    const HostStatus status = world.hosts.status(link);
    if (status.state == HostState::up) break;
    const bool failed = status.state == HostState::backing_off || status.state == HostState::held;
    if (failed || clock.now() >= until) {
      co_return problem(ProblemKind::unavailable,
                        status.reason.empty() ? "The connector does not start." : status.reason);
    }
    co_await clock.sleep_until(until, &world.changed);
  }
  Answers answers;
  for (const cli::ConnectorQuestion& question : questions) {
    wire::Call call;
    const auto operation = wire::operation_from(question.operation);
    if (!operation || wire::is_write(*operation)) co_return not_found("operation");
    call.operation = *operation;
    call.kind = question.kind;
    call.correlation = question.correlation;
    call.external_id = question.external_id;
    call.body = question.body;
    call.soft_deadline_ms = cli::kQuestionMost.count();
    wire::Reply reply = co_await world.hosts.call(link, std::move(call));
    cli::ConnectorAnswer answer;
    answer.ok = reply.status == wire::Status::ok;
    answer.message = std::move(reply.message);
    answer.documents = std::move(reply.documents);
    answers.push_back(std::move(answer));
  }
  co_return answers;
}

net::awaitable<void> run(World& world, Clock& clock, std::string link,
                         const std::vector<cli::ConnectorQuestion>& questions,
                         std::optional<Result<Answers>>& into) {
  Result<Answers> answers = co_await ask(world, clock, link, questions);
  into.emplace(std::move(answers));
  co_await world.hosts.drain(Millis{0});
}

}  // namespace

Result<Answers> ask_lone_connector(const std::string& host_program, Clock& clock, Random& random,
                                   const cli::LinkSettings& link, bool network,
                                   const std::vector<cli::ConnectorQuestion>& questions) {
  try {
    World world(host_program, clock, random);
    HostSpec spec;
    spec.link = link.id;
    spec.connector_dir = link.connector_dir.string();
    spec.settings_json = link.settings_json;
    if (network) {
      spec.secrets = link.secrets;
      spec.origins = link.origins;
    }
    spec.scratch_dir = (world.folder.path() / "scratch").string();
    spec.memory_bytes_max = static_cast<std::uint64_t>(link.limits.memory_bytes_max);
    world.hosts.start(std::move(spec), &world.changed);
    std::optional<Result<Answers>> answers;
    std::exception_ptr failed;
    net::co_spawn(world.io, run(world, clock, link.id, questions, answers),
                  [&](std::exception_ptr thrown) {
                    failed = thrown;
                    world.io.stop();
                  });
    world.io.run();
    if (failed) std::rethrow_exception(failed);
    return std::move(*answers);
  } catch (const std::exception& failed) {
    return problem(ProblemKind::unavailable, failed.what());
  }
}

}  // namespace ombud
