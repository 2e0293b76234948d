// ombud supplier test: everything that can be looked at before a supplier gets a ticket, and
// nothing that changes anything there.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "domain/sample.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kStateWidth = 4, kCheckWidth = 12;
constexpr std::string_view kOldHub =
    "The hub that runs is of another version and cannot do the whole test; this is its short one.";

struct Finding {
  std::string check, subject, state, detail, advice;
  std::string requests_json;  // of a dry run; empty: none
};

struct Report {
  std::vector<Finding> findings;
  bool by_hub = false;
  bool failed() const { return count("fail") > 0; }
  int count(std::string_view state) const {
    int all = 0;
    for (const Finding& finding : findings) all += finding.state == state ? 1 : 0;
    return all;
  }
  void add(json::View one) {
    Finding finding{std::string(one["check"].text()),  std::string(one["subject"].text()),
                    std::string(one["state"].text()),  std::string(one["detail"].text()),
                    std::string(one["advice"].text()), {}};
    if (one["requests"].is_array()) finding.requests_json = one["requests"].dump();
    // A word that this command does not know is no success.
    if (finding.state != "ok" && finding.state != "warn" && finding.state != "skip") {
      finding.state = "fail";
    }
    findings.push_back(std::move(finding));
  }
};

Paint paint_of(std::string_view state) {
  return state == "ok"     ? Paint::green
         : state == "warn" ? Paint::yellow
         : state == "fail" ? Paint::red
                           : Paint::dim;
}

