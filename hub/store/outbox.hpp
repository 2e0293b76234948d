// The outbox: one row per write to the outside world, ordered per lane, claimed by lease.
// The rules are those of the delivery design: only the head of a lane can run; whoever finishes it
// promotes the next in the same transaction; an unknown outcome puts the row in doubt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

struct Lane {
  LaneId id;
  std::string link;
  TicketId ticket;
  std::string customer;
  DelegationId delegation;  // 0: notices to the user
  std::string external_id;
};

struct NewDelivery {
  std::string op;           // put_ticket, add_comment, add_attachment
  std::string body;         // canonical document: leaves exactly like this
  std::string blob;         // SHA-256 of the bytes that go with it; several with a space between
  std::int64_t source = 0;  // the message or attachment it carries
};

struct Delivery {
  DeliveryId id;
  Lane lane;
  std::int64_t lane_seq = 0;
  std::string op, correlation, body, blob;
  std::int64_t source = 0;
  std::string state;
  bool doubt = false;
  int attempts = 0;
  Instant run_at;
  std::int64_t epoch = 0;
  std::string external_id, last_error;
  Instant created_at;
  std::optional<Instant> finished_at;
};

struct Attempt {
  std::int64_t epoch = 0;
  std::string step, status;
  Instant started_at, finished_at;
  int supplier_code = 0;
  std::string message;
  std::int64_t id = 0;  // given when it is recorded
};

Lane lane_of_delegation(Tx& tx, DelegationId delegation, std::string_view link, TicketId ticket,
                        std::string_view customer);  // made when missing
// The desk's mail thread with one person about one ticket; made when missing.
Lane lane_of_notices(Tx& tx, std::string_view link, TicketId ticket, std::string_view customer,
                     PersonId person);
// A lane for one mail to one person, about no ticket: it has ticket 0 and customer "".
Lane lane_of_letter(Tx& tx, std::string_view link);
bool lane_is_new(Tx& tx, LaneId lane);  // nothing was ever enqueued in it
std::optional<Lane> find_lane(Tx& tx, LaneId lane);
std::optional<Lane> lane_of_external(Tx& tx, std::string_view link, std::string_view external_id);
// The delivery that carried this correlation, of any link: how a mail's In-Reply-To finds its lane.
std::optional<Delivery> delivery_of_correlation(Tx& tx, std::string_view correlation);
// True if a delivery of this lane with this op made that object at the other side: a change about
// it is an echo. Ids of tickets, comments and attachments are different numbers that may look
// alike.
bool made_by_us(Tx& tx, LaneId lane, std::string_view op, std::string_view external_id);

// True if the lane has a delivery with this op under way or in doubt: an object of the other side
// whose origin is not told may be the one that it made.
bool lane_unsettled(Tx& tx, LaneId lane, std::string_view op);
// A delivery with this op that may have arrived without the other side's id ever having come back,
// and that carried this text (a comment's text, a file's name) and size (0 for a comment): takes
// the id as that of what it made. False: there is none.
bool recognise(Tx& tx, LaneId lane, std::string_view op, std::string_view text, std::int64_t size,
               std::string_view external_id);

// Adds one delivery at the end of the lane and pokes its link after the commit. A waiting
// put_ticket at the very end of the lane is overwritten by a newer one; comments and attachments
// never are.
DeliveryId enqueue(Tx& tx, const Lane& lane, const NewDelivery& delivery);

// Claims due heads of an open link: leases them to `lease_until` and counts an attempt.
std::vector<Delivery> claim(Tx& tx, std::string_view link, Instant lease_until, int room);
// Rows of the link whose lease has ended come back in doubt, to run at `run_at`. How many. Whoever
// held them must not finish them any more, and cannot: finish() asks for their epoch.
int expire(Tx& tx, std::string_view link, Instant run_at);
// The earliest time at which the link has something to claim or to expire; kNever if it has
// nothing.
Instant next_due(Tx& tx, std::string_view link);
// Every leased row of the link comes back in doubt, to run at `run_at`: after a crash of the hub.
int recover(Tx& tx, std::string_view link, Instant run_at);

enum class Finish { done, retry, doubt, dead, give_back };
struct Verdict {
  Finish finish = Finish::done;
  Instant run_at;           // retry, doubt, give_back; dead in doubt: not to be looked up before
  std::string external_id;  // done: the other side's id, may be empty
  std::string error;        // kept as last_error
  bool keep_doubt = false;  // dead or retry while the outcome is unknown
};
// Ends a lease. False: the lease was lost in the meantime and nothing was changed.
bool finish(Tx& tx, const Delivery& delivery, const Verdict& verdict);
std::int64_t record_attempt(Tx& tx, DeliveryId delivery, const Attempt& attempt);  // its id

// What an operator does. Refused (conflict) where the state does not allow it.
Result<Delivery> operator_retry(
    Tx& tx, DeliveryId id, std::string_view reason);  // → ready, now; a doubt stays, with its wait
Result<Delivery> operator_skip(Tx& tx, DeliveryId id,
                               std::string_view reason);  // → cancelled, next promoted
Result<Delivery> operator_park(Tx& tx, DeliveryId id,
                               std::string_view reason);  // ready or waiting → parked
Result<Delivery> operator_confirm(Tx& tx, DeliveryId id, std::string_view external_id,
                                  std::string_view reason);  // it did arrive: doubt → done

// Takes back what surely did not arrive (neither under way nor in doubt): a withdrawn delegation.
// How many.
int cancel_waiting(Tx& tx, LaneId lane, std::string_view reason);
// True if anything of the lane arrived, is under way or may have arrived: the other side may know
// of it.
bool may_have_left(Tx& tx, LaneId lane);
// Promotes lanes that have waiting rows and no head. Should find none; how many it did.
int sweep_headless(Tx& tx);

struct DeliveryFilter {
  std::string link, state;    // empty: any
  bool trouble_only = false;  // dead, parked or in doubt
  bool unfinished_only = false;
  TicketId ticket;
  bool doubt_only = false;
  std::string customer;          // empty: any
  std::optional<Instant> since;  // enqueued then or later
};
std::vector<Delivery> list_deliveries(Tx& tx, const DeliveryFilter& filter,
                                      std::optional<DeliveryId> before, int limit);  // newest first
std::optional<Delivery> find_delivery(Tx& tx, DeliveryId id);
std::vector<Attempt> attempts_of(Tx& tx, DeliveryId id);

struct LinkBacklog {
  std::int64_t unfinished = 0, dead = 0, in_doubt = 0;
  std::optional<Instant> oldest_at, last_done_at;
};
LinkBacklog backlog_of(Tx& tx, std::string_view link);

}  // namespace ombud
