#include "http/live/audience.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace ombud::http::live {
namespace {

Text made(json::Writer& out) {
  return std::make_shared<const std::string>(out.take());
}

Text bare(std::string_view type) {
  json::Writer out;
  out.begin_object().field("type", type).end_object();
  return made(out);
}

Text ticket_text(const TicketNews& news, const std::string& event) {
  json::Writer out;
  out.begin_object()
      .field("type", "ticket")
      .field("id", news.ticket.value)
      .field("version", news.version)
      .field("customer", news.customer)
      .field("event", event)
      .end_object();
  return made(out);
}

template <class T, class U>
bool holds(const std::vector<T>& all, const U& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

Piece ticket_piece(const TicketNews& news) {
  Piece piece;
  piece.key = "ticket:" + std::to_string(news.ticket.value);
  piece.inside = ticket_text(news, news.event);
  piece.inside_customers = {news.customer};
  if (news.shared_event.empty()) return piece;
  piece.outside =
      news.shared_event == news.event ? piece.inside : ticket_text(news, news.shared_event);
  piece.outside_customers = {news.customer};
  piece.people = news.people;
  return piece;
}

Piece notice_piece(NoticeId notice, const NoticeNews& news) {
  json::Writer out;
  out.begin_object().field("type", "notice").field("id", notice.value).end_object();
  Piece piece;
  piece.needs = Permission::notice_read;
  piece.key = "notice:" + std::to_string(notice.value);
  piece.inside = made(out);
  piece.inside_customers = news.customers;
  piece.outside = piece.inside;
  piece.outside_customers = news.readers;
  return piece;
}

Piece link_piece(std::string_view link) {
  json::Writer out;
  out.begin_object().field("type", "link").field("id", link).end_object();
  Piece piece;
  piece.needs = Permission::link_read;
  piece.key = "link:" + std::string(link);
  piece.inside = made(out);
  return piece;
}

Piece notification_piece(std::vector<PersonId> people) {
  static const Text text = bare("notification");
  Piece piece;
  piece.key = "notification";
  piece.outside = text;
  std::sort(people.begin(), people.end());
  piece.only = std::move(people);
  return piece;
}

Text text_for(const Principal& who, const Piece& piece) {
  if (!may(who, piece.needs)) return nullptr;
  if (!piece.only.empty()) {
    const bool his =
        who.is_person() && std::binary_search(piece.only.begin(), piece.only.end(), who.person);
    return his ? piece.outside : nullptr;
  }
  if (who.inside()) {
    const bool his =
        !who.tenant || !piece.inside_customers || holds(*piece.inside_customers, *who.tenant);
    return his ? piece.inside : nullptr;
  }
  if (!who.is_customer() || !who.tenant || !holds(piece.outside_customers, *who.tenant)) {
    return nullptr;
  }
  if (who.own_tickets_only() && piece.people && !holds(*piece.people, who.person)) return nullptr;
  return piece.outside;
}

Text hello_text() {
  static const Text text = bare("hello");
  return text;
}
Text pong_text() {
  static const Text text = bare("pong");
  return text;
}
Text resync_text() {
  static const Text text = bare("resync");
  return text;
}

}  // namespace ombud::http::live
