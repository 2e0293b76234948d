#include "channel/mail/route.hpp"

#include <algorithm>

#include "channel/mail/addresses.hpp"
#include "store/outbox.hpp"
#include "store/ticket_ties.hpp"
#include "store/tickets.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kCorrelationBytesMax = 64;
constexpr std::size_t kTagsMax = 10;

// Message ids that may lead to a ticket, the likeliest first, each once.
std::vector<std::string> candidate_ids(const ParsedMail& mail, Nature nature) {
  std::vector<std::string> ids;
  const auto add = [&](const std::string& id) {
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  };
  add(mail.in_reply_to);
  for (auto id = mail.references.rbegin(); id != mail.references.rend(); ++id) add(*id);
  if (nature == Nature::report) {
    for (const std::string& id : mail.reported_ids) add(id);
  }
  return ids;
}

// "<correlation@desk.example>" → "correlation"
std::string_view local_part_of_id(std::string_view id) {
  if (id.size() < 2) return {};
  return local_part_of(id.substr(1, id.size() - 2));
}

class Router {
 public:
  Router(Tx& tx, const MailRow& row, const ParsedMail& mail, Nature nature,
         const RouteOptions& options)
      : tx_(tx), row_(row), mail_(mail), nature_(nature), options_(options) {
    route_.sender =
        is_address(mail.from.address) ? folded(mail.from.address) : folded(row.envelope_from);
    route_.sender_name = mail.from.name;
    if (!route_.sender.empty()) people_ = people_of_email(tx, route_.sender);
  }

  Route find() {
    if (const auto same = same_content(tx_, row_)) {
      route_.way = Way::duplicate;
      route_.ticket = same->ticket;
      return route_;
    }
    if (by_thread() || by_tag()) return route_;
    register_anew();
    return route_;
  }

 private:
  bool machine() const { return nature_ == Nature::machine || nature_ == Nature::report; }

  bool by_thread() {
    for (const std::string& id : candidate_ids(mail_, nature_)) {
      const std::string_view correlation = local_part_of_id(id);
      if (correlation.empty() || correlation.size() > kCorrelationBytesMax) continue;
      if (const auto delivery = delivery_of_correlation(tx_, correlation)) {
        return by_delivery(*delivery);
      }
    }
    // Or it goes on from a mail that we got: a user who answers himself, a colleague in copy.
    for (const std::string& id : candidate_ids(mail_, nature_)) {
      const auto earlier = mail_of_message_id(tx_, id);
      if (!earlier || earlier->outcome == "supplier") continue;
      const auto ticket = followed(tx_, earlier->ticket);
      if (!ticket) continue;
      if (belongs(*ticket)) return true;
      if (!route_.sender.empty() && folded(earlier->envelope_from) == route_.sender) {
        return as_note(*ticket);
      }
      route_.mentioned = ticket->id;
      return false;
    }
    return false;
  }

  bool by_delivery(const Delivery& delivery) {
    const auto handed = find_ticket(tx_, delivery.lane.ticket);
    // What is said to a ticket that was merged belongs to the one it went on in.
    const auto ticket = followed(tx_, delivery.lane.ticket);
    if (!handed || !ticket) return false;
    // Nobody else ever saw that id, so a bounce or an absence note needs no known sender.
    if (nature_ == Nature::report) return as_note(*ticket);
    // A person whom the desk knows speaks for himself, also on a thread with a supplier.
    if (delivery.lane.delegation.value != 0 && people_.empty()) {
      route_.way = Way::supplier;
      route_.ticket = handed->id;  // its own leg, wherever the ticket has gone
      route_.link = delivery.lane.link;
      return true;
    }
    if (nature_ == Nature::machine) return as_note(*ticket);
    if (belongs(*ticket)) return true;
    const auto customer = customer_of_domain(tx_, domain_of(route_.sender));
    if (customer && customer->id == ticket->customer) return as_note(*ticket);
    route_.mentioned = ticket->id;
    return false;
  }

