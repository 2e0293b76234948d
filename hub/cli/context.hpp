// What a running command works with: the hub's API, the terminal, and the ways to end.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "cli/api.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "domain/ids.hpp"

namespace ombud::cli {

class Context {
 public:
  // `command`: the one that runs; refusals of the hub are then told in its options.
  Context(Surroundings& world, const LocalOperations& local, Globals globals,
          const Command* command = nullptr);

  // The API of the hub that the options, the environment, or the data directory name.
  Outcome<Api*> hub();
  Outcome<Answer> get(const std::string& path);
  Outcome<Answer> post(const std::string& path, const std::string& body);
  Outcome<Answer> put(const std::string& path, const std::string& body,
                      const std::string& etag = {});
  Outcome<Answer> remove(const std::string& path);
  // Every item of a list, page by page.
  Outcome<std::vector<json::Document>> get_all(const std::string& path, const Query& query = {});

  std::filesystem::path config_file() const;
  std::filesystem::path data_dir() const;
  LoadOptions load_options() const;

  // Says why on standard error; with --json as the problem document.
  Exit fail(const Failure& failure);
  Exit fail(const Problem& problem) { return fail(failure_of(problem)); }
  Exit usage(std::string_view detail);
  // The common end: a failure is told, with --json the hub's answer is printed as it came, else
  // `say` tells it to a person.
  Exit finish(const Outcome<Answer>& answer, const std::function<void(json::View)>& say);
  // A list: the same, in rounds if `watch`.
  Exit list(const std::string& path, bool watch, const std::function<void(json::View)>& say);
  void print_more(json::View page);  // how to see the next page, if there is one

  // "OMB-7" or "7".
  Outcome<TicketId> ticket(const std::string& written) const;
  Outcome<std::int64_t> number(const std::string& written, std::string_view what) const;
  // A text given as an argument; "-" or none: from standard input.
  Outcome<std::string> text_or_input(const std::optional<std::string>& written);

  bool json() const { return globals.json; }
  std::ostream& out() const { return world.out; }
  std::string when(json::View time) const;  // as people say it

  Surroundings& world;
  const LocalOperations& local;
  const Globals globals;
  const Style style;
  const int columns;

 private:
  const Command* command_;
  std::unique_ptr<Api> api_;
};

inline constexpr Millis kWatchEvery{2'000};
inline constexpr std::size_t kInputBytesMax = 1U << 20U;

}  // namespace ombud::cli
