#include "http/api/ticket_query.hpp"

#include <algorithm>

#include "desk/access.hpp"

namespace ombud::http {
namespace {

template <class Enum>
Result<void> take_word(const Query& query, std::string_view name, std::optional<Enum>& into) {
  if (!query.has(name)) return {};
  into = from_text<Enum>(query.text(name));
  if (!into) return invalid("?" + std::string(name), "must be " + choices<Enum>());
  return {};
}

Result<void> take_flag(const Query& query, std::string_view name, bool& into) {
  const auto flag = query.flag(name);
  if (!flag) return flag.error();
  into = *flag;
  return {};
}

Result<void> take_time(const Query& query, std::string_view name, std::optional<Instant>& into) {
  if (!query.has(name)) return {};
  into = parse_rfc3339(query.text(name));
  if (!into) {
    return invalid("?" + std::string(name), "must be a time such as 2026-11-22T09:30:00Z");
  }
  return {};
}

Result<void> take_statuses(const Query& query, std::vector<TicketStatus>& into) {
  std::optional<TicketStatus> one;
  if (auto read = take_word(query, "status", one); !read) return read;
  if (one) into.push_back(*one);
  if (!query.has("statuses")) return {};
  std::string_view rest = query.text("statuses");
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const auto status = from_text<TicketStatus>(rest.substr(0, comma));
    if (!status) {
      return invalid("?statuses",
                     "must be some of " + choices<TicketStatus>() + ", with commas between");
    }
    if (std::find(into.begin(), into.end(), *status) == into.end()) into.push_back(*status);
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  return {};
}

Result<void> take_people(const Query& query, const Principal& who, TicketFilter& filter) {
  const auto requester = query.integer("requester", 1, INT64_MAX, 0);
  if (!requester) return requester.error();
  filter.requester = {*requester};
  filter.agent = query.text("agent");
  if (filter.agent == "me") {
    filter.agent = desk::own_agent(who);
    if (filter.agent.empty()) return invalid("?agent", "is me only for an agent");
  }
  if (!query.has("participant")) return {};
  if (query.text("participant") == "me") {
    filter.participant = who.person;
    if (who.person.value == 0) return invalid("?participant", "is me only for a person");
    return {};
  }
  const auto person = query.integer("participant", 1, INT64_MAX, 0);
  if (!person || !desk::knows_people(who)) {
    return invalid("?participant", "must be me, or for the desk a person's id");
  }
  filter.participant = {*person};
  return {};
}

Result<void> take_approval(const Query& query, const Principal& who, TicketFilter& filter) {
  if (!query.has("approval")) return {};
  const std::string_view word = query.text("approval");
  if (word == "needed") {
    filter.approval_needed = true;
  } else if (word == "mine" && who.is_person()) {
    filter.approval_by = who.person;
  } else if (word == "mine") {
    return invalid("?approval", "is mine only for a person who could approve; write needed");
  } else {
    return invalid("?approval", "must be needed or mine");
  }
  return {};
}

}  // namespace

Result<desk::List> ticket_list_of(const Query& query, const Principal& who) {
  desk::List list;
  TicketFilter& filter = list.filter;
  std::optional<TicketSort> sort;
  bool unread = false;
  for (const auto& read :
       {take_statuses(query, filter.statuses), take_word(query, "kind", filter.kind),
        take_flag(query, "open", filter.open_only), take_people(query, who, filter),
        take_flag(query, "unassigned", filter.unassigned),
        take_flag(query, "answered", filter.answered), take_flag(query, "unread", unread),
        take_time(query, "created_after", filter.created_after),
        take_time(query, "created_before", filter.created_before),
        take_approval(query, who, filter), take_word(query, "sort", sort)}) {
    if (!read) return read.error();
  }
  filter.customer = query.text("customer");
  filter.team = query.text("team");
  filter.service = query.text("service");
  filter.link = query.text("link");
  if (unread) filter.unread_by = who.actor();
  for (const std::string_view inside : {"link", "answered"}) {
    if (query.has(inside) && !who.inside()) {
      return invalid("?" + std::string(inside), "is for the desk");
    }
  }
  if (filter.unassigned && !filter.agent.empty()) {
    return invalid("?unassigned", "contradicts agent; leave one of them out");
  }
  const std::string_view order = query.has("order") ? query.text("order") : "desc";
  if (order != "asc" && order != "desc") return invalid("?order", "must be asc or desc");
  list.order = {sort.value_or(TicketSort::updated), order == "asc"};
  list.words = query.text("q");
  if (!list.words.empty() && (list.order.sort != TicketSort::updated || list.order.ascending)) {
    return invalid("?sort", "does not go with q: what is found comes newest message first");
  }
  return list;
}

}  // namespace ombud::http
