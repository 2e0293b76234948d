#include "desk/supplier_notices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud::desk {
namespace {

// A feed that goes astray must not bury the desk: what is not looked at yet, of one link.
constexpr std::int64_t kNewNoticesMax = 1000;

// Keys of the services that the supplier means; empty: it names none that is known.
std::set<std::string> services_named(Tx& tx, const std::vector<std::string>& named) {
  std::set<std::string> found;
  const auto services = list_services(tx);
  for (const std::string& name : named) {
    const std::string wanted = ascii_lower(name);
    for (const Service& service : services) {
      const bool called =
          std::find(service.words.begin(), service.words.end(), wanted) != service.words.end();
      if (service.id == wanted || ascii_lower(service.name) == wanted || called)
        found.insert(service.id);
    }
  }
  return found;
}

// Whom it concerns, by the agreements that are valid now.
std::map<std::string, std::set<std::string>> concerned(Tx& tx, std::string_view link,
                                                       const Announcement& told) {
  const auto named = services_named(tx, told.services);
  std::map<std::string, std::set<std::string>> all;
  for (const Agreement& a : list_agreements(tx)) {
    const bool valid = a.valid_from <= tx.at() && (!a.valid_until || *a.valid_until > tx.at());
    if (a.link != link || !valid) continue;
    for (const std::string& service : a.services) {
      if (named.empty() || named.contains(service)) all[a.customer].insert(service);
    }
  }
  return all;
}

// A customer who is no longer concerned stays where users read it or a ticket follows it.
void set_concerned(Tx& tx, const Notice& n) {
  auto all = concerned(tx, n.link, n.told);
  for (NoticeCustomer& known : customers_of_notice(tx, n.id)) {
    const auto still = all.find(known.customer);
    if (still == all.end()) {
      if (!known.shown && known.ticket.value == 0) drop_notice_customer(tx, n.id, known.customer);
      continue;
    }
    known.services.assign(still->second.begin(), still->second.end());
    put_notice_customer(tx, n.id, known);
    all.erase(still);
  }
  for (const auto& [customer, services] : all) {
    put_notice_customer(tx, n.id, {customer, {services.begin(), services.end()}, false, {}});
  }
}

bool is_ours(Tx& tx, std::string_view link, const Announcement& told) {
  if (lane_of_external(tx, link, told.remote_id)) return true;
  if (!told.correlation.empty() && delivery_of_correlation(tx, told.correlation)) return true;
  const TicketId ticket = ticket_of_reference(told.reference);
  if (ticket.value == 0) return false;
  const auto delegations = delegations_of(tx, ticket);
  return std::any_of(delegations.begin(), delegations.end(),
                     [&](const Delegation& d) { return d.link == link; });
}

std::string span_words(const Announcement& told) {
  std::string words;
  if (told.starts_at) words += " from " + to_rfc3339(*told.starts_at);
  if (told.ends_at) words += " until " + to_rfc3339(*told.ends_at);
  return words;
}

// What the desk reads of it on a ticket.
std::string note_words(const Notice& n) {
  const std::string_view who = n.link.empty() ? "The desk" : std::string_view(n.supplier);
  return fmt::format("{} announces (notice {}): {}\n{}, {}{}{}{}", who, n.id.value, n.told.title,
                     to_text(n.told.kind), to_text(n.told.state), span_words(n.told),
                     n.told.text.empty() ? "" : "\n\n", n.told.text);
}

void add_note(Tx& tx, TicketId ticket, std::string text) {
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = Party::system;
  added.text = std::move(text);
  append(tx, ticket, added);
}

void tell_tickets(Tx& tx, const Notice& n) {
  for (const NoticeCustomer& c : customers_of_notice(tx, n.id)) {
    if (c.ticket.value == 0) continue;
    const auto ticket = find_ticket(tx, c.ticket);
    if (ticket && ticket->status != TicketStatus::closed) add_note(tx, c.ticket, note_words(n));
  }
}

std::string told_data(const Announcement& told) {
  json::Writer out;
  out.begin_object()
      .field("kind", to_text(told.kind))
      .field("state", to_text(told.state))
      .field("title", told.title)
      .field("text", told.text);
  if (!told.url.empty()) out.field("url", told.url);
  out.begin_array("services");
  for (const std::string& service : told.services) out.value(service);
  out.end_array();
  if (told.starts_at) out.field("starts_at", to_rfc3339(*told.starts_at));
  if (told.ends_at) out.field("ends_at", to_rfc3339(*told.ends_at));
  if (told.told_at) out.field("updated_at", to_rfc3339(*told.told_at));
  return out.end_object().take();
}

std::string published_data(const Notice& n, const std::vector<std::string>& customers) {
  json::Writer out;
  out.begin_object().field("title", n.public_title).field("text", n.public_text);
  out.begin_array("customers");
  for (const std::string& customer : customers) out.value(customer);
  return out.end_array().end_object().take();
}

// Shows it to these customers, and to nobody else.
void show_to(Tx& tx, Notice& n, const std::vector<std::string>& customers) {
  n.review = NoticeReview::published;
  put_notice(tx, n);
  for (NoticeCustomer& c : customers_of_notice(tx, n.id)) {
    c.shown = std::find(customers.begin(), customers.end(), c.customer) != customers.end();
    put_notice_customer(tx, n.id, c);
  }
  log_notice(tx, n.id, "published", published_data(n, customers));
}

std::vector<std::string> keys_of(const std::vector<NoticeCustomer>& customers) {
  std::vector<std::string> keys;
  for (const NoticeCustomer& c : customers) keys.push_back(c.customer);
  return keys;
}

// The link publishes by itself: the supplier's words, to all whom it concerns. Not where an agent
// has decided otherwise; and once it is published, an agent may have chosen for whom: whoever is
// concerned and does not see it then is for the desk to look at.
void publish_by_policy(Tx& tx, Notice& n, bool agent_decided) {
  if (agent_decided) return;
  auto all = customers_of_notice(tx, n.id);
  const std::size_t concerned_count = all.size();
  if (n.review == NoticeReview::published) {
    std::erase_if(all, [](const NoticeCustomer& c) { return !c.shown; });
  }
  const auto customers = keys_of(all);
  if (customers.empty()) return;
  n.news = customers.size() < concerned_count;
  n.public_title = n.told.title;
  n.public_text = n.told.text;
  show_to(tx, n, customers);
}

Result<Announced> take_first(Tx& tx, const Link& link, Announcement told, NoticePolicy policy) {
  if (count_new_notices(tx, link.id) >= kNewNoticesMax) {
    return invalid("/remote_id",
                   fmt::format("there are {} notices of this link already that nobody has looked "
                               "at; dismiss them, or set notices = \"ignore\" in its file",
                               kNewNoticesMax));
  }
  Notice n;
  n.link = link.id;
  n.supplier = link.supplier;
  n.told = std::move(told);
  n.news = true;
  n.id = add_notice(tx, n);
  set_concerned(tx, n);
  log_notice(tx, n.id, "told", told_data(n.told));
  if (policy == NoticePolicy::publish) publish_by_policy(tx, n, false);
  return Announced::fresh;
}

// The desk's own goes by its times, and has no id elsewhere.
void settle_own(Tx& tx, Notice& n) {
  if (!n.link.empty()) return;
  n.told.state = state_at(n.told, tx.at());
  n.told.remote_id.clear();
}

// To be changed and put back; what is shown is settled first.
Result<NoticeView> view_of(Tx& tx, NoticeId id) {
  auto notice = find_notice(tx, id);
  if (!notice) return not_found("notice");
  return NoticeView{std::move(*notice), customers_of_notice(tx, id)};
}

// Whether this customer's people may see it; then without what is the desk's.
bool make_public(NoticeView& view) {
  Notice& n = view.notice;
  std::erase_if(view.customers, [](const NoticeCustomer& c) { return !c.shown; });
  if (n.review != NoticeReview::published || view.customers.empty()) return false;
  n.link.clear();
  n.supplier.clear();
  n.reason.clear();
  n.told.remote_id.clear();
  n.told.url.clear();
  n.told.services.clear();
  n.told.title = n.public_title;
  n.told.text = n.public_text;
  n.news = false;
  for (NoticeCustomer& c : view.customers) c.ticket = {};
  return true;
}

std::optional<Problem> check_words(std::string_view pointer,
                                   const std::optional<std::string>& words, std::size_t bytes_max,
                                   bool blank_allowed) {
  if (!words) return std::nullopt;
  if (!blank_allowed && words->find_first_not_of(" \t\r\n") == std::string::npos) {
    return invalid(std::string(pointer), "must not be empty");
  }
  if (words->size() > bytes_max || !is_utf8(*words)) {
    return invalid(std::string(pointer), "is too long or not UTF-8");
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ", ") + part;
  return all;
}

// What is published was chosen for those who are shown it, and may name them.
bool was_shown(const Notice& n, const NoticeCustomer& c) {
  return n.review == NoticeReview::published && c.shown;
}

// What the user of a major incident may read before anybody has written to him: the desk's own
// words, never the supplier's, unless they were published to him.
std::string incident_subject(Tx& tx, const NoticeView& view, const NoticeCustomer& c) {
  const Notice& n = view.notice;
  if (was_shown(n, c)) return n.public_title;
  std::vector<std::string> names;
  for (const std::string& id : c.services) {
    const auto service = find_service(tx, id);
    names.push_back(service ? service->name : id);
  }
  const auto customer = find_customer(tx, c.customer);
  const bool english = customer && customer->language == "en";
  const bool planned = n.told.kind == NoticeKind::maintenance;
  const std::string what = english ? (planned ? "Maintenance: " : "Major incident: ")
                                   : (planned ? "Underhåll: " : "Större incident: ");
  return std::string(cut_utf8(what + joined(names), kSubjectBytesMax));
}

Result<TicketId> make_incident(Tx& tx, const NoticeView& view, const NoticeCustomer& c,
                               const Promote& request) {
  const Notice& n = view.notice;
  Register incident;
  incident.customer = c.customer;
  incident.kind = TicketKind::incident;
  incident.priority = Priority::urgent;
  incident.channel = Channel::api;
  incident.subject = request.subject.value_or(incident_subject(tx, view, c));
  incident.text = request.text.value_or(was_shown(n, c) ? n.public_text : "");
  if (c.services.size() == 1) incident.service = c.services.front();
  incident.team = request.team;
  incident.quiet = true;
  incident.held = true;  // no agreement hands the supplier its own outage back
  const auto ticket = register_ticket(tx, incident);
  if (!ticket) return ticket.error();
  add_note(tx, ticket->id, note_words(n));
  return ticket->id;
}

}  // namespace

