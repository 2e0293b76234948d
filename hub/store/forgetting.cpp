#include "store/forgetting.hpp"

#include <vector>

namespace ombud {
namespace {

constexpr Sql kInHisThreads{
    "SELECT d.delivery_id FROM lane l JOIN delivery d ON d.lane_id = l.lane_id"
    " WHERE l.person_id = $1 AND l.person_id <> 0"
    " AND d.state IN ('waiting', 'ready', 'dead', 'parked') -- all tenants: by person"};
constexpr Sql kThatTellHim{
    "SELECT d.delivery_id FROM notification n JOIN delivery d ON d.delivery_id = n.delivery_id"
    " WHERE n.person_id = $1 AND d.state IN ('waiting', 'ready', 'dead', 'parked')"
    " -- all tenants: by person"};
// A lane of one letter has nothing that waits behind it.
constexpr Sql kReadyTo{
    "SELECT d.delivery_id FROM link k JOIN delivery d ON d.link_id = k.link_id"
    " JOIN lane l ON l.lane_id = d.lane_id WHERE k.kind = 'notices' AND d.state = 'ready'"
    " AND l.letter = 1 AND lower(json_extract(d.body, '$.to.address')) = lower($1)"
    " -- all tenants: letters are of none"};
constexpr Sql kStuckTo{
    "SELECT d.delivery_id FROM delivery d JOIN lane l ON l.lane_id = d.lane_id"
    " WHERE d.state IN ('dead', 'parked') AND l.letter = 1"
    " AND lower(json_extract(d.body, '$.to.address')) = lower($1)"
    " -- all tenants: letters are of none"};
constexpr Sql kDrop{
    "UPDATE delivery SET state = 'cancelled', doubt = 0, body = '{}', blob = NULL,"
    " last_error = 'the person was erased', finished_at = $2 WHERE delivery_id = $1"
    " -- all tenants: by id"};

// A copy says who wrote it, too, and is no message of its own.
constexpr Sql kTiedMails{
    "UPDATE mail_in SET sender = '', sender_name = '', envelope_from = '' WHERE mail_id IN"
    " (SELECT mail_id FROM mail_message WHERE person_id = $1) OR copy_of IN"
    " (SELECT mail_id FROM mail_message WHERE person_id = $1) -- all tenants: by person"};
constexpr Sql kTiedMessages{
    "UPDATE mail_message SET sender = '', sender_name = '' WHERE person_id = $1"
    " -- all tenants: by person"};
constexpr Sql kHisBounces{
    "UPDATE mail_bounce SET address = '', why = '' WHERE person_id = $1"
    " -- all tenants: by person"};
constexpr Sql kSharesAddress{
    "SELECT 1 FROM person WHERE email = $2 AND email <> '' AND person_id <> $1"
    " -- all tenants: whether there is any"};
// What is not taken in yet keeps them: how it is taken in depends on them.
constexpr Sql kUntiedMails{
    "UPDATE mail_in SET sender = '', sender_name = '', envelope_from = ''"
    " WHERE (sender = $2 OR lower(envelope_from) = $2) AND state = 'done' AND NOT EXISTS"
    " (SELECT 1 FROM mail_message m WHERE m.mail_id = mail_in.mail_id AND m.person_id <> $1)"
    " -- all tenants: by address"};
constexpr Sql kUntiedMessages{
    "UPDATE mail_message SET sender = '', sender_name = '' WHERE sender = $1"
    " AND person_id IS NULL -- all tenants: by address"};
constexpr Sql kUntiedBounces{
    "UPDATE mail_bounce SET address = '', why = '' WHERE address = $1 AND person_id IS NULL"
    " -- all tenants: by address"};

int drop(Tx& tx, Rows rows) {
  std::vector<std::int64_t> all;
  while (rows.next()) all.push_back(rows.integer(0));
  for (const std::int64_t id : all) tx.run(kDrop, id, tx.at());
  return static_cast<int>(all.size());
}

}  // namespace

int drop_letters_to(Tx& tx, PersonId person) {
  const int threads = drop(tx, tx.query(kInHisThreads, person));
  return threads + drop(tx, tx.query(kThatTellHim, person));
}

int drop_letters_to(Tx& tx, std::string_view address) {
  if (address.empty()) return 0;
  const int ready = drop(tx, tx.query(kReadyTo, address));
  return ready + drop(tx, tx.query(kStuckTo, address));
}

void forget_mails(Tx& tx, PersonId person, std::string_view address) {
  for (const Sql* sql : {&kTiedMails, &kTiedMessages, &kHisBounces}) tx.run(*sql, person);
  if (address.empty() || tx.query(kSharesAddress, person, address).next()) return;
  tx.run(kUntiedMails, person, address);
  for (const Sql* sql : {&kUntiedMessages, &kUntiedBounces}) tx.run(*sql, address);
}

}  // namespace ombud
