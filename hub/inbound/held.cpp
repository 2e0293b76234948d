#include "inbound/held.hpp"

#include <algorithm>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "desk/delegations.hpp"
#include "inbound/limits.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::inbound {

namespace net = boost::asio;

namespace {

constexpr int kDoublingsMax = 10;

Millis fetch_pause(int attempts) {
  return std::min<Millis>(kFetchAgainMax,
                          kFetchAgainFirst * (1LL << std::min(attempts, kDoublingsMax)));
}

}  // namespace

HeldChanges::HeldChanges(HeldParts parts, std::string link)
    : parts_(std::move(parts)), link_(std::move(link)), who_(system_principal("inbound")) {}

net::awaitable<void> HeldChanges::run() {
  while (!closing_) {
    const Instant next = co_await take_some();
    if (closing_) co_return;
    co_await parts_.clock.sleep_until(next, &bell_);
  }
}

net::awaitable<Instant> HeldChanges::take_some() {
  // Mostly there is nothing, and that costs no turn of the writer.
  std::function<Result<bool>(Tx&)> look = [this](Tx& tx) -> Result<bool> {
    return any_held(tx, link_);
  };
  std::function<Result<desk::HeldPass>(Tx&)> take = [this](Tx& tx) -> Result<desk::HeldPass> {
    return desk::take_held(tx, link_, parts_.rules.intake);
  };
  for (;;) {
    const auto any = co_await read<bool>(parts_.store, who_, look);
    if (any && !*any) co_return parts_.clock.now() + kHeldLookEvery;
    const auto pass = co_await write<desk::HeldPass>(parts_.store, who_, take);
    if (!pass) {
      parts_.log.error("held changes could not be taken",
                       {{"link", link_}, {"reason", pass.error().detail}});
      co_return parts_.clock.now() + kHeldStorePause;
    }
    for (const std::string& event : pass->given_up) {
      parts_.log.warning(
          "a held change was decided without knowing what came of the write it "
          "waited for",
          {{"link", link_}, {"event", event}});
    }
    if (pass->taken > 0) {
      parts_.log.info("held changes taken", {{"link", link_}, {"changes", pass->taken}});
    }
    if (closing_ || !pass->more) {
      // A pass looks at all of them: the more there are, the longer the writer is left alone.
      const Millis pause = std::min(Millis{pass->left / kHeldLooksPerMs}, kHeldPauseMax);
      if (pause > Millis{0} && !closing_) co_await parts_.clock.sleep_for(pause);
      co_return std::min(pass->look_again, parts_.clock.now() + kHeldLookEvery);
    }
  }
}

net::awaitable<void> HeldChanges::run_fetches() {
  while (!closing_) {
    Instant next = kNever;  // until the host is up
    if (parts_.hosts.status(link_).state == HostState::up) next = co_await fetch_next();
    if (closing_) co_return;
    co_await parts_.clock.sleep_until(next, &fetch_bell_);
  }
}

