#include "store/exchanges.hpp"

namespace ombud {
namespace {

constexpr std::int64_t kTrimEvery = 64;  // exchanges, of all links

constexpr Sql kAdd{
    "INSERT INTO exchange (attempt_id, link_id, at, method, url, status, request_headers,"
    " request_body, response_headers, response_body, error, ms, truncated)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};
constexpr Sql kTrim{
    "DELETE FROM exchange WHERE link_id = $1 AND exchange_id <= (SELECT exchange_id FROM exchange"
    " WHERE link_id = $1 ORDER BY exchange_id DESC LIMIT 1 OFFSET $2)"};
constexpr Sql kForget{"DELETE FROM exchange WHERE at < $1"};
constexpr Sql kOfDelivery{
    "SELECT e.attempt_id, e.method, e.url, e.status, e.request_headers, e.request_body,"
    " e.response_headers, e.response_body, e.error, e.ms, e.truncated FROM exchange e"
    " WHERE e.attempt_id IN (SELECT a.attempt_id FROM attempt a WHERE a.delivery_id = $1)"
    " ORDER BY e.exchange_id"};

}  // namespace

void keep_exchange(Tx& tx, std::string_view link, std::int64_t attempt, const WireExchange& e) {
  const std::int64_t id =
      tx.insert(kAdd, attempt, link, tx.at(), e.method, e.url, e.status, e.request_headers,
                e.request_body, e.response_headers, e.response_body, e.error, e.ms, e.truncated);
  if (id % kTrimEvery == 0) tx.run(kTrim, link, kExchangesKept);
}

std::map<std::int64_t, std::vector<WireExchange>> exchanges_of(Tx& tx, DeliveryId delivery) {
  std::map<std::int64_t, std::vector<WireExchange>> all;
  for (Rows rows = tx.query(kOfDelivery, delivery); rows.next();) {
    WireExchange e;
    e.method = rows.text(1);
    e.url = rows.text(2);
    e.status = static_cast<int>(rows.integer(3));
    e.request_headers = rows.text(4);
    e.request_body = rows.text(5);
    e.response_headers = rows.text(6);
    e.response_body = rows.text(7);
    e.error = rows.text(8);
    e.ms = rows.integer(9);
    e.truncated = rows.integer(10) != 0;
    all[rows.integer(0)].push_back(std::move(e));
  }
  return all;
}

void forget_exchanges(Tx& tx) {
  tx.run(kForget, tx.at() - kExchangesKeptFor);
}

}  // namespace ombud
