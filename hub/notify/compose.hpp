// From one event, one person and what he is told: the letter, as the document that leaves
// (ombud.notice/1). Reads the log and the tables; writes nothing.
#pragma once

#include <optional>
#include <string>

#include "notify/kinds.hpp"
#include "notify/rules.hpp"
#include "notify/signed_person.hpp"
#include "store/directory.hpp"
#include "store/notices.hpp"
#include "store/notifications.hpp"

namespace ombud::notify {

// What letters need to know besides the tables. Outlived by whoever holds it.
struct Desk {
  const Letters& letters;
  const SigningKey& key;
  std::string public_url;  // of the portal, without a slash at its end; empty: none is known
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
std::optional<std::string> ticket_letter(Tx& tx, const Desk& desk, const LoggedEvent& event,
                                         PersonId person, Kind kind);
// One letter about a notice: `over` says that it ended.
std::optional<std::string> notice_letter(const Desk& desk, const DeskIdentity& sender,
                                         const Notice& notice, const Person& person,
                                         const std::string& zone, bool over);
// One letter about all of these; nothing if none of them can be told any more.
std::optional<std::string> digest_letter(Tx& tx, const Desk& desk, PersonId person,
                                         const std::vector<Notification>& items);

}  // namespace ombud::notify