Result<Announced> take_announcement(Tx& tx, std::string_view link_id, json::View document) {
  auto told = announcement_from(document);
  if (!told) return told.error();
  const auto link = find_link(tx, link_id);
  const NoticePolicy policy = notice_policy(tx, link_id);
  if (!link || policy == NoticePolicy::ignore) return Announced::ignored;
  if (is_ours(tx, link_id, *told)) return Announced::ours;
  told->correlation.clear();
  told->reference.clear();
  auto known = find_notice_of(tx, link_id, told->remote_id);
  if (!known) return take_first(tx, *link, std::move(*told), policy);
  if (!is_news(known->told, *told)) return Announced::same;
  // An agent who has chosen words, or dismissed it, is not overruled.
  const bool supplier_words =
      known->public_title == known->told.title && known->public_text == known->told.text;
  const bool agent_decided = known->review == NoticeReview::dismissed ||
                             (known->review == NoticeReview::published && !supplier_words);
  const auto told_at = known->told.told_at;
  known->told = std::move(*told);
  if (!known->told.told_at) known->told.told_at = told_at;
  known->supplier = link->supplier;
  known->news = true;
  put_notice(tx, *known);
  set_concerned(tx, *known);
  log_notice(tx, known->id, "told", told_data(known->told));
  if (policy == NoticePolicy::publish) publish_by_policy(tx, *known, agent_decided);
  tell_tickets(tx, *known);
  return Announced::changed;
}

