#include "inbound/changes.hpp"

#include <filesystem>
#include <map>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "desk/delegations.hpp"
#include "inbound/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::inbound {
namespace {

namespace net = boost::asio;

using Attachments = std::map<std::size_t, desk::SupplierAttachment>;

desk::SupplierAttachment described(json::View attachment) {
  desk::SupplierAttachment described;
  described.id = attachment["id"].text();
  described.name = attachment["name"].text("file");
  described.media_type = attachment["media_type"].text();
  described.reference_json = attachment["reference"].dump();
  described.shown = attachment["public"].boolean(true);
  return described;
}

}  // namespace

ChangeTaker::ChangeTaker(Store& store, Blobs& blobs, Hosts& hosts, Random& random, const Log& log,
                         std::string scratch, Rules rules)
    : store_(store),
      blobs_(blobs),
      hosts_(hosts),
      random_(random),
      log_(log),
      who_(system_principal("inbound")),
      scratch_(std::move(scratch)),
      rules_(rules) {}

// The bytes of an attachment, by the connector, through a file. Nothing if it could not be had.
net::awaitable<std::optional<std::string>> ChangeTaker::fetch(std::string link,
                                                              std::string reference) {
  const std::string path = scratch_ + "/fetch-" + mint_id(random_);
  wire::Call call;
  call.operation = wire::Operation::fetch;
  call.body = std::move(reference);
  call.content_path = path;
  call.soft_deadline_ms = kFetchDeadline.count();
  const wire::Reply reply = co_await hosts_.call(link, std::move(call));
  std::error_code gone;
  const auto size = std::filesystem::file_size(path, gone);
  if (reply.status == wire::Status::ok && !gone &&
      static_cast<std::int64_t>(size) <= kAttachmentBytesMax) {
    co_return path;
  }
  std::filesystem::remove(path, gone);
  log_.warning(
      "a supplier's attachment could not be fetched",
      {{"link", link}, {"status", wire::to_text(reply.status)}, {"reason", reply.message}});
  co_return std::nullopt;
}

net::awaitable<Result<Taken>> ChangeTaker::take(std::string link,
                                                std::vector<std::string> documents) {
  struct Change {
    json::Document document;
    std::optional<desk::SupplierAttachment> attachment;
  };
  auto changes = std::make_shared<std::vector<Change>>();
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
    } else {
      changes->push_back({std::move(*document), {}});
    }
  }

  // Bytes first, so that the commit below holds the whole change.
  for (Change& change : *changes) {
    const json::View attachment = change.document["attachment"];
    if (change.document["type"].text() != "attachment" || !attachment.is_object()) continue;
    std::function<Result<bool>(Tx&)> ask = [&](Tx& tx) -> Result<bool> {
      return desk::is_wanted(tx, link, change.document.root());
    };
    const auto wanted = co_await read<bool>(store_, who_, ask);
    if (!wanted || !*wanted) continue;
    change.attachment = described(attachment);
    Result<BlobRef> stored = problem(ProblemKind::unavailable, "not fetched");
    if (const auto content = attachment["content"].maybe_text()) {  // small ones travel inside
      auto bytes = from_base64(*content);
      if (bytes) stored = co_await blobs_.put(std::move(*bytes));
    } else {
      const auto path = co_await fetch(link, change.attachment->reference_json);
      if (path) stored = co_await blobs_.adopt(*path);
    }
    if (stored) {
      change.attachment->sha256 = stored->sha256;
      change.attachment->bytes = stored->bytes;
    }
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
    std::function<Result<Taken>(Tx&)> work = [this, changes, from, to, last, link,
                                              cursor](Tx& tx) -> Result<Taken> {
      Taken count;
      for (std::size_t i = from; i < to; ++i) {
        const Change& change = (*changes)[i];
        const auto applied =
            desk::apply_change(tx, link, change.document.root(), change.attachment, rules_.intake);
        if (!applied) {
          const std::string why = applied.error().fields.empty()
                                      ? applied.error().detail
                                      : applied.error().fields.front().detail;
          log_.error("a connector sent a change that cannot be taken",
                     {{"link", link}, {"reason", why}});
          continue;
        }
        switch (*applied) {
          case desk::Applied::deferred:
            count.deferred = true;
            return count;  // those before it are taken, the cursor stays
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
      return count;
    };
    const auto count = co_await write<Taken>(store_, who_, work);
    if (!count) co_return count.error();
    taken.applied += count->applied;
    taken.echoes += count->echoes;
    taken.duplicates += count->duplicates;
    taken.unknown += count->unknown;
    taken.deferred = count->deferred;
    if (taken.deferred) break;
  }
  co_return taken;
}

}  // namespace ombud::inbound
