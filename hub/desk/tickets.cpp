#include "desk/tickets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/approvals.hpp"
#include "desk/hand_over.hpp"
#include "desk/limits.hpp"
#include "desk/systems.hpp"
#include "desk/ticket_list.hpp"
#include "desk/ticket_people.hpp"
#include "domain/delegation_rules.hpp"
#include "store/directory.hpp"

namespace ombud::desk {
namespace {

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<Problem> check_text(std::string_view pointer, std::string_view text, bool required,
                                  std::size_t bytes_max) {
  if (required && blank(text)) return invalid(std::string(pointer), "must not be empty");
  if (text.size() > bytes_max) {
    return invalid(std::string(pointer),
                   fmt::format("is {} bytes long; at most {} are allowed", text.size(), bytes_max));
  }
  if (!is_utf8(text)) return invalid(std::string(pointer), "is not valid UTF-8");
  return std::nullopt;
}

// A name that is safe as a file name everywhere: no folder, no control character, never empty.
std::string clean_name(std::string_view name) {
  const std::size_t folder = name.find_last_of("/\\");
  if (folder != std::string_view::npos) name.remove_prefix(folder + 1);
  std::string clean;
  for (const char c : to_valid_utf8(name)) {
    clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '_' : c;
  }
  clean = std::string(cut_utf8(clean, kNameBytesMax));
  return clean.empty() || clean == "." || clean == ".." ? "file" : clean;
}

std::string clean_media_type(std::string_view type) {
  const bool plain =
      !type.empty() && type.size() <= 127 &&
      std::all_of(type.begin(), type.end(), [](char c) { return c > 0x20 && c < 0x7F; }) &&
      type.find('/') != std::string_view::npos;
  return plain ? std::string(type) : "application/octet-stream";
}

std::optional<Problem> check_files(Tx& tx, TicketId ticket,
                                   const std::vector<NewAttachment>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].bytes > kAttachmentBytesMax) {
      return problem(ProblemKind::too_large,
                     fmt::format("The file \"{}\" has {} bytes; at most {} are allowed.",
                                 clean_name(files[i].name), files[i].bytes, kAttachmentBytesMax));
    }
  }
  const std::size_t there =
      ticket.value == 0 || files.empty() ? 0 : attachments_of(tx, ticket).size();
  if (there + files.size() > kAttachmentsPerTicketMax) {
    return problem(ProblemKind::too_large,
                   fmt::format("A ticket holds at most {} files.", kAttachmentsPerTicketMax));
  }
  return std::nullopt;
}

AttachmentId add_file(Tx& tx, TicketId ticket, MessageId message, const NewAttachment& file,
                      Visibility visibility, Party from) {
  event::AttachmentAdded added;
  added.message = message;
  added.visibility = visibility;
  added.from = from;
  added.name = clean_name(file.name);
  added.media_type = clean_media_type(file.media_type);
  added.bytes = file.bytes;
  added.sha256 = file.sha256;
  return {append(tx, ticket, added).event.value};
}

constexpr bool word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Each byte in lower case, and a space for what is in no word.
constexpr std::array<char, 256> kFolded = [] {
  std::array<char, 256> folded{};
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const char c = i >= 'A' && i <= 'Z' ? static_cast<char>(i - 'A' + 'a') : static_cast<char>(i);
    folded[i] = word_byte(c) ? c : ' ';
  }
  return folded;
}();

// What users call the services, each under the first of its words.
struct ServiceWords {
  std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> by_first;
  std::array<bool, 256> begins{};  // whether a word begins with that byte
};

ServiceWords service_words(const std::vector<Service>& services) {
  ServiceWords known;
  for (const Service& service : services) {
    for (const std::string& words : service.words) {
      const auto end = std::find_if_not(words.begin(), words.end(), word_byte);
      if (end == words.begin()) continue;
      known.by_first[{words.begin(), end}].emplace_back(words, service.id);
      known.begins[static_cast<unsigned char>(words.front())] = true;
    }
  }
  return known;
}

