#include "inbound/changes.hpp"

#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "desk/delegations.hpp"
#include "desk/supplier_notices.hpp"
#include "inbound/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/recording.hpp"

namespace ombud::inbound {
namespace {

namespace net = boost::asio;

constexpr std::string_view kAnnouncement = "ombud.announcement/1";

}  // namespace

ChangeTaker::ChangeTaker(Store& store, Blobs& blobs, const Log& log, Rules rules)
    : store_(store), blobs_(blobs), log_(log), who_(system_principal("inbound")), rules_(rules) {}

net::awaitable<Result<Taken>> ChangeTaker::take(std::string link,
                                                std::vector<std::string> documents) {
  struct Change {
    json::Document document;
    desk::AttachmentBytes bytes;
  };
  auto changes = std::make_shared<std::vector<Change>>();
  // What came, each with the changes that were made of it.
  struct Recording {
    std::string raw;
    std::vector<std::string> changes;
  };
  auto recordings = std::make_shared<std::vector<Recording>>();
  std::optional<std::string> cursor;
  for (const std::string& text : documents) {
    auto document = json::parse(text);
    if (!document) {
      log_.error("a connector sent a document that is not JSON",
                 {{"link", link}, {"reason", document.error().detail}});
      continue;
    }
    if (const auto at = (*document)["cursor"].maybe_text()) {
      cursor = std::string(*at);
    } else if ((*document)["raw"].present()) {
      recordings->push_back({(*document)["raw"].dump(), {}});
    } else {
      if (!recordings->empty()) recordings->back().changes.push_back(text);
      changes->push_back({std::move(*document), {}});
    }
  }

  // Bytes that travel inside first, so that the commit below holds the whole change. Others are
  // fetched after it: a slow download must not hold up the feed.
  for (Change& change : *changes) {
    const auto content = change.document["attachment"]["content"].maybe_text();
    if (change.document["type"].text() != "attachment" || !content) continue;
    std::function<Result<bool>(Tx&)> ask = [&](Tx& tx) -> Result<bool> {
      return desk::is_wanted(tx, link, change.document.root());
    };
    const auto wanted = co_await read<bool>(store_, who_, ask);
    if (!wanted || !*wanted) continue;
    auto decoded = from_base64(*content);
    if (!decoded) {
      change.bytes.lost = true;
      continue;
    }
    const auto stored = co_await blobs_.put(std::move(*decoded));
    if (!stored) continue;  // the disk is full: tried again like a fetch
    change.bytes.sha256 = stored->sha256;
    change.bytes.bytes = stored->bytes;
  }

  if (!rules_.cursor_with_events && cursor) {
    std::function<Result<int>(Tx&)> save = [link, cursor](Tx& tx) -> Result<int> {
      set_link_cursor(tx, link, *cursor);
      return 0;
    };
    const auto saved = co_await write<int>(store_, who_, save);
    if (!saved) co_return saved.error();
  }

  Taken taken;
  for (std::size_t from = 0; from == 0 || from < changes->size(); from += kChangesPerCommit) {
    const std::size_t to = std::min(from + kChangesPerCommit, changes->size());
    const bool last = to == changes->size();
    std::function<Result<Taken>(Tx&)> work = [this, changes, recordings, from, to, last, link,
                                              cursor](Tx& tx) -> Result<Taken> {
      Taken count;
      for (std::size_t i = from; i < to; ++i) {
        const Change& change = (*changes)[i];
        if (change.document["schema"].text() == kAnnouncement) {
          announced(tx, link, change.document.root(), count);
          continue;
        }
        const auto applied =
            desk::apply_change(tx, link, change.document.root(), change.bytes, rules_.intake);
        if (!applied) {
          const std::string why = applied.error().fields.empty()
                                      ? applied.error().detail
                                      : applied.error().fields.front().detail;
          log_.error("a connector sent a change that cannot be taken",
                     {{"link", link}, {"reason", why}});
          continue;
        }
        switch (*applied) {
          case desk::Applied::held:
            ++count.held;
            break;
          case desk::Applied::applied:
            ++count.applied;
            break;
          case desk::Applied::echo:
            ++count.echoes;
            break;
          case desk::Applied::duplicate:
            ++count.duplicates;
            break;
          case desk::Applied::unknown_ticket:
          case desk::Applied::ignored:
            ++count.unknown;
            break;
        }
      }
      if (last && cursor) set_link_cursor(tx, link, *cursor);
      if (last && !recordings->empty()) {
        for (const Recording& recording : *recordings) {
          record_changes(tx, link, recording.raw, recording.changes);
        }
      }
      return count;
    };
    const auto count = co_await write<Taken>(store_, who_, work);
    if (!count) co_return count.error();
    taken.applied += count->applied;
    taken.echoes += count->echoes;
    taken.duplicates += count->duplicates;
    taken.unknown += count->unknown;
    taken.held += count->held;
  }
  co_return taken;
}

// What the supplier announces by itself: the same commit, the same tolerance of nonsense.
void ChangeTaker::announced(Tx& tx, const std::string& link, json::View document,
                            Taken& count) const {
  const auto taken = desk::take_announcement(tx, link, document);
  if (!taken) {
    const std::string why =
        taken.error().fields.empty()
            ? taken.error().detail
            : taken.error().fields.front().pointer + " " + taken.error().fields.front().detail;
    log_.error("a connector sent an announcement that cannot be taken",
               {{"link", link}, {"reason", why}});
    return;
  }
  switch (*taken) {
    case desk::Announced::fresh:
    case desk::Announced::changed:
      ++count.applied;
      break;
    case desk::Announced::same:
      ++count.duplicates;
      break;
    case desk::Announced::ours:
    case desk::Announced::ignored:
      ++count.unknown;
      break;
  }
}

}  // namespace ombud::inbound
