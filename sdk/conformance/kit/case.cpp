#include "conformance/kit/case.hpp"

#include "base/bytes.hpp"

namespace ombud::conformance {
namespace {

constexpr std::size_t kQuotedBytesMax = 240;

bool denies(Status status) {
  return status != Status::ok && status != Status::ambiguous;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  const std::string_view shown = cut_utf8(text, kQuotedBytesMax);
  std::string out = "\"";
  for (const char c : shown) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  out += shown.size() < text.size()
             ? "\" (and " + std::to_string(text.size() - shown.size()) + " bytes more)"
             : "\"";
  return out;
}

std::string describe(const Outcome& outcome) {
  if (outcome.threw) return "threw " + in_quotes(outcome.thrown);
  std::string out = "answered ";
  if (outcome.raw < OMBUD_OK || outcome.raw > OMBUD_CANCELLED) {
    out += "the unknown status " + std::to_string(outcome.raw);
  } else {
    out += to_text(static_cast<Status>(outcome.raw));
  }
  if (!outcome.message.empty()) out += " with " + in_quotes(outcome.message);
  for (const Exchange& exchange : outcome.exchanges) {
    if (!exchange.why_not.empty()) {
      out += " (the host did not send " + exchange.method + " " + exchange.url + ": " +
             exchange.why_not + ")";
    }
  }
  return out;
}

std::string list(const std::vector<Exchange>& exchanges) {
  std::string out;
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    const Exchange& one = exchanges[i];
    out += "\n  " + std::to_string(i) + "  " + one.method + " " + one.url + " → ";
    if (!one.why_not.empty()) {
      out += "not sent: " + one.why_not;
    } else if (one.verdict == OMBUD_OK) {
      out += std::to_string(one.code);
    } else {
      out += to_text(static_cast<Status>(one.verdict));
    }
    if (one.faulted) out += "   ← the fault";
    if (one.effects > 0) out += "   (carried out)";
  }
  return out;
}

void Kit::need_loaded() const {
  if (subject.entry == nullptr) fail("The library does not load: " + subject.load_error + ".");
}

void Kit::need_settings() const {
  need_loaded();
  if (!subject.has_settings) {
    skip("needs the settings of a link: give --dialect, or --settings FILE");
  }
}

void Kit::need_supplier() const {
  need_loaded();
  if (subject.can("raw-network")) {
    skip(
        "the connector owns its sockets (raw-network), so the kit cannot stand in for its "
        "supplier: its own tests must");
  }
  if (subject.dialect == nullptr) skip("needs the supplier's dialect: give --dialect LIBRARY");
}

void Kit::need_extension(const char* id) const {
  Stage stage(subject);
  if (!stage.create()) {
    fail("The connector refuses the settings: create " + describe(stage.create_outcome()) + ".");
  }
  if (!stage.offers(id)) skip("the connector offers no " + std::string(id));
}

void Kit::sound(const Outcome& outcome, const std::string& what) const {
  if (outcome.threw) {
    fail(what + " threw across the boundary: " + outcome.thrown +
         ". Nothing may be thrown out of a connector; build it on ombud/connector.hpp.");
  }
  if (outcome.raw < OMBUD_OK || outcome.raw > OMBUD_CANCELLED) {
    fail(what + " " + describe(outcome) + "; there are seven, from 0 to 6.");
  }
  if (outcome.fail_calls > 1) {
    fail(what + " called fail() " + std::to_string(outcome.fail_calls) +
         " times; the host takes the first and drops the rest.");
  }
  bool host_says = false;  // then the host has words of its own
  for (const Exchange& exchange : outcome.exchanges) {
    host_says = host_says || exchange.verdict != OMBUD_OK;
  }
  if (outcome.status != Status::ok && outcome.status != Status::cancelled &&
      outcome.message.empty() && !host_says) {
    fail(what + " " + describe(outcome) +
         " and said nothing: the operator must read what was wrong. Call fail() before returning.");
  }
}

void Kit::worked(const Outcome& outcome, const std::string& what) const {
  sound(outcome, what);
  if (outcome.status != Status::ok) {
    fail(what + " " + describe(outcome) + "." + list(outcome.exchanges));
  }
}

void Kit::honest(const Outcome& outcome, const std::string& what) const {
  if (outcome.effects > 0 && denies(outcome.status)) {
    fail(what + " " + describe(outcome) +
         ", which says that surely nothing was applied. But the supplier had carried it out; "
         "the answer is ok or ambiguous." +
         list(outcome.exchanges));
  }
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> kAll = [] {
    std::vector<Case> cases;
    add_load_cases(cases);
    add_behave_cases(cases);
    add_operator_cases(cases);
    add_poll_cases(cases);
    add_snapshot_cases(cases);
    add_fault_cases(cases);
    add_hostile_cases(cases);
    return cases;
  }();
  return kAll;
}

}  // namespace ombud::conformance