// The service one of whose words stands in the text; nothing if none or several do.
std::string recognise_service(Tx& tx, std::string_view subject, std::string_view text) {
  const auto known = tx.remember<ServiceWords>("service words", "",
                                               [&] { return service_words(list_services(tx)); });
  std::string found;
  if (known->by_first.empty()) return found;
  text = cut_utf8(text, 4096);
  std::string lower;
  lower.reserve(subject.size() + text.size() + 2);
  lower.append(subject).append(" ").append(text);
  lower += ' ';
  for (char& c : lower) c = kFolded[static_cast<unsigned char>(c)];
  std::string word;
  for (std::size_t at = 0; at < lower.size();) {
    const std::size_t end = lower.find(' ', at);
    const std::size_t begin = std::exchange(at, end + 1);
    if (!known->begins[static_cast<unsigned char>(lower[begin])]) continue;
    const auto named = known->by_first.find(word.assign(lower, begin, end - begin));
    if (named == known->by_first.end()) continue;
    for (const auto& [words, service] : named->second) {
      const bool whole = lower.compare(begin, words.size(), words) == 0 &&
                         lower.compare(begin + words.size(), 1, " ") == 0;
      if (whole && !found.empty() && found != service) return {};
      if (whole) found = service;
    }
  }
  return found;
}

std::string author_of(Tx& tx) {
  const Principal& who = tx.principal();
  if (who.is_person()) {
    const auto person = find_person(tx, who.person);
    return person ? person->name : "";
  }
  if (who.is_agent() || (who.account.value != 0 && who.inside())) {
    const auto agent = find_agent(tx, who.agent);
    if (agent) return agent->name;
  }
  return who.name.empty() ? "Service desk" : who.name;
}

// Of a customer's people only the requester ends a ticket.
std::optional<Problem> needs_owner(Tx& tx, const Ticket& ticket) {
  if (!tx.principal().is_customer() || owns_ticket(tx.principal(), ticket)) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "Only the person who registered the ticket may do this. You can write in it.");
}

void set_status(Tx& tx, const Ticket& ticket, TicketStatus status, const std::string& reason) {
  if (ticket.status != status) append(tx, ticket.id, event::StatusChanged{status, reason});
}

}  // namespace

Result<Ticket> register_ticket(Tx& tx, const Register& request) {
  const Principal& who = tx.principal();
  event::Registered registered;
  registered.customer = who.tenant ? *who.tenant : request.customer;
  registered.requester = who.is_person() ? who.person : request.requester;
  if (who.is_supplier()) return not_found("customer");
  if (registered.customer.empty()) return invalid("/customer", "is required");
  if (who.tenant && !request.customer.empty() && request.customer != *who.tenant) {
    return invalid("/customer", "there is no such customer");
  }
  if (who.is_person() && request.requester.value != 0 && request.requester != who.person) {
    return invalid("/requester", "must be yourself");
  }
  const auto customer = find_customer(tx, registered.customer);
  if (!customer) return invalid("/customer", "there is no such customer");
  registered.language = customer->language;
  if (registered.requester.value != 0) {
    const auto person = find_person(tx, registered.requester);
    if (!person || person->customer != registered.customer) {
      return invalid("/requester", "there is no such person at this customer");
    }
    registered.language = person->language;
    registered.author = person->name;
  } else if (request.language == "sv" || request.language == "en") {
    registered.language = request.language;
  }
  if (registered.requester.value == 0 && who.is_customer_system()) {
    registered.author = author_of(tx);
  }
  if (auto refused = check_text("/subject", request.subject, true, kSubjectBytesMax))
    return *refused;
  if (auto refused = check_text("/text", request.text, false, kTextBytesMax)) return *refused;
  if (auto refused = check_files(tx, {}, request.attachments)) return *refused;
  registered.team = request.team.empty() || who.is_customer() ? "desk" : request.team;
  if (!find_team(tx, registered.team)) return invalid("/team", "there is no such team");
  registered.service = request.service;
  if (registered.service.empty()) {
    registered.service = recognise_service(tx, request.subject, request.text);
  } else if (!find_service(tx, registered.service)) {
    return invalid("/service", "there is no such service");
  }
  registered.kind = request.kind;
  registered.priority = request.priority;
  registered.channel = request.channel;
  registered.subject = request.subject;
  registered.text = request.text;
  registered.quiet = request.quiet;
  if (!request.quiet) registered.answers = request.mail_message_id;

  const Appended appended = append(tx, {}, registered);
  for (const NewAttachment& file : request.attachments) {
    add_file(tx, appended.ticket, {appended.event.value}, file, Visibility::user, Party::user);
  }
  if (!request.attributes.empty()) {
    const auto kept = keep(tx, {appended.ticket, {}, request.external_id, request.attributes});
    if (!kept) return kept.error();
  }
  auto ticket = find_ticket(tx, appended.ticket);
  if (begin_approval(tx, *ticket, ApprovalOccasion::registered, !request.held) ||
      (!request.held && hand_over_by_agreement(tx, *ticket))) {
    ticket = find_ticket(tx, appended.ticket);
  }
  return *ticket;
}