void not_a_notice(Tx& tx, std::string_view link, std::string_view remote_id) {
  auto n = find_notice_of(tx, link, remote_id);
  if (!n || n->review != NoticeReview::fresh) return;
  n->review = NoticeReview::dismissed;
  n->news = false;
  n->reason = "It is a ticket of the desk's own.";
  put_notice(tx, *n);
  log_notice(tx, n->id, "dismissed",
             json::Writer().begin_object().field("reason", n->reason).end_object().take());
}

Result<NoticeView> show_notice(Tx& tx, NoticeId id) {
  auto view = view_of(tx, id);
  if (!view) return view.error();
  settle_own(tx, view->notice);
  if (!tx.principal().inside() && !make_public(*view)) return not_found("notice");
  return view;
}

Result<NoticeListing> list_notices(Tx& tx, const ListNotices& request) {
  const Principal& who = tx.principal();
  if (!who.inside() && !who.is_customer()) return not_found("list");
  NoticeFilter filter = request.filter;
  if (!who.inside()) {
    filter.shown_only = true;
    filter.link.clear();
  }
  const int limit = std::clamp(request.limit, 1, kPageMax);
  auto notices = ombud::list_notices(tx, filter, request.before, limit + 1);
  NoticeListing listing;
  if (notices.size() > static_cast<std::size_t>(limit)) {
    notices.pop_back();
    listing.next = NoticeKey{ms_of(notices.back().updated_at), notices.back().id};
  }
  for (Notice& n : notices) {
    const NoticeId id = n.id;
    settle_own(tx, n);
    NoticeView view{std::move(n), customers_of_notice(tx, id)};
    if (who.inside() || make_public(view)) listing.notices.push_back(std::move(view));
  }
  return listing;
}

