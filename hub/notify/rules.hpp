// Who is told what: pure rules over one event of a ticket's log and the people of the ticket.
#pragma once

#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "domain/words.hpp"
#include "notify/kinds.hpp"

namespace ombud::notify {

// One event, as far as telling people goes. What concerns nobody outside is none.
struct Happening {
  enum class What {
    registered,
    message,
    status,
    participant_added,
    approval_requested,
    approval_decided,
  };
  What what = What::registered;
  std::vector<PersonId> by;  // the people that whoever did it is; none: somebody else
  // The intake decided that nobody gets a mail because of this one (RFC 3834, its brakes):
  // registered, and a status that was set because a mail came.
  bool quiet = false;
  // message: said by the desk, to the user, here and now. Notes, suppliers' words and copies from
  // another ticket are not.
  bool desk_to_user = false;
  // message: the status that was set with it; status: a message came with it, and tells it.
  std::optional<TicketStatus> with_status;
  bool with_message = false;
  bool with_decision = false;  // status: an order's yes or no set it, and tells it
  TicketStatus before = TicketStatus::fresh, after = TicketStatus::fresh;  // status
  bool merging = false;        // status: it goes on in another ticket
  std::vector<PersonId> whom;  // participant_added, approval_requested: who
};

struct Concerned {
  PersonId requester;  // 0: unknown
  std::vector<PersonId> participants;
};

struct Tell {
  PersonId person;
  Kind kind = Kind::replied;
  bool operator==(const Tell&) const = default;
};
// Each person at most once, the requester first. Nobody is told of his own doing, but of a receipt.
std::vector<Tell> whom_to_tell(const Happening& happening, const Concerned& people);

// A solution or a question that comes with an answer is an answer too: whoever wants to hear of
// either hears of it.
bool is_answer_too(const Happening& happening);

}  // namespace ombud::notify
