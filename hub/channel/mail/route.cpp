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
constexpr std::size_t kAddressesMax = 100;  // of To and Cc

std::vector<std::string> recipients_of(const MailRow& row) {
  std::vector<std::string> all;
  for (std::string_view rest = row.envelope_to; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (end > 0) all.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

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
    route_.doubted = doubted(row);
    if (!route_.sender.empty()) people_ = people_of_email(tx, route_.sender);
    for (const std::string& recipient : recipients_of(row)) {
      const auto named = options.by_address.find(plain_address(recipient));
      if (named == options.by_address.end()) continue;
      if (defaults_.empty() || defaults_.front()->team != named->second.team) {
        defaults_.push_back(&named->second);
      }
    }
    const auto mailbox = options.by_mailbox.find(row.mailbox);
    if (defaults_.empty() && mailbox != options.by_mailbox.end()) {
      defaults_.push_back(&mailbox->second);
    }
  }

  Route find() {
    const auto same = same_content(tx_, row_);
    const bool routed = by_thread() || by_signed_tag() || by_tag();
    if (!routed) register_anew();
    if (same) as_copy(*same);
    return route_;
  }

 private:
  bool machine() const { return nature_ == Nature::machine || nature_ == Nature::report; }

  bool doubted(const MailRow& row) const {
    const std::string& verdict = row.facts.authentication.verdict;
    return verdict == "fail" || (verdict == "none" && !options_.believe_unproven);
  }

  // The same mail came before, by another way or to another address of the desk: nothing is done
  // twice. If it came to another team's or customer's address, the desk is told. But whoever
  // forges a mail does not keep the true one from being heard.
  void as_copy(const MailRow& same) {
    const auto ticket = find_ticket(tx_, same.ticket);
    const bool made_one = same.outcome == "registered" || same.outcome == "quiet";
    if (doubted(same) && !route_.doubted) {
      if (route_.way == Way::fresh && made_one && ticket) route_.twin = ticket->id;
      return;
    }
    const bool both_fresh = route_.way == Way::fresh && made_one && ticket;
    route_.other_customer = both_fresh && route_.customer != ticket->customer;
    const bool other_team =
        both_fresh && !route_.other_customer && !route_.team.empty() && route_.team != ticket->team;
    route_.also_team = other_team ? route_.team : std::string();
    route_.way = Way::duplicate;
    route_.ticket = same.ticket;
    route_.copy_of = same.id;
  }

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
      const std::vector<Thread> threads = threads_of(id);
      if (threads.empty()) continue;
      const Tie tie = threads.front().tie;
      // Several that are equally his: what he goes on from cannot be told by this id.
      if (tie != Tie::none && threads.size() > 1 && threads[1].tie == tie) continue;
      const Ticket& ticket = threads.front().ticket;
      switch (tie) {
        case Tie::part:
        case Tie::customer:
          return belongs(ticket);
        case Tie::claimed:
          return claims(ticket) && as_note(ticket);
        case Tie::wrote:
          return as_note(ticket);
        case Tie::none:
          route_.mentioned = ticket.id;
          return false;
      }
    }
    return false;
  }

  // What ties the sender to a ticket, the strongest last.
  enum class Tie { none, wrote, claimed, customer, part };
  struct Thread {
    Ticket ticket;
    Tie tie = Tie::none;
  };

  // The tickets of mails with that Message-ID, those that the sender is tied to most first. Whoever
  // repeats another's Message-ID does not draw his answers to himself.
  std::vector<Thread> threads_of(const std::string& id) {
    std::vector<Thread> threads;
    for (const ThreadTicket& one : tickets_of_message_id(tx_, id, route_.sender)) {
      auto ticket = followed(tx_, one.ticket);
      if (!ticket) continue;
      const Tie tie = tie_to(*ticket, one.wrote);
      const auto known = std::find_if(threads.begin(), threads.end(), [&](const Thread& thread) {
        return thread.ticket.id == ticket->id;
      });
      if (known == threads.end()) {
        threads.push_back({std::move(*ticket), tie});
      } else {
        known->tie = std::max(known->tie, tie);
      }
    }
    std::stable_sort(threads.begin(), threads.end(),
                     [](const Thread& one, const Thread& other) { return one.tie > other.tie; });
    return threads;
  }

  Tie tie_to(const Ticket& ticket, bool wrote) {
    Tie tie = wrote ? Tie::wrote : Tie::none;
    for (const Person& person : people_) {
      const bool part = has_part(person, ticket);
      if (!part && !colleague(person, ticket)) continue;
      if (route_.doubted) return Tie::claimed;
      tie = std::max(tie, part ? Tie::part : Tie::customer);
    }
    return route_.doubted && of_its_domain(ticket) ? Tie::claimed : tie;
  }

  bool has_part(const Person& person, const Ticket& ticket) {
    return person.customer == ticket.customer &&
           (person.id == ticket.requester || is_participant(tx_, ticket.id, person.id));
  }

  // Strangers have a customer in common and nothing else.
  bool of_strangers(const Ticket& ticket) const {
    return ticket.customer == options_.unknown_customer;
  }

  bool colleague(const Person& person, const Ticket& ticket) const {
    return person.customer == ticket.customer && !of_strangers(ticket);
  }

  bool of_its_domain(const Ticket& ticket) {
    const auto customer = customer_of_domain(tx_, domain_of(route_.sender));
    return customer && customer->id == ticket.customer && !of_strangers(ticket);
  }

  bool by_delivery(const Delivery& delivery) {
    const auto handed = find_ticket(tx_, delivery.lane.ticket);
    // What is said to a ticket that was merged belongs to the one it went on in.
    const auto ticket = followed(tx_, delivery.lane.ticket);
    if (!handed || !ticket) return false;
    // Nobody else ever saw that id, so a bounce or an absence note needs no known sender.
    if (nature_ == Nature::report) {
      if (!route_.doubted) route_.reported = delivery.id;
      return as_note(*ticket);
    }
    if (route_.doubted && (delivery.lane.delegation.value != 0 || claims(*ticket))) {
      return as_note(*ticket);
    }
    // A person whom the desk knows speaks for himself, also on a thread with a supplier.
    if (delivery.lane.delegation.value != 0 && people_.empty()) {
      route_.way = Way::supplier;
      route_.ticket = handed->id;  // its own leg, wherever the ticket has gone
      route_.link = delivery.lane.link;
      return true;
    }
    if (nature_ == Nature::machine) return as_note(*ticket);
    if (belongs(*ticket)) return true;
    if (of_its_domain(*ticket)) return as_note(*ticket);
    route_.mentioned = ticket->id;
    return false;
  }

  // We wrote to somebody about that ticket, and he, or whoever has it from him, answers.
  bool by_signed_tag() {
    std::vector<TicketId> tags;
    const auto add = [&](TicketId tag) {
      if (tag.value != 0) tags.push_back(tag);
    };
    for (const std::string& recipient : recipients_of(row_)) {
      add(ticket_of_reply_address(options_.key, recipient));
    }
    for (const auto* list : {&mail_.to, &mail_.cc}) {
      for (std::size_t i = 0; i < list->size() && i < kAddressesMax; ++i) {
        add(ticket_of_reply_address(options_.key, (*list)[i].address));
      }
    }
    for (const TicketId tag : signed_tags_in(options_.key, mail_.subject)) add(tag);
    for (const TicketId tag : tags) {
      const auto ticket = followed(tx_, tag);
      if (ticket) return belongs(*ticket) || as_note(*ticket);
    }
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
    if (nature_ == Nature::report || route_.doubted) return false;
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
    if (route_.doubted) return false;
    for (const Person& person : people_) {
      const bool part = has_part(person, ticket);
      if (!part && !colleague(person, ticket)) continue;
      if (part && nature_ == Nature::person) {
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

  // Whoever he is: he says that he is of the ticket's customer.
  bool claims(const Ticket& ticket) {
    for (const Person& person : people_) {
      if (!has_part(person, ticket) && !colleague(person, ticket)) continue;
      route_.claimed = person.id;
      return true;
    }
    return of_its_domain(ticket);
  }

  bool as_note(const Ticket& ticket) {
    if (!route_.doubted) {
      for (const Person& person : people_) {
        if (person.customer == ticket.customer) route_.person = person.id;
      }
    }
    route_.way = Way::note;
    route_.ticket = ticket.id;
    route_.customer = ticket.customer;
    route_.language = ticket.language;
    return true;
  }

  void register_anew() {
    route_.way = Way::fresh;
    const std::string first = defaults_.empty() ? std::string() : defaults_.front()->customer;
    for (const MailDefaults* one : defaults_) {
      if (route_.team.empty()) {
        route_.team = one->team;
      } else if (!one->team.empty() && one->team != route_.team) {
        route_.also_team = one->team;
      }
    }
    if (!route_.doubted && known_sender(first)) return;
    if (route_.doubted && !people_.empty()) route_.claimed = people_.front().id;
    const auto customer = find_customer(tx_, first);
    route_.customer = customer ? customer->id : options_.unknown_customer;
    if (customer) route_.language = customer->language;
    if (!defaults_.empty() && !defaults_.front()->language.empty()) {
      route_.language = defaults_.front()->language;
    }
  }

  // True if we know whose the sender is; of several of his customers `first` comes first.
  bool known_sender(const std::string& first) {
    const auto supplier =
        std::find_if(options_.suppliers.begin(), options_.suppliers.end(),
                     [this](const SupplierSender& one) { return is_sender(one); });
    if (supplier != options_.suppliers.end() && nature_ != Nature::report && people_.empty()) {
      route_.link = supplier->link;
    }
    const auto customer = customer_of_domain(tx_, domain_of(route_.sender));
    const auto rank = [&](const Person& person) {
      return person.customer == first ? 2 : customer && person.customer == customer->id ? 1 : 0;
    };
    const Person* known = nullptr;
    for (const Person& person : people_) {
      if (known == nullptr || rank(person) > rank(*known)) known = &person;
    }
    if (known != nullptr) {
      route_.customer = known->customer;
      route_.language = known->language;
      if (!machine()) route_.person = known->id;
      return true;
    }
    if (!customer) return false;
    route_.customer = customer->id;
    const std::string& language =
        defaults_.empty() ? customer->language : defaults_.front()->language;
    route_.language = language.empty() ? customer->language : language;
    route_.new_person = !machine() && is_address(route_.sender);
    return true;
  }

  Tx& tx_;
  const MailRow& row_;
  const ParsedMail& mail_;
  Nature nature_;
  const RouteOptions& options_;
  std::vector<Person> people_;                 // whom the sender says he is
  std::vector<const MailDefaults*> defaults_;  // of the addresses that it came to
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

std::vector<std::vector<std::string>> by_customer(const std::vector<std::string>& recipients,
                                                  const RouteOptions& options) {
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (const std::string& recipient : recipients) {
    const auto named = options.by_address.find(plain_address(recipient));
    const std::string customer =
        named == options.by_address.end() ? std::string() : named->second.customer;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& one) { return one.first == customer; });
    if (group == groups.end()) group = groups.insert(groups.end(), {customer, {}});
    group->second.push_back(recipient);
  }
  std::vector<std::vector<std::string>> all;
  for (auto& [customer, group] : groups) all.push_back(std::move(group));
  return all;
}

}  // namespace ombud::mail