Result<std::vector<NoticeEvent>> notice_log(Tx& tx, NoticeId id) {
  if (auto refused = needs_inside(tx)) return *refused;
  if (!find_notice(tx, id)) return not_found("notice");
  if (auto refused = needs_all_customers(tx)) return *refused;
  return events_of_notice(tx, id);
}

Result<NoticeView> publish_notice(Tx& tx, const Publish& request) {
  if (auto refused = needs_desk(tx)) return *refused;
  auto view = view_of(tx, request.notice);
  if (!view) return view.error();
  if (auto refused = needs_all_customers(tx)) return *refused;
  if (auto refused = check_words("/title", request.title, kNoticeTitleBytesMax, false))
    return *refused;
  if (auto refused = check_words("/text", request.text, kNoticeTextBytesMax, true)) return *refused;
  const auto concerned_keys = keys_of(view->customers);
  if (concerned_keys.empty() && !view->notice.for_all) {
    return conflict(fmt::format(
        "This notice concerns no customer: no agreement that is valid now hires {} for what it "
        "names. Add the agreement, or dismiss it.",
        view->notice.supplier));
  }
  for (const std::string& customer : request.customers) {
    if (std::find(concerned_keys.begin(), concerned_keys.end(), customer) == concerned_keys.end()) {
      return invalid("/customers",
                     fmt::format("has \"{}\", whom this does not concern; choose of: {}", customer,
                                 joined(concerned_keys)));
    }
  }
  Notice& n = view->notice;
  const bool withdrawn = n.review == NoticeReview::dismissed && !n.public_title.empty();
  const std::string title_before = n.public_title, text_before = n.public_text;
  if (!request.title && !request.text) {
    n.public_title = n.told.title;
    n.public_text = n.told.text;
  } else {  // the desk's own words: nothing of the supplier's slips in beside them
    const std::string before = n.public_title.empty() ? n.told.title : n.public_title;
    n.public_title = request.title.value_or(before);
    n.public_text = request.text.value_or("");
  }
  const bool other_words = n.public_title != title_before || n.public_text != text_before;
  if (withdrawn && other_words) ++n.edition;
  n.tell_start = request.tell_start.value_or(n.tell_start);
  n.reason.clear();
  n.news = false;
  if (!request.customers.empty()) n.for_all = false;
  show_to(tx, n, request.customers.empty() ? concerned_keys : request.customers);
  return show_notice(tx, request.notice);
}

Result<NoticeView> dismiss_notice(Tx& tx, NoticeId id, const std::string& reason) {
  if (auto refused = needs_desk(tx)) return *refused;
  auto view = view_of(tx, id);
  if (!view) return view.error();
  if (auto refused = needs_all_customers(tx)) return *refused;
  if (auto refused = check_words("/reason", reason, kReasonBytesMax, true)) return *refused;
  Notice& n = view->notice;
  n.review = NoticeReview::dismissed;
  n.reason = reason;
  n.news = false;
  put_notice(tx, n);
  for (NoticeCustomer& c : view->customers) {
    c.shown = false;
    put_notice_customer(tx, id, c);
  }
  log_notice(tx, id, "dismissed",
             json::Writer().begin_object().field("reason", reason).end_object().take());
  return show_notice(tx, id);
}

Result<NoticeView> promote_notice(Tx& tx, const Promote& request) {
  if (auto refused = needs_desk(tx)) return *refused;
  auto view = view_of(tx, request.notice);
  if (!view) return view.error();
  if (view->notice.review == NoticeReview::dismissed) {
    return conflict("The notice was dismissed. Publish it first if it matters after all.");
  }
  std::vector<std::string> made;
  bool concerns = false;
  for (NoticeCustomer c : view->customers) {
    if (!request.customer.empty() && c.customer != request.customer) continue;
    concerns = true;
    if (c.ticket.value != 0) continue;
    const auto ticket = make_incident(tx, *view, c, request);
    if (!ticket) return ticket.error();
    c.ticket = *ticket;
    put_notice_customer(tx, request.notice, c);
    made.push_back(reference_of(*ticket));
  }
  if (!concerns) {
    return request.customer.empty()
               ? conflict("This notice concerns no customer, so there is nobody to have a ticket.")
               : invalid("/customer", "this notice does not concern such a customer");
  }
  if (made.empty()) return conflict("It has its major incident already: see `customers`.");
  json::Writer out;
  out.begin_object().begin_array("tickets");
  for (const std::string& reference : made) out.value(reference);
  log_notice(tx, request.notice, "promoted", out.end_array().end_object().take());
  return show_notice(tx, request.notice);
}

}  // namespace ombud::desk
