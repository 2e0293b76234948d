// One thing to tell to those who listen, in the words of the stream, and who may hear it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/policy.hpp"
#include "store/news.hpp"

namespace ombud::http::live {

using Text = std::shared_ptr<const std::string>;  // one message; shared by its listeners

struct Piece {
  Permission needs = Permission::ticket_read;
  std::string key;  // a newer piece of the same key makes an older one needless
  Text inside;      // for the provider's people
  // Those who work for one customer only hear it if he is one of these; none: all of them.
  std::optional<std::vector<std::string>> inside_customers;
  Text outside;  // for people and systems of the customers below; null: for nobody there
  std::vector<std::string> outside_customers;
  // Whoever sees only his own tickets must be one of these; none: all of them.
  std::optional<std::vector<PersonId>> people;
  // In order; if there are any, only these persons hear it, whatever else they may see.
  std::vector<PersonId> only;
};
Piece ticket_piece(const TicketNews& news);
Piece notice_piece(NoticeId notice, const NoticeNews& news);
Piece link_piece(std::string_view link);
// Something new stands in the portals of these.
Piece notification_piece(std::vector<PersonId> people);

// What this principal hears of it; null: nothing.
Text text_for(const Principal& who, const Piece& piece);

Text hello_text();
Text pong_text();
Text resync_text();

}  // namespace ombud::http::live
