#include "notify/preferences.hpp"

#include "base/json.hpp"

namespace ombud::notify {
namespace {

// What waits of a kind; with $3 not what came with an answer, which is one too.
constexpr Sql kDropWaiting{
    "UPDATE notification SET mail = 'no', due_at = NULL WHERE person_id = $1 AND kind = $2"
    " AND due_at IS NOT NULL AND NOT ($3 = 1 AND EXISTS (SELECT 1 FROM event e"
    " WHERE e.event_id = notification.event_id AND e.type = 'message_added'))"
    " -- all tenants: by person"};

std::string_view word_of(Ways ways) {
  if (ways.mail) return ways.portal ? "both" : "mail";
  return ways.portal ? "portal" : "none";
}

std::optional<Ways> ways_from(std::string_view word) {
  if (word == "both") return Ways{true, true};
  if (word == "mail") return Ways{true, false};
  if (word == "portal") return Ways{false, true};
  if (word == "none") return Ways{false, false};
  return std::nullopt;
}

}  // namespace

Preferences::Preferences() {
  of(Kind::registered).portal = false;  // he has just seen it there
  of(Kind::status_changed).mail = false;
}

std::optional<Problem> mistake_in(const Preferences& chosen) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    const Ways& ways = chosen.kinds[i];
    if (!is_locked(kWords<Kind>[i].first) || ways.mail || ways.portal) continue;
    return invalid("/kinds", "must have mail or portal for " + std::string(kWords<Kind>[i].second) +
                                 ": somebody waits for you");
  }
  if (chosen.digest_at < 0 || chosen.digest_at >= kMinutesOfDay) {
    return invalid("/digest_at", "must be a time of the day such as 07:30");
  }
  if (chosen.quiet && chosen.quiet->from == chosen.quiet->until) {
    return invalid("/quiet", "must end at another time than it begins");
  }
  return std::nullopt;
}

Preferences preferences_from(const PreferenceRow& row) {
  Preferences chosen;
  if (const auto kinds = json::parse(row.kinds)) {
    for (const auto& [kind, word] : kWords<Kind>) {
      if (const auto ways = ways_from((*kinds)[word].text())) chosen.of(kind) = *ways;
    }
  }
  chosen.digest = from_text<Digest>(row.digest).value_or(Digest::off);
  chosen.digest_at = row.digest_at;
  if (row.quiet_from && row.quiet_until) chosen.quiet = Quiet{*row.quiet_from, *row.quiet_until};
  return chosen;
}

PreferenceRow row_of(const Preferences& chosen) {
  PreferenceRow row;
  const Preferences given;
  json::Writer out;
  out.begin_object();
  for (const auto& [kind, word] : kWords<Kind>) {
    if (chosen.of(kind) != given.of(kind)) out.field(word, word_of(chosen.of(kind)));
  }
  row.kinds = out.end_object().take();
  row.digest = to_text(chosen.digest);
  row.digest_at = chosen.digest_at;
  if (chosen.quiet) {
    row.quiet_from = chosen.quiet->from;
    row.quiet_until = chosen.quiet->until;
  }
  return row;
}

Preferences preferences_of(Tx& tx, PersonId person) {
  const auto row = find_preferences(tx, person);
  return row ? preferences_from(*row) : Preferences();
}

Result<void> choose(Tx& tx, PersonId person, const Preferences& chosen) {
  if (auto wrong = mistake_in(chosen)) return *wrong;
  put_preferences(tx, person, row_of(chosen));
  for (const auto& [kind, word] : kWords<Kind>) {
    if (chosen.of(kind).mail) continue;
    tx.run(kDropWaiting, person, word, chosen.of(Kind::replied).mail);
  }
  release_held(tx, person, tx.at());
  return {};
}

}  // namespace ombud::notify