Result<Ticket> visible_ticket(Tx& tx, TicketId id, std::optional<std::int64_t> version) {
  auto ticket = find_ticket(tx, id);
  if (!ticket || !sees_ticket(tx, *ticket)) return not_found("ticket");
  if (version && *version != ticket->version) {
    return problem(
        ProblemKind::stale,
        "The ticket has changed since you read it. Read it again and repeat what still applies.");
  }
  return *ticket;
}

Result<Ticket> current_ticket(Tx& tx, TicketId id) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket || ticket->merged_into.value == 0) return ticket;
  auto current = followed(tx, id);
  if (!current || !sees_ticket(tx, *current)) {
    return conflict(
        "This ticket has gone on in another one, which you have no part in. Register a new "
        "ticket.");
  }
  return *current;
}

Result<TicketView> show(Tx& tx, TicketId id) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  TicketView view;
  view.ticket = *ticket;
  view.messages = messages_of(tx, id);
  view.mails = mail_messages_of(tx, id);
  view.attachments = attachments_of(tx, id);
  const bool inside = tx.principal().inside(), legs = sees_legs(tx.principal());
  const auto hidden = [&](const auto& one) {
    return one.visibility != Visibility::user &&
           !(one.visibility == Visibility::supplier ? legs : inside);
  };
  std::erase_if(view.messages, hidden);
  std::erase_if(view.attachments, hidden);
  const auto delegations = delegations_of(tx, id);
  if (const auto person = find_person(tx, ticket->requester)) {
    view.requester_name = person->name;
    if (inside) {
      view.requester = *person;
      if (!person->email.empty()) view.requester_bounces = bouncing(tx, person->email);
    }
  }
  if (inside) view.contact = contact_of(*ticket, view.messages, view.mails);
  if (const auto customer = find_customer(tx, ticket->customer)) {
    view.customer_name = customer->name;
  }
  if (const auto service = find_service(tx, ticket->service)) view.service_name = service->name;
  if (const auto team = find_team(tx, ticket->team)) view.team_name = team->name;
  if (const auto agent = find_agent(tx, ticket->agent)) view.agent_name = agent->name;
  view.participants = participants_of(tx, id);
  for (const Relation& relation : relations_of(tx, id)) {
    auto other = find_ticket(tx, relation.other);
    if (other && sees_ticket(tx, *other)) {
      view.relations.push_back({relation.kind, std::move(*other)});
    }
  }
  view.rating = rating_of(tx, id);
  view.approval = approval_view(tx, *ticket);
  view.waits_for = waits_for(*ticket);
  if (takes_part(tx, *ticket)) view.may = may(tx.principal(), *ticket, delegations);
  for (const std::string_view what : may_about_approval(tx, *ticket)) view.may.push_back(what);
  if (legs) view.delegations = delegations;
  return view;
}

