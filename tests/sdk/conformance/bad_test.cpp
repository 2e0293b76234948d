// Every rule of the kit is broken once, and exactly the cases that are about it tell.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "kit_run.hpp"

namespace ombud::conformance {
namespace {

struct Wrong {
  std::string sin;              // sdk/conformance/bad/sins.hpp
  std::set<std::string> tells;  // the cases, and how they end
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.sin;
}

class BadConnector : public testing::TestWithParam<Wrong> {};

TEST_P(BadConnector, FailsExactlyItsOwnCases) {
  const KitRun run = run_kit(bad(GetParam().sin) + " --json");
  EXPECT_EQ(broken(run.output), GetParam().tells);
  EXPECT_EQ(run.exit_code, GetParam().tells.empty() ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(
    Of, BadConnector,
    testing::Values(Wrong{"none", {}}, Wrong{"exports_two", {"load.exports failed"}},
                    Wrong{"unlike_manifest", {"load.manifest failed"}},
                    Wrong{"answers_any_id", {"load.unknown-ids failed"}},
                    Wrong{"leaks_instance", {"load.create-destroy failed"}},
                    Wrong{"takes_any_settings", {"load.bad-config failed"}},
                    Wrong{"secret_in_clear", {"behave.schema failed"}},
                    Wrong{"cuts_texts", {"behave.texts failed"}},
                    Wrong{"makes_missing", {"behave.update-missing failed"}},
                    Wrong{"shows_private", {"behave.private-comment failed"}},
                    Wrong{"finds_beginnings", {"behave.find-ticket failed"}},
                    Wrong{"finds_quotes", {"behave.find-comment failed"}},
                    Wrong{"keeps_pointer", {"behave.borrowed crashed"}},
                    Wrong{"runs_ahead", {"behave.poll-race failed"}},
                    Wrong{"renames_events", {"behave.poll-again failed"}},
                    Wrong{"hides_echo", {"behave.poll-echo failed"}},
                    Wrong{"pushes_on", {"behave.poll-stop failed"}},
                    Wrong{"forgets_second_page",
                          {"behave.poll-many failed", "behave.poll-long failed"}},
                    Wrong{"cuts_talks", {"behave.poll-long failed"}},
                    Wrong{"accepts_forged", {"behave.webhook-signature failed"}},
                    Wrong{"throws_across", {"faults.http-409 failed"}},
                    Wrong{"claims_retry", {"faults.http-504-applied failed"}},
                    Wrong{"sends_twice", {"faults.lost-reply failed"}},
                    Wrong{"denies_when_hidden", {"faults.http-404 failed"}},
                    Wrong{"gives_up", {"faults.refused failed"}},
                    Wrong{"ignores_retry_after", {"faults.http-429-retry-after failed"}},
                    Wrong{"ignores_cancel", {"faults.cancelled failed"}},
                    Wrong{"trusts_addresses", {"hostile.secrets failed"}},
                    Wrong{"trusts_answers", {"hostile.answers-fuzz crashed"}},
                    Wrong{"needs_log", {"hostile.bare-host crashed"}},
                    Wrong{"starts_thread", {"hostile.threads-and-files failed"}},
                    Wrong{"grows", {"hostile.day failed"}}),
    [](const auto& param) { return param.param.sin; });

}  // namespace
}  // namespace ombud::conformance
