#include "channel/mail/imap/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "channel/mail/imap/envelope.hpp"
#include "store/await.hpp"

namespace ombud::mail {
namespace {

// A server may hang up after 29 minutes (RFC 2177), and a router forgets a silent connection
// sooner.
constexpr Millis kIdleMax{9 * 60'000};
constexpr Millis kRetryFirst{5'000};      // after a failure: doubled each time …
constexpr Millis kRetryMax{10 * 60'000};  // … up to this
constexpr Millis kDay{24 * 3'600'000};
// Looks for mail, one after the other because it was said that some has come: a server that always
// says so is waited for all the same.
constexpr int kRoundsMax = 20;
// Connections that failed at one mail, minutes apart, before it is left there.
constexpr int kRefusalsMax = 3;

using Nothing = Result<std::monostate>;

net::awaitable<Nothing> write_nothing(Store& store, std::function<void(Tx&)> work) {
  std::function<Nothing(Tx&)> whole = [work = std::move(work)](Tx& tx) -> Nothing {
    work(tx);
    return std::monostate();
  };
  co_return co_await write<std::monostate>(store, system_principal("mail"), std::move(whole));
}

// "2-Nov-2026", the day before `at`: servers count days by their own zone.
std::string day_before(Instant at) {
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at - kDay));
  return fmt::format("{}-{}-{}", static_cast<unsigned>(day.day()),
                     kMonths.at(static_cast<unsigned>(day.month()) - 1),
                     static_cast<int>(day.year()));
}

// Which mails behind the cursor are wanted.
std::string search_of(const MailboxRow& row) {
  std::string wanted = fmt::format("UID SEARCH UID {}:*", row.uid + 1);
  if (row.adopted <= row.uid + 1) return wanted;
  wanted += fmt::format(" OR UID {}:* ", row.adopted);
  return wanted + (row.since.empty() ? "UNSEEN" : "OR UNSEEN SINCE " + row.since);
}

bool refused_by_server(const Problem& why) {
  return why.kind == ProblemKind::conflict;
}

}  // namespace

Mailbox::Mailbox(Clock& clock, Random& random, Store& store, ImapConnector& connector,
                 MailSink& sink, const Log& log, MailboxSettings settings)
    : clock_(clock),
      random_(random),
      store_(store),
      connector_(connector),
      sink_(sink),
      log_(log),
      settings_(std::move(settings)) {}

bool Mailbox::can(std::string_view capability) const {
  return std::find(capabilities_.begin(), capabilities_.end(), capability) != capabilities_.end();
}

net::awaitable<void> Mailbox::run() {
  Millis pause = kRetryFirst;
  while (true) {
    worked_ = false;
    Problem why;
    try {
      const Nothing ended = co_await live(true);
      if (!ended) why = ended.error();
    } catch (const boost::system::system_error& cancelled) {
      if (cancelled.code() == net::error::operation_aborted) throw;
      why = problem(ProblemKind::unavailable, cancelled.what());
    } catch (const std::exception& failed) {  // no descriptor is left, or no memory
      why = problem(ProblemKind::unavailable, failed.what());
    }
    co_await note(std::move(why));
    if (worked_) pause = kRetryFirst;
    // Between half of it and all of it, so that mailboxes of one server do not come all at once.
    const auto half = static_cast<std::uint64_t>(pause.count() / 2);
    co_await clock_.sleep_for(Millis(half + random_.below(half + 1)));
    pause = std::min(2 * pause, kRetryMax);
  }
}

net::awaitable<Nothing> Mailbox::visit() {
  const Nothing ended = co_await live(false);
  if (!ended) co_await note(ended.error());
  co_return ended;
}

net::awaitable<void> Mailbox::note(Problem why) {
  log_.warning("mailbox cannot be read", {{"mailbox", settings_.name}, {"reason", why.detail}});
  std::function<void(Tx&)> work = [this, why](Tx& tx) {
    note_mailbox_problem(tx, settings_.name, settings_.place(), why.detail);
  };
  const Nothing noted = co_await write_nothing(store_, std::move(work));
  if (!noted) {
    log_.error("mailbox's trouble not noted",
               {{"mailbox", settings_.name}, {"reason", noted.error().detail}});
  }
}

net::awaitable<Nothing> Mailbox::live(bool wait) {
  auto wire = co_await connector_.connect(settings_);
  if (!wire) co_return wire.error();
  ImapSession session(std::move(*wire), clock_,
                      fmt::format("{}:{}", settings_.host, settings_.port), settings_.bytes_max);
  const Nothing opened = co_await open(session);
  if (!opened) co_return opened.error();
  while (true) {
    int rounds = 0;
    do {
      const Nothing taken = co_await take_new(session);
      if (!taken) co_return taken.error();
    } while (session.heard_of_mail() && ++rounds < kRoundsMax);
    std::function<void(Tx&)> work = [this](Tx& tx) {
      note_mailbox_success(tx, settings_.name);
      if (not_put_away_.empty()) return;
      note_mailbox_problem(tx, settings_.name, settings_.place(), not_put_away_);
    };
    const Nothing noted = co_await write_nothing(store_, std::move(work));
    if (!noted) co_return noted.error();
    worked_ = true;
    if (!wait) co_return std::monostate();
    if (can("IDLE")) {
      const Nothing waited = co_await session.idle(kIdleMax);
      if (!waited) co_return waited.error();
    } else {
      co_await clock_.sleep_for(settings_.poll_every);
      const auto alive = co_await session.command("NOOP");
      if (!alive) co_return alive.error();
    }
  }
}

// Selects the folder and finds where to go on.
net::awaitable<Nothing> Mailbox::open(ImapSession& session) {
  auto told = co_await session.command("CAPABILITY");
  if (!told) co_return told.error();
  capabilities_.clear();
  for (const ImapResponse& response : *told) {
    for (std::string& word : capabilities(response)) capabilities_.push_back(std::move(word));
  }
  auto selected = co_await session.command("SELECT " + quoted_folder(settings_.folder));
  if (!selected) {
    if (!refused_by_server(selected.error())) co_return selected.error();
    co_return conflict(
        fmt::format("The folder \"{}\" cannot be opened: {}. See folder of the "
                    "mailbox \"{}\".",
                    settings_.folder, selected.error().detail, settings_.name));
  }
  std::uint64_t validity = 0, next = 0;
  for (const ImapResponse& response : *selected) {
    validity = code_number(response, "UIDVALIDITY").value_or(validity);
    next = code_number(response, "UIDNEXT").value_or(next);
  }
  static_cast<void>(session.heard_of_mail());  // that of SELECT itself
  if (next == 0) {                             // it does not say: behind the last one that is there
    auto all = co_await session.command("UID SEARCH ALL");
    if (!all) co_return all.error();
    next = 1;
    for (const ImapResponse& response : *all) {
      for (const std::uint64_t uid : searched(response)) next = std::max(next, uid + 1);
    }
  }
  if (validity == 0) {
    co_return conflict(
        fmt::format("{} names no UIDVALIDITY for \"{}\", so mails there cannot be "
                    "told apart.",
                    settings_.host, settings_.folder));
  }
  std::function<Result<MailboxRow>(Tx&)> work = [this, validity,
                                                 next](Tx& tx) -> Result<MailboxRow> {
    const auto known = find_mailbox(tx, settings_.name);
    const bool same_place = known && known->place == settings_.place() && known->validity != 0;
    if (same_place && known->validity == validity) return *known;
    MailboxRow row;
    row.name = settings_.name;
    row.place = settings_.place();
    row.validity = validity;
    row.first_at = tx.at();
    row.adopted = next;
    if (same_place) {
      row.first_at = known->first_at;
      row.since = day_before(known->first_at);
    }
    put_mailbox(tx, row);
    return row;
  };
  auto row = co_await write<MailboxRow>(store_, system_principal("mail"), std::move(work));
  if (!row) co_return row.error();
  row_ = std::move(*row);
  co_return std::monostate();
}

net::awaitable<Nothing> Mailbox::take_new(ImapSession& session) {
  auto found = co_await session.command(search_of(row_));
  if (!found) co_return found.error();
  std::vector<std::uint64_t> uids;
  for (const ImapResponse& response : *found) {
    // "n:*" always names the last mail too (RFC 3501, 6.4.8).
    for (const std::uint64_t uid : searched(response)) {
      if (uid > row_.uid) uids.push_back(uid);
    }
  }
  std::sort(uids.begin(), uids.end());
  for (const std::uint64_t uid : uids) {
    const Nothing taken = co_await take(session, uid);
    if (!taken) co_return taken.error();
  }
  co_return std::monostate();
}

// A mail at which the connection failed is asked for again on the next one, and left there after
// the third: whatever is wrong with it holds up no other for ever.
net::awaitable<Nothing> Mailbox::take(ImapSession& session, std::uint64_t uid) {
  if (failed_uid_ != uid) failures_ = 0;
  failed_uid_ = uid;
  ++failures_;
  std::string ask = fmt::format("UID FETCH {} (UID RFC822.SIZE INTERNALDATE)", uid);
  auto sized = co_await session.command(std::move(ask));
  if (!sized) co_return co_await refused(uid, sized.error());
  std::optional<std::uint64_t> bytes;
  std::string arrived;
  for (ImapResponse& response : *sized) {
    const auto mail = fetched(std::move(response));
    if (!mail || mail->uid != uid) continue;
    bytes = mail->bytes.value_or(0);
    arrived = mail->arrived;
  }
  if (!bytes) co_return co_await look_for(session, uid);
  if (*bytes > settings_.bytes_max) {
    std::string why =
        fmt::format("It has {} bytes; {} are the most to be taken ([mail] message_max).", *bytes,
                    settings_.bytes_max);
    co_return co_await leave(uid, std::move(why));
  }
  ask = fmt::format("UID FETCH {} (UID BODY.PEEK[])", uid);
  auto answer = co_await session.command(std::move(ask));
  if (!answer) co_return co_await refused(uid, answer.error());
  for (ImapResponse& response : *answer) {
    auto mail = fetched(std::move(response));
    if (!mail || mail->uid != uid || !mail->body) continue;
    Envelope envelope = envelope_of(*mail->body, settings_.address);
    envelope.mailbox = settings_.name;
    envelope.transport = fmt::format("{}:{}:{}", settings_.place(), row_.validity, uid);
    envelope.arrived = arrived;
    const Receipt receipt = co_await sink_.store(std::move(envelope), std::move(*mail->body));
    if (!receipt.stored) {
      failures_ = 0;  // not the mail's fault
      co_return problem(ProblemKind::unavailable,
                        "A mail could not be stored here; it stays unread in the mailbox.");
    }
    co_return co_await put_away(session, uid);
  }
  Problem silent = conflict("The server sent no text for it.");
  co_return co_await refused(uid, std::move(silent));
}

// The server said nothing of this mail: somebody took it away, or it will not show it.
net::awaitable<Nothing> Mailbox::look_for(ImapSession& session, std::uint64_t uid) {
  std::string ask = fmt::format("UID SEARCH UID {}", uid);
  auto found = co_await session.command(std::move(ask));
  if (!found) co_return co_await refused(uid, found.error());
  for (const ImapResponse& response : *found) {
    for (const std::uint64_t one : searched(response)) {
      if (one != uid) continue;
      Problem hidden = conflict("The server has it, but does not show it.");
      co_return co_await refused(uid, std::move(hidden));
    }
  }
  co_return co_await advance(uid, false);
}

net::awaitable<Nothing> Mailbox::refused(std::uint64_t uid, Problem why) {
  if (failures_ < kRefusalsMax) {
    why.detail = fmt::format("Mail {} cannot be read: {}", uid, why.detail);
    co_return why;
  }
  const Nothing left = co_await leave(uid, why.detail);
  if (!left) co_return left.error();
  if (refused_by_server(why)) co_return std::monostate();
  co_return why;  // the connection is gone with it; what is left goes on with the next one
}

// What was taken is marked, or moved, and the cursor goes on. A server that will not have it marked
// keeps no mail from the desk.
net::awaitable<Nothing> Mailbox::put_away(ImapSession& session, std::uint64_t uid) {
  std::vector<std::string> commands;
  if (settings_.move_to.empty()) {
    commands = {fmt::format("UID STORE {} +FLAGS.SILENT (\\Seen)", uid)};
  } else if (can("MOVE")) {
    commands = {fmt::format("UID STORE {} +FLAGS.SILENT (\\Seen)", uid),
                fmt::format("UID MOVE {} {}", uid, quoted_folder(settings_.move_to))};
  } else {
    commands = {fmt::format("UID STORE {} +FLAGS.SILENT (\\Seen)", uid),
                fmt::format("UID COPY {} {}", uid, quoted_folder(settings_.move_to)),
                fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", uid)};
    if (can("UIDPLUS")) commands.push_back(fmt::format("UID EXPUNGE {}", uid));
  }
  not_put_away_.clear();
  const std::string folder = quoted_folder(settings_.move_to);
  for (const std::string& words : commands) {
    auto done = co_await session.command(words);
    if (!done && refused_by_server(done.error()) && words.ends_with(" " + folder)) {
      const Nothing made = co_await make_folder(session);
      if (!made && !refused_by_server(made.error())) co_return made.error();
      if (made) done = co_await session.command(words);
    }
    if (done) continue;
    if (!refused_by_server(done.error())) co_return done.error();
    not_put_away_ = fmt::format(
        "Mails are taken but stay unmoved in the folder: {} answered \"{}\" to {}. See "
        "move_to of the mailbox \"{}\".",
        settings_.host, done.error().detail, words, settings_.name);
    log_.warning(
        "mail was taken but could not be put away",
        {{"mailbox", settings_.name}, {"command", words}, {"reason", done.error().detail}});
    break;
  }
  co_return co_await advance(uid, true);
}

// The folder for what was taken, if the server has none: people find it in their mail program, too.
net::awaitable<Nothing> Mailbox::make_folder(ImapSession& session) {
  const std::string folder = quoted_folder(settings_.move_to);
  const auto made = co_await session.command("CREATE " + folder);
  if (!made) co_return made.error();
  log_.info("folder made in the mailbox",
            {{"mailbox", settings_.name}, {"folder", settings_.move_to}});
  const auto subscribed = co_await session.command("SUBSCRIBE " + folder);
  if (!subscribed && !refused_by_server(subscribed.error())) co_return subscribed.error();
  co_return std::monostate();
}

net::awaitable<Nothing> Mailbox::leave(std::uint64_t uid, std::string why) {
  log_.warning("mail left in its mailbox",
               {{"mailbox", settings_.name}, {"uid", std::to_string(uid)}, {"reason", why}});
  std::function<void(Tx&)> work = [this, uid, why](Tx& tx) {
    leave_mail(tx, settings_.name, row_.validity, {uid, why, {}});
    advance_mailbox(tx, settings_.name, uid, false);
  };
  const Nothing left = co_await write_nothing(store_, std::move(work));
  if (!left) co_return left.error();
  row_.uid = std::max(row_.uid, uid);
  co_return std::monostate();
}

net::awaitable<Nothing> Mailbox::advance(std::uint64_t uid, bool counted) {
  std::function<void(Tx&)> work = [this, uid, counted](Tx& tx) {
    advance_mailbox(tx, settings_.name, uid, counted);
  };
  const Nothing advanced = co_await write_nothing(store_, std::move(work));
  if (!advanced) co_return advanced.error();
  row_.uid = std::max(row_.uid, uid);
  co_return std::monostate();
}

}  // namespace ombud::mail