std::optional<Problem> check_uploaded(Tx& tx, TicketId ticket,
                                      const std::vector<AttachmentId>& files,
                                      Visibility visibility) {
  const bool for_user = visibility == Visibility::user;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string pointer = fmt::format("/attachments/{}", i);
    const auto file = find_attachment(tx, files[i]);
    const bool hidden = file && file->visibility != Visibility::user && !tx.principal().inside();
    if (!file || file->ticket != ticket || hidden) {
      return invalid(pointer, "there is no such file on this ticket");
    }
    if (std::find(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(i), files[i]) !=
        files.begin() + static_cast<std::ptrdiff_t>(i)) {
      return invalid(pointer, "stands twice");
    }
    if (file->message.value != 0 || file->delegation.value != 0) {
      return invalid(pointer, "belongs to another message already");
    }
    if (actor_of(tx, {file->id.value}) != tx.principal().actor()) {
      return invalid(pointer, "was uploaded by somebody else");
    }
    if (for_user && file->visibility != Visibility::user) {
      return invalid(pointer, "is for the desk only; upload it again without internal=true");
    }
    if (!for_user && file->visibility == Visibility::user) {
      return invalid(pointer, "is seen by the user already; upload it with internal=true");
    }
  }
  return std::nullopt;
}

Result<Message> reply(Tx& tx, const Reply& given) {
  auto ticket = current_ticket(tx, given.ticket);
  if (!ticket) return ticket.error();
  Reply request = given;
  request.ticket = ticket->id;
  // An approver's mail decides nothing, since its sender can be forged; but it is not lost.
  if (request.mail_message_id.empty()) {
    if (auto refused = needs_part(tx, *ticket)) return *refused;
  }
  if (auto refused = check_text("/text", request.text, true, kTextBytesMax)) return *refused;
  if (auto refused = check_text("/author", request.author, false, kNameBytesMax)) return *refused;
  if (auto refused = check_files(tx, request.ticket, request.attachments)) return *refused;
  const bool from_user = tx.principal().is_customer();
  if (!from_user) {
    if (auto refused = needs_desk(tx)) return *refused;
    if (auto refused = needs_listener(tx, *ticket)) return *refused;
  }
  if (auto refused = check_uploaded(tx, request.ticket, request.uploaded, Visibility::user)) {
    return *refused;
  }
  if (request.status) {
    const bool fits = *request.status == TicketStatus::waiting_user ||
                      *request.status == TicketStatus::in_progress;
    if (from_user || !fits) {
      return invalid("/status", "is for the desk: waiting_user or in_progress");
    }
    if (ticket->status == TicketStatus::resolved || ticket->status == TicketStatus::closed) {
      return conflict(fmt::format("The ticket is {}. Reopen it first.", to_text(ticket->status)));
    }
  }
  if (request.relays.value != 0) {
    const auto relayed = find_message(tx, request.relays);
    if (from_user || !relayed || relayed->ticket != request.ticket) {
      return invalid("/relays", "there is no such message on this ticket");
    }
  }
  event::MessageAdded added;
  added.from = from_user ? Party::user : Party::desk;
  added.author = !from_user ? desk_identity(tx).name
                 : tx.principal().is_customer_system() && !request.author.empty() ? request.author
                                                                                  : author_of(tx);
  added.relays = request.relays;
  added.text = request.text;
  added.files = request.uploaded;
  const Appended appended = append(tx, request.ticket, added);
  const MessageId message{appended.event.value};
  std::vector<AttachmentId> files;
  for (const NewAttachment& file : request.attachments) {
    files.push_back(add_file(tx, request.ticket, message, file, Visibility::user, added.from));
  }
  if (from_user) {
    // Whoever writes again is not helped yet: solved and closed tickets open, waiting ones go on.
    const bool with_supplier = share_with_suppliers(tx, *ticket, message, files, request.shown);
    if (ticket->status == TicketStatus::resolved || ticket->status == TicketStatus::closed ||
        ticket->status == TicketStatus::waiting_user) {
      set_status(tx, *ticket,
                 with_supplier ? TicketStatus::waiting_supplier : TicketStatus::in_progress,
                 "the user wrote");
    }
  } else {
    if (request.status) {
      set_status(tx, *ticket, *request.status,
                 *request.status == TicketStatus::waiting_user ? "the desk asked the user"
                                                               : "the desk answered");
    } else if (ticket->status == TicketStatus::fresh) {
      set_status(tx, *ticket, TicketStatus::in_progress, "the desk answered");
    }
  }
  return *find_message(tx, message);
}