// "  Authorization: [secret]" and the body as it would travel.
void print_requests(Context& on, const std::string& requests_json, std::string_view indent) {
  const auto requests = json::parse(requests_json);
  if (!requests) return;
  for (std::size_t i = 0; i < requests->root().size(); ++i) {
    const json::View request = requests->root().at(i);
    on.out() << indent << on.style(Paint::bold, printable(request["method"].text())) << ' '
             << printable(request["url"].text()) << '\n';
    const json::View headers = request["headers"];
    for (std::size_t at = 0; at < headers.size(); ++at) {
      on.out() << indent << printable(headers.name_at(at)) << ": "
               << printable(headers.member_at(at).text()) << '\n';
    }
    on.out() << '\n';
    const std::string body = request["json"].present() ? pretty(request["json"])
                                                       : printable(request["text"].text(), true);
    std::string_view left = body;
    while (!left.empty()) {
      const auto end = std::min(left.find('\n'), left.size());
      on.out() << indent << printable(left.substr(0, end)) << '\n';
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    on.out() << '\n';
  }
}

void print(Context& on, const std::string& link, const Report& report) {
  for (const Finding& finding : report.findings) {
    const std::string lead = fmt::format(
        "{}  {:<{}}  ",
        on.style(paint_of(finding.state), fmt::format("{:<{}}", finding.state, kStateWidth)),
        printable(finding.check), kCheckWidth);
    const std::string indent(kStateWidth + kCheckWidth + 4, ' ');
    std::string text = finding.detail;
    // The detail of an address says which; of everything else it is told.
    const bool named = !finding.subject.empty() &&
                       text.find(finding.subject) == std::string::npos &&
                       finding.subject.find("://") != std::string::npos;
    if (named) text = finding.subject + ": " + text;
    const int width = on.columns > 0 ? on.columns : 100;
    std::string wrapped = wrap(printable(text), width, indent);
    on.out() << lead << wrapped.substr(std::min(indent.size(), wrapped.size()));
    if (finding.state != "ok" && !finding.advice.empty()) {
      on.out() << wrap("→ " + printable(finding.advice), width, indent);
    }
    if (!finding.requests_json.empty()) {
      on.out() << '\n';
      print_requests(on, finding.requests_json, indent);
    }
  }
  const int warnings = report.count("warn"), failures = report.count("fail");
  const std::string warned =
      warnings == 0 ? "" : fmt::format(", {} warning{}", warnings, warnings == 1 ? "" : "s");
  if (failures > 0) {
    on.out() << fmt::format("{}: {} of {} checks failed{}. Nothing was created there.\n",
                            on.style(Paint::red, link + " does not work"), failures,
                            report.findings.size(), warned);
    return;
  }
  on.out() << fmt::format("{}{}. Nothing was created there.{}\n",
                          on.style(Paint::green, link + " works"), warned,
                          report.by_hub ? "" : " Next: ombud supplier enable " + link);
}

void print_json(Context& on, const std::string& link, const Report& report) {
  json::Writer out;
  out.begin_object().field("link", link).field("ok", !report.failed());
  out.field("by", report.by_hub ? "hub" : "command").begin_array("findings");
  for (const Finding& finding : report.findings) {
    out.begin_object().field("check", finding.check).field("subject", finding.subject);
    out.field("state", finding.state).field("detail", finding.detail);
    if (!finding.advice.empty()) out.field("advice", finding.advice);
    if (!finding.requests_json.empty()) out.key("requests").raw(finding.requests_json);
    out.end_object();
  }
  on.out() << out.end_array().end_object().take() << '\n';
}

// The hub's own short test, of a version that has no other.
Outcome<Report> ask_old_hub(Context& on, const std::string& link) {
  const auto answer = on.post("/links/" + escape_url(link) + "/check", "{}");
  if (!answer) return answer.error();
  const json::View said = answer->root();
  Report report;
  report.by_hub = true;
  report.findings.push_back({"hub",
                             "",
                             "warn",
                             std::string(kOldHub),
                             "Update the hub and this command to the same version.",
                             {}});
  report.findings.push_back({"connection",
                             link,
                             said["ok"].boolean() ? "ok" : "fail",
                             said["ok"].boolean() ? "The connector's own check passed."
                                                  : std::string(said["message"].text()),
                             {},
                             {}});
  return report;
}

Outcome<Report> ask_hub(Context& on, const std::string& link) {
  const auto answer = on.post("/links/" + escape_url(link) + "/test", "{}");
  if (!answer) {
    if (answer.error().exit != Exit::not_found) return answer.error();
    const auto there = on.get("/links/" + escape_url(link));
    if (!there || !there->root()["host"].is_object()) return answer.error();
    return ask_old_hub(on, link);
  }
  Report report;
  report.by_hub = true;
  const json::View findings = answer->root()["findings"];
  for (std::size_t i = 0; i < findings.size(); ++i) report.add(findings.at(i));
  return report;
}

Report ask_here(Context& on, const LinkSettings& link) {
  Report report;
  const auto answers =
      on.local.ask_connector(link, true, {{"probe", {}, {}, {}, sample_question(on.world.now())}});
  if (!answers) {
    report.findings.push_back({"process",
                               link.connector,
                               "fail",
                               answers.error().detail,
                               "ombud check tells what is wrong in the file, if it is that.",
                               {}});
    return report;
  }
  for (const std::string& text : answers->front().documents) {
    const auto finding = json::parse(text);
    if (finding && (*finding)["check"].is_text()) report.add(finding->root());
  }
  if (!answers->front().ok) {
    report.findings.push_back(
        {"supplier", link.connector, "fail", answers->front().message, {}, {}});
  }
  return report;
}

// What stands in the file, if it is on this machine: its mistakes come before everything else.
struct Here {
  bool is_file = false;
  std::optional<LinkSettings> link;
  std::vector<FieldProblem> mistakes;
};

Here look_here(Context& on, const std::string& link) {
  Here here;
  if (on.globals.url || on.world.environment("OMBUD_URL")) return here;
  const LoadOptions options = on.load_options();
  const fs::path file = link_folders(options, on.world.directory).suppliers / (link + ".toml");
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return here;
  here.is_file = true;
  auto read = load_link(options, file.lexically_proximate(fs::current_path()));
  if (read) {
    here.link = std::move(*read);
  } else {
    here.mistakes = read.error().fields;
  }
  return here;
}

// Whether the hub works by other settings than those that stand in the file now.
bool differs(Context& on, const LinkSettings& link) {
  const auto works = on.get("/links/" + escape_url(link.id) + "/settings");
  const auto written = json::parse(link.settings_json);
  return works && written && works->root()["settings"].is_object() &&
         works->root()["settings"].dump() != written->root().dump();
}

Exit test(Context& on, const Values& with) {
  const std::string link = with.text("LINK");
  if (!is_key(link)) return on.usage(fmt::format("\"{}\" is not the name of a link.", link));
  const Here here = look_here(on, link);
  Report report;
  if (here.is_file && !here.link) {
    for (const FieldProblem& mistake : here.mistakes) {
      report.findings.push_back(
          {"file", mistake.pointer, "fail", mistake.pointer + ": " + mistake.detail, {}, {}});
    }
  } else {
    auto asked = ask_hub(on, link);
    const bool alone = !asked && (asked.error().exit == Exit::unreachable ||
                                  asked.error().exit == Exit::not_found);
    if (!asked && (!alone || !here.link)) {
      Failure failure = asked.error();
      if (failure.exit == Exit::not_found) {
        failure.detail = fmt::format("There is no link \"{}\".", link);
        failure.advice =
            "ombud supplier list shows those of the hub; ombud supplier new begins one.";
        failure.body.clear();
      }
      return on.fail(failure);
    }
    report = asked ? std::move(*asked) : ask_here(on, *here.link);
    if (report.findings.empty()) {  // silence is no success
      report.findings.push_back({"supplier",
                                 link,
                                 "fail",
                                 "The connector told nothing that can be read.",
                                 "A secret of very few letters is hidden in every word that has "
                                 "them: is it the right one?",
                                 {}});
    }
    if (here.link && report.by_hub && differs(on, *here.link)) {
      report.findings.insert(
          report.findings.begin(),
          Finding{"file",
                  here.link->file,
                  "warn",
                  here.link->file + " has changed since the hub read it; the hub was tested.",
                  "ombud check --apply, then test again.",
                  {}});
    } else if (here.link) {
      const std::string file = fs::path(here.link->file).string();
      report.findings.insert(report.findings.begin(),
                             Finding{"file", file, "ok", file + " has no mistakes.", {}, {}});
    }
  }
  if (on.json()) {
    print_json(on, link, report);
  } else {
    print(on, link, report);
  }
  return report.failed() || (with.flag("--strict") && report.count("warn") > 0) ? Exit::failed
                                                                                : Exit::ok;
}

}  // namespace

std::vector<Command> supplier_test_commands() {
  return {
      {.group = "supplier",
       .name = "test",
       .summary = "Look at everything a supplier's link needs, without creating anything there.",
       .arguments = {{.name = "LINK",
                      .help = "the name of its file, such as acme-it",
                      .required = true},
                     {.name = "--strict",
                      .help = "end with 1 for warnings too",
                      .kind = Argument::Kind::flag}},
       .examples = {"ombud supplier test acme-it", "ombud supplier test acme-it --json --strict"},
       .more =
           "The file, the address (name, connection, certificate, clock), credentials, rights, "
           "required fields, value maps, and the exact requests that a sample ticket would become, "
           "with secrets masked. How deep it goes is the connector's: one that runs a profile does "
           "what the profile's [check] says. A link that the hub runs is tested by the hub, one "
           "that it does not run (yet) right here, with the secrets that its file names. "
           "Ends with 0 if nothing failed, 1 if something did, 3 if there is no such link.",
       .run = test}};
}

}  // namespace ombud::cli
