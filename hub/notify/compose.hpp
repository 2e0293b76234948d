// From one event, one person and what he is told: the letter, as the document that leaves
// (ombud.notice/1). Reads the log and the tables; writes nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "domain/reply_address.hpp"
#include "notify/kinds.hpp"
#include "notify/rules.hpp"
#include "notify/signed_person.hpp"
#include "store/directory.hpp"
#include "store/notices.hpp"
#include "store/notifications.hpp"

namespace ombud::notify {

// What becomes of the files of an answer.
struct FilePolicy {
  std::int64_t bytes_max = 10LL << 20U;  // that go with one mail; what is beyond becomes a link
  // Where a file can be had by whoever has the link; empty, or an empty answer: in the portal
  // alone.
  std::function<std::string(AttachmentId, Instant)> url_of;
};

// What letters need to know besides the tables. Outlived by whoever holds it.
struct Desk {
  const Letters& letters;
  const SigningKey& key;
  ReplyKey reply_key;      // signs the address that answers go to; unusable: it is the desk's own
  std::string public_url;  // of the portal, without a slash at its end; empty: none is known
  FilePolicy files = {};
};

// What leaves.
struct Outgoing {
  std::string document;
  std::string blobs;  // SHA-256 of the files that go with it, with a space between them
};

std::string ticket_url(const Desk& desk, TicketId ticket);
std::string settings_url(const Desk& desk, PersonId person);

// What happened, for the rules; nothing if the event concerns nobody outside. Of events that this
// version does not know: nothing.
std::optional<Happening> happening_of(Tx& tx, const LoggedEvent& event);

// The event of one notification, as the log has it; nothing if it is of a notice.
std::optional<LoggedEvent> find_event(Tx& tx, EventId event);

// One letter about a ticket's event. Nothing if the person or the ticket is no more, or he has no
// address.
std::optional<Outgoing> ticket_letter(Tx& tx, const Desk& desk, const LoggedEvent& event,
                                      PersonId person, Kind kind);
// One letter about a notice. What was planned, is under way or ended is what its words say.
std::optional<std::string> notice_letter(const Desk& desk, const DeskIdentity& sender,
                                         const Notice& notice, const Person& person,
                                         const std::string& zone, LetterFacts::Phase phase);
// One letter about all of these; nothing if none of them can be told any more.
std::optional<std::string> digest_letter(Tx& tx, const Desk& desk, PersonId person,
                                         const std::vector<Notification>& items);

}  // namespace ombud::notify