Result<Message> note(Tx& tx, TicketId id, const std::string& text,
                     const std::vector<NewAttachment>& attachments,
                     const std::vector<AttachmentId>& uploaded) {
  if (auto refused = needs_inside(tx)) return *refused;
  auto ticket = current_ticket(tx, id);
  if (!ticket) return ticket.error();
  id = ticket->id;
  if (auto refused = check_text("/text", text, true, kTextBytesMax)) return *refused;
  if (auto refused = check_files(tx, id, attachments)) return *refused;
  if (auto refused = check_uploaded(tx, id, uploaded, Visibility::internal)) return *refused;
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = tx.principal().is_system() ? Party::system : Party::desk;
  added.author = author_of(tx);
  added.text = text;
  added.files = uploaded;
  const MessageId message{append(tx, id, added).event.value};
  for (const NewAttachment& file : attachments) {
    add_file(tx, id, message, file, Visibility::internal, added.from);
  }
  return *find_message(tx, message);
}

Result<Attachment> attach(Tx& tx, TicketId id, const NewAttachment& file, bool internal) {
  auto ticket = current_ticket(tx, id);
  if (!ticket) return ticket.error();
  id = ticket->id;
  if (auto refused = needs_part(tx, *ticket)) return *refused;
  const bool from_user = tx.principal().is_customer();
  if (internal || !from_user) {
    if (auto refused = needs_inside(tx)) return *refused;
  }
  if (auto refused = check_files(tx, id, {file})) return *refused;
  const AttachmentId added =
      add_file(tx, id, {}, file, internal ? Visibility::internal : Visibility::user,
               from_user ? Party::user : Party::desk);
  if (from_user) share_with_suppliers(tx, *ticket, {}, {added});
  return *find_attachment(tx, added);
}

Result<Ticket> change(Tx& tx, TicketId id, std::optional<std::int64_t> version,
                      const Change& what) {
  auto ticket = visible_ticket(tx, id, version);
  if (!ticket) return ticket.error();
  // A customer's own system may word its ticket anew; who works on it is the desk's business.
  const bool own_words =
      tx.principal().is_customer_system() && !what.service && !what.team && !what.agent &&
      !what.requester &&
      // What waits for a yes, or got a no, is not made something else by who ordered it.
      !(what.kind && !may_leave(ticket->kind, ticket->approval));
  if (!own_words) {
    if (auto refused = needs_desk(tx)) return *refused;
  }
  if (what.subject) {
    if (auto refused = check_text("/subject", *what.subject, true, kSubjectBytesMax))
      return *refused;
  }
  if (what.service && !what.service->empty() && !find_service(tx, *what.service)) {
    return invalid("/service", "there is no such service");
  }
  if (what.team && !find_team(tx, *what.team)) return invalid("/team", "there is no such team");
  if (what.agent && !what.agent->empty() && !find_agent(tx, *what.agent)) {
    return invalid("/agent", "there is no such agent");
  }
  if (what.team) {
    if (auto refused = refuse_move(tx, *ticket, *what.team)) return *refused;
  }
  event::Edited edited;
  if (what.requester && *what.requester != ticket->requester) {
    const auto person = find_person(tx, *what.requester);
    if (!person || person->customer != ticket->customer) {
      return invalid("/requester", "there is no such person at the ticket's customer");
    }
    if (ticket->merged_into.value != 0) {
      return conflict(fmt::format("The ticket has gone on in {}. Set the requester there.",
                                  reference_of(ticket->merged_into)));
    }
    edited.requester = person->id;
    edited.requester_name = person->name;
  }
  if (what.subject && *what.subject != ticket->subject) edited.subject = what.subject;
  if (what.service && *what.service != ticket->service) edited.service = what.service;
  if (what.priority && *what.priority != ticket->priority) edited.priority = what.priority;
  if (what.kind && *what.kind != ticket->kind) edited.kind = what.kind;
  if (edited.subject || edited.service || edited.priority || edited.kind || edited.requester) {
    append(tx, id, edited);
    update_suppliers(tx, *find_ticket(tx, id));
    order_changed(tx, *ticket);
  }
  event::Assigned assigned{what.team.value_or(ticket->team), what.agent.value_or(ticket->agent)};
  if (assigned.team != ticket->team || assigned.agent != ticket->agent) append(tx, id, assigned);
  return *find_ticket(tx, id);
}

