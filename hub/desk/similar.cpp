#include "desk/similar.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "store/search.hpp"

namespace ombud::desk {
namespace {

constexpr std::size_t kWordsMax = 12;             // of the ticket that are looked for
constexpr std::size_t kWordBytesMin = 3;          // shorter ones say nothing
constexpr std::size_t kTextBytesCompared = 2048;  // of the first message
constexpr int kMessagesPerWord = 120;
constexpr std::size_t kCandidatesMax = 30;  // compared word by word
constexpr int kScoreMin = 10;

struct Words {
  std::set<std::string> subject, all;
};
Words words_of_ticket(Tx& tx, const Ticket& ticket) {
  Words words;
  const auto take = [&](std::string_view text, std::set<std::string>& into) {
    for (std::string& word : tx.words_of(text)) {
      if (word.size() >= kWordBytesMin) into.insert(std::move(word));
    }
  };
  take(ticket.subject, words.subject);
  words.all = words.subject;
  take(cut_utf8(first_text_of(tx, ticket.id), kTextBytesCompared), words.all);
  return words;
}

// The subject's words first, then the longest: those are seldom the common ones.
std::vector<std::string> chosen_words(const Words& words) {
  std::vector<std::string> chosen(words.subject.begin(), words.subject.end());
  std::vector<std::string> rest;
  std::set_difference(words.all.begin(), words.all.end(), words.subject.begin(),
                      words.subject.end(), std::back_inserter(rest));
  const auto longer = [](const std::string& a, const std::string& b) {
    return a.size() > b.size();
  };
  std::stable_sort(chosen.begin(), chosen.end(), longer);
  std::stable_sort(rest.begin(), rest.end(), longer);
  chosen.insert(chosen.end(), rest.begin(), rest.end());
  if (chosen.size() > kWordsMax) chosen.resize(kWordsMax);
  return chosen;
}

// How rare a word is, from its latest messages: those of a common one lie close together.
double weight_of(const WordHits& hits, std::int64_t events) {
  if (hits.messages == 0) return 0;
  const auto total = static_cast<double>(std::max<std::int64_t>(events, 1));
  const auto span = static_cast<double>(std::max<std::int64_t>(events - hits.oldest, 1));
  const double found = hits.messages;
  const double estimate = hits.messages < kMessagesPerWord ? found : found * total / span;
  return std::log(1.0 + total / estimate);
}

using Weights = std::map<std::string, double>;

int score_of(const Words& mine, const Words& other, const Weights& weights) {
  double shared = 0, whole = 0;
  for (const auto& [word, weight] : weights) {
    const bool in_subject = mine.subject.contains(word);
    const double counts = in_subject ? 2 * weight : weight;
    whole += counts;
    if (other.all.contains(word)) {
      shared += in_subject && !other.subject.contains(word) ? weight : counts;
    }
  }
  return whole > 0 ? static_cast<int>(std::lround(100 * shared / whole)) : 0;
}

}  // namespace

Result<std::vector<Similar>> similar_tickets(Tx& tx, TicketId id) {
  if (auto refused = needs_inside(tx)) return *refused;
  const auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  const Words mine = words_of_ticket(tx, *ticket);
  const std::int64_t events = newest_event(tx).value;
  Weights weights;
  std::map<std::int64_t, double> found;
  for (const std::string& word : chosen_words(mine)) {
    const WordHits hits = latest_with(tx, word, kMessagesPerWord);
    const double weight = weight_of(hits, events);
    weights[word] = weight;
    for (const TicketId other : hits.tickets) {
      if (other != id) found[other.value] += weight;
    }
  }
  std::vector<std::pair<double, std::int64_t>> best;
  for (const auto& [other, weight] : found) best.emplace_back(weight, other);
  std::sort(best.rbegin(), best.rend());
  if (best.size() > kCandidatesMax) best.resize(kCandidatesMax);

  std::vector<std::pair<int, Ticket>> compared;
  for (const auto& [weight, other] : best) {
    auto candidate = find_ticket(tx, {other});
    if (!candidate || !sees_ticket(tx, *candidate)) continue;
    const int score = score_of(mine, words_of_ticket(tx, *candidate), weights);
    if (score >= kScoreMin) compared.emplace_back(score, std::move(*candidate));
  }
  std::stable_sort(compared.begin(), compared.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (compared.size() > static_cast<std::size_t>(kSimilarMax)) {
    compared.erase(compared.begin() + kSimilarMax, compared.end());
  }
  std::vector<Ticket> tickets;
  for (auto& [score, one] : compared) tickets.push_back(std::move(one));
  std::vector<Similar> all;
  auto rows = rows_of(tx, std::move(tickets));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    all.push_back({std::move(rows[i]), compared[i].first});
  }
  return all;
}

}  // namespace ombud::desk
