#include "conformance/kit/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/bytes.hpp"

namespace ombud::conformance {
namespace {

constexpr Verdict kVerdicts[] = {Verdict::passed, Verdict::warned, Verdict::skipped,
                                 Verdict::failed, Verdict::crashed};

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : to_valid_utf8(text)) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (code >= 0x20 || c == '\n' || c == '\t') {
      out += c;
    }
  }
  return out;
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += "      " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

void write_members(json::Writer& out, const Result& result) {
  out.field("case", result.name)
      .field("level", result.level)
      .field("shows", result.shows)
      .field("result", to_text(result.verdict))
      .field("seconds", result.seconds);
  if (!result.message.empty()) out.field("message", to_valid_utf8(result.message));
  if (!result.warnings.empty()) {
    out.begin_array("warnings");
    for (const std::string& warning : result.warnings) out.value(to_valid_utf8(warning));
    out.end_array();
  }
  if (!result.output.empty()) out.field("output", to_valid_utf8(result.output));
  if (!result.repeat.empty()) out.field("repeat", result.repeat);
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::warned:
      return "warned";
    case Verdict::skipped:
      return "skipped";
    case Verdict::failed:
      return "failed";
    case Verdict::crashed:
      return "crashed";
  }
  return "";
}

Result run_case(const Case& wanted, const Subject& subject, std::uint64_t seed,
                const std::string& own_program) {
  Result result;
  result.name = wanted.name;
  result.level = wanted.level;
  result.shows = wanted.shows;
  Kit kit{subject, SeededRandom(seed), own_program, {}};
  const auto began = std::chrono::steady_clock::now();
  try {
    wanted.run(kit, wanted);
    result.verdict = kit.warnings.empty() ? Verdict::passed : Verdict::warned;
  } catch (const Skipped& why) {
    result.verdict = Verdict::skipped;
    result.message = why.what();
  } catch (const std::exception& error) {
    result.verdict = Verdict::failed;
    result.message = error.what();
  }
  result.warnings = std::move(kit.warnings);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return result;
}

std::string to_json(const Result& result) {
  json::Writer out;
  out.begin_object();
  write_members(out, result);
  return out.end_object().take();
}

std::optional<Result> result_from_json(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->root().is_object()) return std::nullopt;
  const json::View in = parsed->root();
  Result result;
  result.name = in["case"].text();
  result.level = static_cast<int>(in["level"].integer());
  result.shows = in["shows"].text();
  result.message = in["message"].text();
  for (const Verdict verdict : kVerdicts) {
    if (in["result"].text() == to_text(verdict)) result.verdict = verdict;
  }
  for (std::size_t i = 0; i < in["warnings"].size(); ++i) {
    result.warnings.emplace_back(in["warnings"].at(i).text());
  }
  return result;
}

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [&](const Result& r) { return r.verdict == verdict; }));
}

std::string to_json(const Report& report) {
  json::Writer out;
  out.begin_object()
      .field("library", report.library)
      .field("connector", report.connector)
      .field("version", report.version)
      .field("seed", report.seed)
      .field("good", report.good());
  out.begin_object("count");
  for (const Verdict verdict : kVerdicts) {
    out.field(to_text(verdict), static_cast<std::uint64_t>(report.count(verdict)));
  }
  out.end_object().begin_array("cases");
  for (const Result& result : report.results) {
    out.begin_object();
    write_members(out, result);
    out.end_object();
  }
  return out.end_array().end_object().take();
}

std::string to_junit(const Report& report) {
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"ombud-conform {}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"{}\">\n",
      xml(report.connector), report.results.size(), report.count(Verdict::failed),
      report.count(Verdict::crashed), report.count(Verdict::skipped));
  for (const Result& result : report.results) {
    out += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">",
                       xml(report.connector), xml(result.name), result.seconds);
    const std::string text = result.message + (result.repeat.empty() ? "" : "\n" + result.repeat);
    if (result.verdict == Verdict::failed) {
      out += fmt::format("<failure message=\"{}\">{}</failure>", xml(result.shows), xml(text));
    } else if (result.verdict == Verdict::crashed) {
      out += fmt::format("<error message=\"{}\">{}</error>", xml(result.shows), xml(text));
    } else if (result.verdict == Verdict::skipped) {
      out += fmt::format("<skipped message=\"{}\"/>", xml(result.message));
    }
    for (const std::string& warning : result.warnings) {
      out += fmt::format("<system-out>warning: {}</system-out>", xml(warning));
    }
    if (!result.output.empty()) {
      out += fmt::format("<system-err>{}</system-err>", xml(result.output));
    }
    out += "</testcase>\n";
  }
  return out + "</testsuite>\n";
}

std::string Terminal::paint(Verdict verdict, std::string_view text) const {
  if (!colours_) return std::string(text);
  const char* colour = verdict == Verdict::passed    ? "32"
                       : verdict == Verdict::warned  ? "33"
                       : verdict == Verdict::skipped ? "36"
                                                     : "1;31";
  return fmt::format("\033[{}m{}\033[0m", colour, text);
}

void Terminal::begins(const Case& wanted, std::size_t number, std::size_t of) {
  if (quiet_ || !colours_) return;  // progress is for a person who watches
  fmt::print("\r\033[K[{}/{}] {} …", number, of, wanted.name);
  std::fflush(stdout);
}

void Terminal::ended(const Result& result) {
  if (quiet_) return;
  if (colours_) fmt::print("\r\033[K");
  fmt::print("{:<8}  {:<30} {}\n", paint(result.verdict, to_text(result.verdict)), result.name,
             result.shows);
  if (!result.message.empty()) fmt::print("{}", indented(result.message));
  for (const std::string& warning : result.warnings) fmt::print("{}", indented(warning));
  const bool bad = result.verdict == Verdict::failed || result.verdict == Verdict::crashed;
  if (bad && !result.output.empty()) {
    fmt::print("      It wrote:\n{}", indented(result.output));
  }
  if (bad && !result.repeat.empty()) fmt::print("      Again: {}\n", result.repeat);
  std::fflush(stdout);
}

void Terminal::sum(const Report& report) {
  if (quiet_) return;
  fmt::print("\n{} {}: ", report.connector, report.version);
  std::string parts;
  for (const Verdict verdict : kVerdicts) {
    const std::size_t count = report.count(verdict);
    if (count == 0) continue;
    parts +=
        (parts.empty() ? "" : ", ") + paint(verdict, fmt::format("{} {}", count, to_text(verdict)));
  }
  fmt::print("{}\n", parts.empty() ? "nothing to do" : parts);
  std::string last;
  for (const Result& result : report.results) {
    if (result.verdict == Verdict::failed || result.verdict == Verdict::crashed) {
      last = result.repeat;
    }
  }
  if (!last.empty()) fmt::print("{}\n", last);
  std::fflush(stdout);
}

}  // namespace ombud::conformance