Result<Ticket> resolve(Tx& tx, TicketId id, const std::string& text,
                       const std::vector<AttachmentId>& uploaded) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused = needs_desk(tx)) return *refused;
  if (auto refused = check_text("/text", text, false, kTextBytesMax)) return *refused;
  if (ticket->status == TicketStatus::resolved || ticket->status == TicketStatus::closed) {
    return conflict(fmt::format("The ticket is already {}.", to_text(ticket->status)));
  }
  if (!uploaded.empty() && blank(text)) {
    return invalid("/text", "is required with files: they go with what the user is told");
  }
  if (auto refused = check_uploaded(tx, id, uploaded, Visibility::user)) return *refused;
  if (!blank(text)) {
    if (auto refused = needs_listener(tx, *ticket)) return *refused;
    event::MessageAdded added;
    added.author = desk_identity(tx).name;
    added.text = text;
    added.files = uploaded;
    append(tx, id, added);
  }
  append(tx, id, event::StatusChanged{TicketStatus::resolved, ""});
  return *find_ticket(tx, id);
}

Result<Ticket> close(Tx& tx, TicketId id, const std::string& reason) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused = check_text("/reason", reason, false, kReasonBytesMax)) return *refused;
  if (auto refused = needs_owner(tx, *ticket)) return *refused;
  if (ticket->status == TicketStatus::closed) return conflict("The ticket is already closed.");
  if (tx.principal().is_customer() && ticket->status != TicketStatus::resolved) {
    return conflict(
        "The desk has not solved the ticket yet. Write that you no longer need help instead.");
  }
  if (!tx.principal().is_customer()) {
    if (auto refused = needs_desk(tx)) return *refused;
  }
  for (const Delegation& d : delegations_of(tx, id)) {
    if (!is_ended(d.state)) {
      return conflict(
          fmt::format("{} still has the ticket (delegation {}, {}). Accept its solution or "
                      "withdraw the delegation first.",
                      d.supplier, d.id.value, to_text(d.state)));
    }
  }
  append(tx, id, event::StatusChanged{TicketStatus::closed, reason});
  return *find_ticket(tx, id);
}

Result<Ticket> cancel(Tx& tx, TicketId id, const std::string& reason) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused = needs_owner(tx, *ticket)) return *refused;
  if (!tx.principal().is_customer()) {
    if (auto refused = needs_desk(tx)) return *refused;
  }
  if (auto refused = check_text("/reason", reason, false, kReasonBytesMax)) return *refused;
  if (ticket->status == TicketStatus::resolved || ticket->status == TicketStatus::closed) {
    return conflict(fmt::format("The ticket is already {}.", to_text(ticket->status)));
  }
  for (const Delegation& d : delegations_of(tx, id)) {
    if (!is_ended(d.state)) {
      return conflict(
          "Somebody is already at work on this ticket. Write that it is no longer needed; the desk "
          "will stop the work and close the ticket.");
    }
  }
  append(tx, id,
         event::StatusChanged{TicketStatus::closed, std::string(kCancelledReason) +
                                                        (reason.empty() ? "" : ": " + reason)});
  return *find_ticket(tx, id);
}

Result<Ticket> reopen(Tx& tx, TicketId id, const std::string& reason) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused = needs_part(tx, *ticket)) return *refused;
  if (!tx.principal().is_customer()) {
    if (auto refused = needs_desk(tx)) return *refused;
  }
  if (auto refused = check_text("/reason", reason, false, kReasonBytesMax)) return *refused;
  if (ticket->status != TicketStatus::resolved && ticket->status != TicketStatus::closed) {
    return conflict("The ticket is open.");
  }
  if (ticket->merged_into.value != 0) {
    return conflict(fmt::format("The ticket has gone on in {}. Write there instead.",
                                reference_of(ticket->merged_into)));
  }
  append(tx, id, event::StatusChanged{TicketStatus::in_progress, reason});
  return *find_ticket(tx, id);
}

}  // namespace ombud::desk