  bool by_tag() {
    for (const TicketId tag : tags_in(mail_.subject)) {
      const auto named = find_ticket(tx_, tag);
      const auto ticket = followed(tx_, tag);
      if (!named || !ticket) continue;
      if (from_supplier_of(*named) || belongs(*ticket)) return true;
      if (route_.mentioned.value == 0) route_.mentioned = tag;
    }
    return false;
  }

  bool is_sender(const SupplierSender& supplier) const {
    const std::string address = folded(supplier.address);
    return address.starts_with('@') ? domain_of(route_.sender) == address.substr(1)
                                    : route_.sender == address;
  }

  bool from_supplier_of(const Ticket& ticket) {
    if (nature_ == Nature::report) return false;
    for (const SupplierSender& supplier : options_.suppliers) {
      if (!is_sender(supplier)) continue;
      for (const Delegation& delegation : delegations_of(tx_, ticket.id)) {
        if (delegation.link != supplier.link) continue;
        route_.way = Way::supplier;
        route_.ticket = ticket.id;
        route_.link = supplier.link;
        return true;
      }
    }
    return false;
  }

  // True if the sender has a part in the ticket: then the route is set.
  bool belongs(const Ticket& ticket) {
    for (const Person& person : people_) {
      if (person.customer != ticket.customer) continue;
      const bool has_part =
          person.id == ticket.requester || is_participant(tx_, ticket.id, person.id);
      if (has_part && nature_ == Nature::person) {
        route_.way = Way::reply;
        route_.ticket = ticket.id;
        route_.customer = ticket.customer;
        route_.person = person.id;
        route_.language = person.id == ticket.requester ? ticket.language : person.language;
        return true;
      }
      return as_note(ticket);
    }
    return false;
  }

  bool as_note(const Ticket& ticket) {
    route_.way = Way::note;
    route_.ticket = ticket.id;
    route_.customer = ticket.customer;
    route_.language = ticket.language;
    return true;
  }

  void register_anew() {
    route_.way = Way::fresh;
    const auto supplier =
        std::find_if(options_.suppliers.begin(), options_.suppliers.end(),
                     [this](const SupplierSender& one) { return is_sender(one); });
    if (supplier != options_.suppliers.end() && nature_ != Nature::report && people_.empty()) {
      route_.link = supplier->link;
    }
    const auto customer = customer_of_domain(tx_, domain_of(route_.sender));
    const Person* known = nullptr;
    for (const Person& person : people_) {
      const bool better = known == nullptr || (customer && person.customer == customer->id &&
                                               known->customer != customer->id);
      if (better) known = &person;
    }
    if (known != nullptr) {
      route_.customer = known->customer;
      route_.language = known->language;
      if (!machine()) route_.person = known->id;
      return;
    }
    if (customer) {
      route_.customer = customer->id;
      route_.language = customer->language;
      route_.new_person = !machine() && is_address(route_.sender);
      return;
    }
    route_.customer = options_.unknown_customer;
  }

  Tx& tx_;
  const MailRow& row_;
  const ParsedMail& mail_;
  Nature nature_;
  const RouteOptions& options_;
  std::vector<Person> people_;
  Route route_;
};

bool word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<TicketId> tags_in(std::string_view subject) {
  std::vector<TicketId> tags;
  const std::string lower = folded(subject);
  for (std::size_t at = lower.find("omb-"); at != std::string::npos && tags.size() < kTagsMax;
       at = lower.find("omb-", at + 1)) {
    if (at > 0 && word_character(lower[at - 1])) continue;
    std::size_t end = at + 4;
    while (end < lower.size() && word_character(lower[end])) ++end;
    const TicketId tag = ticket_of_reference(std::string_view(lower).substr(at, end - at));
    if (tag.value != 0 && std::find(tags.begin(), tags.end(), tag) == tags.end())
      tags.push_back(tag);
  }
  return tags;
}

Route find_route(Tx& tx, const MailRow& row, const ParsedMail& mail, Nature nature,
                 const RouteOptions& options) {
  return Router(tx, row, mail, nature, options).find();
}

}  // namespace ombud::mail
