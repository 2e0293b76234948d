// The proof, in a mail that answers one of ours, that we wrote to its sender about that ticket: a
// signature in the address that answers go to ("support+1042.9k2f…@desk.example") and in the
// subject ("[OMB-1042 9k2f…]"). A ticket's number alone can be guessed, this cannot: 80 bits of
// HMAC-SHA256 over the ticket, by a key that only this desk has. Whoever got such a mail can pass
// it on; so a valid tag says which ticket is meant, never who writes. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"

namespace ombud {

// 32 bytes, made once (hub.cpp keeps it in the data directory). Whoever loses it loses what mails
// that are under way prove, and nothing else.
class ReplyKey {
 public:
  static constexpr std::size_t kBytes = 32;
  ReplyKey() = default;                  // signs nothing and verifies nothing
  explicit ReplyKey(std::string bytes);  // exactly kBytes; else as the one above
  bool usable() const { return bytes_.size() == kBytes; }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// 16 characters of a-z and 2-7: mail servers may change the case of an address, so case says
// nothing. Empty without a usable key.
std::string sign_ticket(const ReplyKey& key, TicketId ticket);
// In constant time, in any case.
bool verify_ticket(const ReplyKey& key, TicketId ticket, std::string_view signature);

// "support@desk.example" → "support+1042.<signature>@desk.example". The address itself without a
// usable key, without an '@', or if the result would be longer than mail allows (64 bytes before
// the '@').
std::string reply_address(const ReplyKey& key, std::string_view desk_address, TicketId ticket);
// The ticket that such an address is for; 0 if it has no valid signature.
TicketId ticket_of_reply_address(const ReplyKey& key, std::string_view address);

// "[OMB-1042 <signature>]"; "[OMB-1042]" without a usable key.
std::string subject_tag(const ReplyKey& key, TicketId ticket);
// Tickets whose signed tags stand in a subject, in order, each once; at most ten are looked at.
std::vector<TicketId> signed_tags_in(const ReplyKey& key, std::string_view subject);

}  // namespace ombud