net::awaitable<Instant> HeldChanges::fetch_next() {
  std::function<Result<HeldFetch>(Tx&)> look = [this](Tx& tx) -> Result<HeldFetch> {
    // A link that is closed asks nothing of its supplier, and no attachment is given up because of
    // that; who opens it pokes.
    const auto link = find_link(tx, link_);
    if (!link || link->state != "open") return HeldFetch{};
    HeldFetch next = next_fetch(tx, link_);
    if (link->not_before <= tx.at() || next.next_at == kNever) return next;
    HeldFetch later;
    later.next_at = std::max(next.next_at, link->not_before);
    return later;
  };
  const auto wanted = co_await read<HeldFetch>(parts_.store, who_, look);
  if (!wanted) co_return parts_.clock.now() + kHeldStorePause;
  if (wanted->id == 0) co_return wanted->next_at;

  Fetched fetched = co_await obtain(wanted->document);
  const Instant now = parts_.clock.now();
  if (fetched.outcome == Fetched::Outcome::again && wanted->first_at &&
      now - *wanted->first_at >= kFetchGiveUp) {
    fetched.outcome = Fetched::Outcome::lost;
    fetched.why = "Given up after an hour. Last: " + fetched.why;
  }
  std::function<Result<bool>(Tx&)> keep = [id = wanted->id, fetched, now,
                                           attempts = wanted->fetches](Tx& tx) -> Result<bool> {
    switch (fetched.outcome) {
      case Fetched::Outcome::here:
        return put_held_bytes(tx, id, fetched.blob.sha256, fetched.blob.bytes);
      case Fetched::Outcome::lost:
        return lose_held_bytes(tx, id);
      case Fetched::Outcome::again:
        break;
    }
    return put_off_fetch(tx, id, now + fetch_pause(attempts), fetched.counts);
  };
  const auto kept = co_await write<bool>(parts_.store, who_, keep);
  if (fetched.outcome != Fetched::Outcome::here) {
    parts_.log.warning(fetched.outcome == Fetched::Outcome::lost
                           ? "a supplier's attachment could not be fetched"
                           : "a supplier's attachment could not be fetched yet",
                       {{"link", link_}, {"event", wanted->event_id}, {"reason", fetched.why}});
  }
  co_return kept ? now : now + kHeldStorePause;  // the next one
}

// The bytes of the attachment in this change: from inside it, or by the connector.
net::awaitable<HeldChanges::Fetched> HeldChanges::obtain(std::string document) {
  Fetched fetched;
  const auto change = json::parse(document);
  const json::View file = change ? (*change)["attachment"] : json::View{};
  const auto content = file["content"].maybe_text();
  if (!content) {
    fetched = co_await download(file["reference"].dump());
    co_return fetched;
  }
  auto decoded = from_base64(*content);
  if (!decoded) {
    fetched.outcome = Fetched::Outcome::lost;
    fetched.why = "Its content is not base 64.";
    co_return fetched;
  }
  const auto stored = co_await parts_.blobs.put(std::move(*decoded));
  if (stored) {
    fetched.outcome = Fetched::Outcome::here;
    fetched.blob = *stored;
  } else {
    fetched.counts = false;  // no fault of the supplier
    fetched.why = stored.error().detail;
  }
  co_return fetched;
}

net::awaitable<HeldChanges::Fetched> HeldChanges::download(std::string reference) {
  Fetched fetched;
  const std::string path = parts_.scratch + "/fetch-" + mint_id(parts_.random);
  wire::Call call;
  call.operation = wire::Operation::fetch;
  call.body = std::move(reference);
  call.content_path = path;
  call.soft_deadline_ms = kFetchDeadline.count();
  const wire::Reply reply = co_await parts_.hosts.call(link_, std::move(call));
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  fetched.why = reply.message;
  if (reply.status == wire::Status::ok && none) {
    fetched.outcome = Fetched::Outcome::lost;
    fetched.why = "The connector said that it is there but wrote nothing.";
  } else if (reply.status == wire::Status::ok &&
             static_cast<std::int64_t>(size) > kAttachmentBytesMax) {
    fetched.outcome = Fetched::Outcome::lost;
    fetched.why = "It is larger than " + std::to_string(kAttachmentBytesMax >> 20U) + " MiB.";
  } else if (reply.status == wire::Status::ok) {
    const auto stored = co_await parts_.blobs.adopt(path);
    if (stored) {
      fetched.outcome = Fetched::Outcome::here;
      fetched.blob = *stored;
      co_return fetched;
    }
    fetched.counts = false;
    fetched.why = stored.error().detail;
  } else if (reply.status == wire::Status::permanent) {
    fetched.outcome = Fetched::Outcome::lost;
  } else {
    fetched.counts = reply.status != wire::Status::cancelled;  // it was never asked
  }
  std::filesystem::remove(path, none);
  co_return fetched;
}

}  // namespace ombud::inbound
