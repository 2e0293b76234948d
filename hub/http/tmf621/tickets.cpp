#include "http/tmf621/tickets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "desk/systems.hpp"
#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/problem.hpp"
#include "http/tmf621/error.hpp"
#include "http/tmf621/json_patch.hpp"
#include "http/tmf621/selection.hpp"
#include "http/tmf621/wish.hpp"
#include "http/tmf621/words.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"
#include "store/systems.hpp"

namespace ombud::http::tmf {
namespace {

constexpr std::size_t kScanMax = 20'000;  // tickets that one list looks through
constexpr std::int64_t kScanPage = 500;
constexpr std::size_t kBodyBytesBesideFiles = 2U << 20U;

std::string etag_of(std::string_view document) {
  return "\"" + sha256_hex(document).substr(0, 32) + "\"";
}

bool names(std::string_view header, std::string_view etag) {
  return header.find(etag) != std::string_view::npos || header == "*";
}

Result<Trouble> found(Tx& tx, const Call& call) {
  return find_trouble(tx, trouble_id(call.params.at(0)));
}

Response shown(const Trouble& trouble, const Call& call, const Settings& settings,
               const Selection& selection, unsigned status = 200) {
  const Dialect& dialect = dialect_of(call);
  std::string document = dialect.render(trouble, settings);
  Response response;
  response.status = status;
  response.content_type = "application/json;charset=utf-8";
  response.header("ETag", etag_of(document));
  response.body = chosen(std::move(document), selection, settings, dialect);
  if (status == 201) {
    response.header("Location", dialect.base(settings) + "/troubleTicket/" + trouble.id());
  }
  return response;
}

// --- List ----------------------------------------------------------------------------------------

using Ids = std::vector<TroubleId>;

// The tickets that may match, oldest first, and how many there are if that is sure already.
struct Candidates {
  Ids ids;
  std::optional<std::int64_t> total;
};

TicketBounds bounds_of(const Principal& who, const Selection& selection) {
  TicketBounds bounds;
  bounds.customer = who.tenant.value_or("");
  if (who.own_tickets_only()) bounds.requester = who.person;
  if (const Filter* status = selection.find("status")) {
    for (const auto& [value, text] : kWords<TicketStatus>) {
      const bool fits = status_of(value) == status->value ||
                        (value == TicketStatus::closed && status->value == "cancelled");
      if (fits) (bounds.status ? bounds.or_status : bounds.status) = value;
    }
    if (bounds.status && !bounds.or_status) bounds.or_status = bounds.status;
  }
  using Operator = Filter::Operator;
  for (const Operator op : {Operator::gt, Operator::gte}) {
    if (const Filter* from = selection.find("creationDate", op)) bounds.created_from = from->at;
    if (const Filter* from = selection.find("lastUpdate", op)) bounds.changed_from = from->at;
  }
  for (const Operator op : {Operator::lt, Operator::lte}) {
    if (const Filter* until = selection.find("creationDate", op)) bounds.created_until = until->at;
  }
  return bounds;
}

Problem too_many() {
  return invalid("?", fmt::format("this would look through more than {} tickets; add a filter on "
                                  "status, creationDate, lastUpdate or the external id",
                                  kScanMax));
}

Result<Ids> supplier_ids(Tx& tx) {
  Ids all;
  for (const std::string& link : tx.principal().links) {
    DelegationId after;
    for (;;) {
      const auto page = delegation_ids(tx, link, after, kScanPage);
      for (const DelegationId id : page) all.push_back({find_delegation(tx, id)->ticket, id});
      if (all.size() > kScanMax) return too_many();
      if (page.size() < static_cast<std::size_t>(kScanPage)) break;
      after = page.back();
    }
  }
  std::sort(all.begin(), all.end(),
            [](const TroubleId& a, const TroubleId& b) { return a.delegation < b.delegation; });
  return all;
}

Result<Candidates> candidates_of(Tx& tx, const Selection& selection) {
  const Principal& who = tx.principal();
  if (const Filter* id = selection.find("id")) return Candidates{{trouble_id(id->value)}, {}};
  const Filter* external = selection.find("externalId");
  if (external == nullptr) external = selection.find("externalIdentifier.id");
  if (external != nullptr && !external->value.empty()) {
    Candidates borne;
    for (const Bearer& bearer : bearers_of(tx, external->value, {})) {
      borne.ids.push_back({bearer.ticket, bearer.delegation});
    }
    return borne;
  }
  if (who.is_supplier()) {
    auto ids = supplier_ids(tx);
    if (!ids) return ids.error();
    return Candidates{std::move(*ids), {}};
  }
  const TicketBounds bounds = bounds_of(who, selection);
  Candidates all;
  const bool every = selection.filters.empty() && selection.after.empty() &&
                     selection.before.empty() && !selection.newest_first;
  const std::int64_t count = count_tickets(tx, bounds);
  if (!every && count > static_cast<std::int64_t>(kScanMax)) return too_many();
  if (every) all.total = count;
  for (const TicketId id :
       ticket_ids(tx, bounds, {}, every ? selection.offset : 0, every ? selection.limit : count)) {
    all.ids.push_back({id, {}});
  }
  return all;
}

std::string address_of_page(const Dialect& dialect, const Settings& settings,
                            std::string_view query, std::int64_t offset) {
  std::string kept;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    if (!pair.empty() && !pair.starts_with("offset=")) kept += std::string(pair) + "&";
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return fmt::format("{}/troubleTicket?{}offset={}", dialect.base(settings), kept, offset);
}

// v5's cursors: only what lies between them, in the order that was asked for.
std::optional<Problem> cut(Ids& ids, const Selection& selection) {
  if (selection.newest_first) std::reverse(ids.begin(), ids.end());
  for (const auto& [name, cursor] :
       {std::pair{"after", &selection.after}, {"before", &selection.before}}) {
    if (cursor->empty()) continue;
    const TroubleId id = trouble_id(*cursor);
    const auto at = std::find_if(ids.begin(), ids.end(), [&](const TroubleId& other) {
      return other.ticket == id.ticket && other.delegation == id.delegation;
    });
    if (at == ids.end()) {
      return invalid(std::string("?") + name, "is the id of no ticket of this list");
    }
    if (name == std::string_view("after")) {
      ids.erase(ids.begin(), at + 1);
    } else {
      ids.erase(at, ids.end());
      // The page just before it, not the first of all.
      const auto limit = static_cast<std::size_t>(selection.limit);
      if (selection.filters.empty() && ids.size() > limit) {
        ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(limit));
      }
    }
  }
  return std::nullopt;
}

Result<Response> list_in(Tx& tx, const Call& call, const Settings& settings,
                         const Selection& selection) {
  const Dialect& dialect = dialect_of(call);
  auto candidates = candidates_of(tx, selection);
  if (!candidates) return candidates.error();
  if (auto refused = cut(candidates->ids, selection)) return *refused;
  std::string body = "[";
  std::int64_t matching = candidates->total ? selection.offset : 0, shown_count = 0;
  for (const TroubleId id : candidates->ids) {
    const auto trouble = find_trouble(tx, id);
    if (!trouble) continue;  // not for this principal
    std::string document = dialect.render(*trouble, settings);
    const auto parsed = json::parse(document);
    if (!parsed || !selection.matches(parsed->root())) continue;
    ++matching;
    if (matching <= selection.offset || shown_count >= selection.limit) continue;
    body +=
        (shown_count == 0 ? "" : ",") + chosen(std::move(document), selection, settings, dialect);
    ++shown_count;
  }
  const std::int64_t total = candidates->total.value_or(matching);
  Response response;
  const bool part = shown_count < total;
  response.status = part && settings.partial_content ? 206 : 200;
  response.content_type = "application/json;charset=utf-8";
  response.body = body + "]";
  response.header("X-Total-Count", std::to_string(total));
  response.header("X-Result-Count", std::to_string(shown_count));
  if (shown_count > 0 && selection.offset + shown_count < total) {
    response.header(
        "Link",
        "<" + address_of_page(dialect, settings, query_of(call), selection.offset + shown_count) +
            ">; rel=\"next\"");
  }
  return response;
}

net::awaitable<Result<Response>> list_all(Api& api, Call& call) {
  auto selection = selection_of(query_of(call), dialect_of(call), true);
  if (!selection) co_return selection.error();
  Work work = [&api, &call, selection = std::move(*selection)](Tx& tx) {
    return list_in(tx, call, api.parts.tmf621, selection);
  };
  co_return co_await read<Response>(api.parts.store, call.principal, std::move(work));
}

net::awaitable<Result<Response>> retrieve(Api& api, Call& call) {
  auto selection = selection_of(query_of(call), dialect_of(call), false);
  if (!selection) co_return selection.error();
  Work work = [&api, &call, selection = std::move(*selection)](Tx& tx) -> Result<Response> {
    const auto trouble = found(tx, call);
    if (!trouble) return trouble.error();
    Response response = shown(*trouble, call, api.parts.tmf621, selection);
    std::string etag(response.header_of("ETag"));
    if (none_match(call, etag)) return not_modified(std::move(etag));
    return response;
  };
  co_return co_await read<Response>(api.parts.store, call.principal, std::move(work));
}

// --- Create --------------------------------------------------------------------------------------

// The person whom a related party names, if he is one of the customer's.
PersonId requester_of(Tx& tx, json::View parties) {
  for (std::size_t i = 0; i < parties.size(); ++i) {
    const std::string_view role = parties.at(i)["role"].text();
    if (role != "requester" && role != "reporter" && role != "originator" && role != "user" &&
        role != "reporterContact") {
      continue;
    }
    const std::string_view id = parties.at(i)["id"].text();
    for (const Person& person : people_of_email(tx, id)) return person.id;
    const PersonId number{ticket_of_reference(id).value};
    if (number.value != 0 && find_person(tx, number)) return number;
  }
  return {};
}

// A related entity or, in v5, the specification may name one of the desk's services by its key.
std::string service_of(Tx& tx, json::View attributes) {
  const std::string_view specified = attributes["troubleTicketSpecification"]["id"].text();
  if (is_key(specified) && find_service(tx, specified)) return std::string(specified);
  const json::View entities = attributes["relatedEntity"];
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const std::string_view id = entities.at(i)["id"].text();
    if (is_key(id) && find_service(tx, id)) return std::string(id);
  }
  return {};
}

// Without a name it is what kind of ticket it is: the description may be withheld from a supplier
// that is told the subject.
std::string subject_of(const Wish& wish) {
  if (wish.name && wish.name->find_first_not_of(" \t\r\n") != std::string::npos) return *wish.name;
  return std::string(
      cut_utf8(*wish.ticket_type + " (" + *wish.severity + ")", desk::kSubjectBytesMax));
}

struct WishedFile {
  const NewFile* wish = nullptr;
  desk::NewAttachment file;
};
std::vector<WishedFile> attachments_of(const Wish& wish,
                                       const std::map<std::string, BlobRef>& blobs) {
  std::vector<WishedFile> all;
  for (const NewFile& file : wish.files) {
    const auto blob = blobs.find(file.sha256);
    if (blob == blobs.end()) continue;  // named bytes that were not sent
    WishedFile wished;
    wished.wish = &file;
    wished.file = {file.name, file.media_type, blob->second.bytes, blob->second.sha256};
    all.push_back(std::move(wished));
  }
  return all;
}

Result<void> add_notes(Tx& tx, TicketId ticket, const std::vector<NewNote>& notes, Named& named) {
  for (const NewNote& note : notes) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = note.text;
    reply.author = note.author;
    const auto said = desk::reply(tx, reply);
    if (!said) return said.error();
    named.notes.emplace_back(said->id.value, note);
  }
  return {};
}

// The ticket that this client gave the same name before, if it was the same request.
Result<std::optional<Trouble>> same_before(Tx& tx, const Wish& wish) {
  if (!wish.external_id || wish.external_id->empty()) return std::optional<Trouble>();
  const std::string client = tx.principal().actor();
  for (const Bearer& bearer : bearers_of(tx, *wish.external_id, client)) {
    auto trouble = find_trouble(tx, {bearer.ticket, bearer.delegation});
    if (!trouble) continue;
    const auto ours = json::parse(trouble->attributes), theirs = json::parse(wish.attributes);
    if (ours && theirs && (*ours)["$create"].text() == (*theirs)["$create"].text()) {
      return std::optional<Trouble>(std::move(*trouble));
    }
    return conflict("You gave this externalId to " + trouble->id() +
                    ", with other content. Change that ticket, or take another externalId.");
  }
  return std::optional<Trouble>();
}

Result<Response> create_in(Tx& tx, const Call& call, const Settings& settings,
                           const Selection& selection, const Wish& wish,
                           const std::map<std::string, BlobRef>& blobs) {
  for (const std::string& origin : wish.origins) {
    if (is_our_correlation(tx, origin)) {
      return conflict("This ticket came from here: \"" + origin +
                      "\" is what this desk called it when it handed it over. Taking it again "
                      "would turn in circles.");
    }
  }
  if (wish.status && *wish.status != "acknowledged" && !settings.lenient_status) {
    return invalid("/status", "a new ticket is acknowledged; leave it out");
  }
  if (settings.unique_external_id) {
    const auto before = same_before(tx, wish);
    if (!before) return before.error();
    if (*before) return shown(**before, call, settings, selection, 201);
  }
  const auto attributes = json::parse(wish.attributes);
  if (!attributes) return attributes.error();
  desk::Register request;
  request.subject = subject_of(wish);
  request.text = *wish.description;
  request.kind = kind_from(*wish.ticket_type).value_or(TicketKind::incident);
  request.priority = wished_priority(wish, {}).value_or(Priority::normal);
  request.service = service_of(tx, attributes->root());
  if (tx.principal().is_customer_system()) {
    request.requester = requester_of(tx, (*attributes)["relatedParty"]);
  }
  const auto files = attachments_of(wish, blobs);
  for (const WishedFile& file : files) request.attachments.push_back(file.file);
  request.external_id = wish.external_id.value_or("");
  request.attributes = wish.attributes;
  const auto ticket = desk::register_ticket(tx, request);
  if (!ticket) return ticket.error();
  const auto registered = find_trouble(tx, {ticket->id, {}});
  if (!registered) return registered.error();
  Named named;
  for (std::size_t i = 0; i < std::min(files.size(), registered->files.size()); ++i) {
    named.files.emplace_back(registered->files[i].id, *files[i].wish);
  }
  if (const auto said = add_notes(tx, ticket->id, wish.notes, named); !said) return said.error();
  desk::Keep keep;
  keep.ticket = ticket->id;
  keep.external_id = request.external_id;
  keep.attributes = with_names(wish.attributes, named);
  if (keep.attributes != wish.attributes) {
    if (const auto kept = desk::keep(tx, keep); !kept) return kept.error();
  }
  const auto trouble = find_trouble(tx, {ticket->id, {}});
  if (!trouble) return trouble.error();
  return shown(*trouble, call, settings, selection, 201);
}

// The bytes of all attachments of a body, on disk.
net::awaitable<Result<std::map<std::string, BlobRef>>> put_files(
    Api& api, std::map<std::string, std::string> contents) {
  std::map<std::string, BlobRef> blobs;
  for (auto& [sha256, bytes] : contents) {
    auto blob = co_await api.parts.blobs.put(std::move(bytes));
    if (!blob) co_return blob.error();
    blobs[sha256] = *blob;
  }
  co_return blobs;
}

struct Order {
  json::Document body;  // unpacked and checked, in its version's shape
  std::map<std::string, BlobRef> blobs;
  Selection selection;
  std::optional<Response> refused;
  // Of a JSON Patch: the ticket that it was applied to, and why it could not be.
  std::string of_etag;
  std::optional<Problem> impossible;
};

// What was said and sent in stays as it is: a patch that takes it away would be taken at its word.
std::optional<Problem> loses(const Settings& settings, json::View before, json::View after) {
  for (const char* list : {"note", "attachment"}) {
    for (std::size_t i = 0; i < before[list].size(); ++i) {
      const json::View one = before[list].at(i);
      json::View kept;
      for (std::size_t k = 0; k < after[list].size(); ++k) {
        if (after[list].at(k)["id"].text() == one["id"].text()) kept = after[list].at(k);
      }
      if ((kept.present() || !settings.replace_arrays) && !same_value(one, kept)) {
        return invalid(fmt::format("/{}/{}", list, i),
                       "stays as it was said; add to the list with /" + std::string(list) + "/-");
      }
    }
  }
  return std::nullopt;
}

// The order's body out of a JSON Patch: what is different after it.
net::awaitable<Result<void>> apply_operations(Api& api, Call& call, Order& order,
                                              json::Document operations) {
  std::function<Result<std::string>(Tx&)> look = [&api, &call](Tx& tx) -> Result<std::string> {
    const auto trouble = found(tx, call);
    if (!trouble) return trouble.error();
    return dialect_of(call).render(*trouble, api.parts.tmf621);
  };
  const auto answered = co_await read<std::string>(api.parts.store, call.principal, look);
  if (!answered) co_return answered.error();
  order.of_etag = etag_of(*answered);
  const auto before = json::parse(*answered);
  if (!before) co_return before.error();
  const auto after = patched(before->root(), operations.root());
  if (!after) {
    order.impossible = after.error();
    co_return Result<void>();
  }
  order.impossible = loses(api.parts.tmf621, before->root(), after->root());
  auto changes = json::parse(difference(before->root(), after->root()));
  if (!changes) co_return changes.error();
  order.body = std::move(*changes);
  co_return Result<void>();
}

// Reads, checks and unpacks a body, and brings its files to safety.
net::awaitable<Result<Order>> read_order(Api& api, Call& call, bool create) {
  const Settings& settings = api.parts.tmf621;
  const Dialect& dialect = dialect_of(call);
  Order order;
  auto selection = selection_of(query_of(call), dialect, false);
  if (!selection) co_return selection.error();
  order.selection = std::move(*selection);
  const auto bytes_max =
      static_cast<std::size_t>(settings.attachment_bytes_max) / 3 * 4 + kBodyBytesBesideFiles;
  auto body = co_await read_json(call, bytes_max);
  if (!body) co_return body.error();
  order.refused = std::move(body->refused);
  if (order.refused) co_return order;
  if (body->operations) {
    const auto applied = co_await apply_operations(api, call, order, std::move(body->document));
    if (!applied) co_return applied.error();
    if (order.impossible) co_return order;
    body->document = std::move(order.body);
  }
  auto unpacked = unpack(settings, body->document.root());
  if (!unpacked) co_return unpacked.error();
  if (auto wrong = check_body(dialect, settings, unpacked->body.root(), create)) {
    co_return std::move(*wrong);
  }
  order.body = std::move(unpacked->body);
  auto blobs = co_await put_files(api, std::move(unpacked->contents));
  if (!blobs) co_return blobs.error();
  order.blobs = std::move(*blobs);
  co_return order;
}

net::awaitable<Result<Response>> create(Api& api, Call& call) {
  if (call.principal.is_supplier()) {
    co_return problem(ProblemKind::forbidden,
                      "The desk hands tickets to you; a supplier's system makes none.");
  }
  auto order = co_await read_order(api, call, true);
  if (!order) co_return order.error();
  if (order->refused) co_return std::move(*order->refused);
  const auto body = as_v4(dialect_of(call), order->body.root());
  if (!body) co_return body.error();
  auto wish = wish_of_create(body->root());
  if (!wish) co_return wish.error();
  Work work = [&api, &call, selection = std::move(order->selection), wish = std::move(*wish),
               blobs = std::move(order->blobs)](Tx& tx) {
    return create_in(tx, call, api.parts.tmf621, selection, wish, blobs);
  };
  co_return co_await run_change(api, call, std::move(work));
}

// --- Patch ---------------------------------------------------------------------------------------

Problem not_yours(std::string_view what) {
  return problem(ProblemKind::forbidden, std::string(what));
}

Result<void> check_step(const Trouble& now, const std::string& to) {
  if (may_follow(now.status, to)) return {};
  return conflict(fmt::format("A ticket that is {} cannot become {}.", now.status, to));
}

template <class T>
std::optional<Problem> refusal(const Result<T>& result) {
  return result ? std::nullopt : std::optional<Problem>(result.error());
}

// The status that a customer's system asks for, by the desk's own use cases.
std::optional<Problem> customer_status(Tx& tx, const Trouble& now, const Wish& wish) {
  const std::string& to = *wish.status;
  if (to == now.status) return std::nullopt;
  if (auto refused = refusal(check_step(now, to))) return refused;
  const std::string reason = wish.status_reason.value_or("");
  if (to == "cancelled") return refusal(desk::cancel(tx, now.ticket, reason));
  if (to == "closed") return refusal(desk::close(tx, now.ticket, reason));
  if (now.status == "resolved") return refusal(desk::reopen(tx, now.ticket, reason));
  if (now.status == "pending") {
    return conflict("The desk waits for an answer: add a note with it, and the ticket goes on.");
  }
  return not_yours("Only the desk moves a ticket to " + to +
                   ". You may cancel it, or close or reopen it once it is resolved.");
}

bool differs(const std::optional<std::string>& wished, json::View current) {
  return wished && *wished != current.text();
}

std::optional<Problem> keep_of(Tx& tx, const Trouble& now, const Settings& settings,
                               const Wish& wish) {
  desk::Keep keep;
  keep.ticket = now.ticket;
  keep.delegation = now.delegation;
  keep.external_id = wish.external_id.value_or(now.external_id);
  keep.attributes = wish.attributes;
  if (settings.unique_external_id && keep.external_id != now.external_id &&
      !keep.external_id.empty()) {
    for (const Bearer& bearer : bearers_of(tx, keep.external_id, tx.principal().actor())) {
      if (bearer.ticket == now.ticket && bearer.delegation == now.delegation) continue;
      return conflict("You gave this externalId to another ticket already.");
    }
  }
  return refusal(desk::keep(tx, keep));
}

std::optional<Problem> customer_patch(Tx& tx, const Trouble& now, const Settings& settings,
                                      json::View current, const Wish& wish,
                                      const std::map<std::string, BlobRef>& blobs) {
  desk::Change change;
  if (differs(wish.name, current["name"])) change.subject = wish.name;
  Wish words;  // only what is new, so that sending back what was answered changes nothing
  if (differs(wish.priority, current["priority"])) words.priority = wish.priority;
  if (differs(wish.severity, current["severity"])) words.severity = wish.severity;
  const auto kept = json::parse(now.attributes);
  const auto priority = wished_priority(words, kept ? kept->root() : json::View());
  if (priority && *priority != now.priority) change.priority = priority;
  if (differs(wish.ticket_type, current["ticketType"])) {
    const auto kind = kind_from(*wish.ticket_type);
    if (kind && *kind != now.kind) change.kind = kind;
  }
  if (change.subject || change.priority || change.kind) {
    if (auto refused = refusal(desk::change(tx, now.ticket, std::nullopt, change))) return refused;
  }
  std::vector<NewNote> notes = wish.notes;
  // What the desk was told first stays; that it is worded anew is news to everybody at work.
  if (differs(wish.description, current["description"])) {
    notes.push_back({"", *wish.description, ""});
  }
  Named named;
  if (auto refused = refusal(add_notes(tx, now.ticket, notes, named))) return refused;
  for (const WishedFile& wished : attachments_of(wish, blobs)) {
    const auto attached = desk::attach(tx, now.ticket, wished.file, false);
    if (!attached) return attached.error();
    named.files.emplace_back(attached->id.value, *wished.wish);
  }
  Wish kept_wish = wish;
  kept_wish.attributes = with_names(wish.attributes, named);
  if (auto refused = keep_of(tx, now, settings, kept_wish)) return refused;
  if (!wish.status) return std::nullopt;
  const auto after = find_trouble(tx, {now.ticket, {}});
  if (!after) return after.error();
  return customer_status(tx, *after, wish);
}

std::optional<Problem> supplier_status_to(Tx& tx, const Trouble& now, const Wish& wish) {
  const std::string& to = *wish.status;
  if (to == now.status) return std::nullopt;
  const auto status = supplier_status(to);
  if (!status) return not_yours("Only the desk closes a ticket; set it to resolved.");
  if (auto refused = refusal(check_step(now, to))) return refused;
  desk::SupplierWord word;
  word.delegation = now.delegation;
  word.type = "status";
  word.status = to_text(*status);
  word.status_text = to;
  if (wish.status_reason && !wish.status_reason->empty()) {
    word.status_text += ": " + *wish.status_reason;
  }
  return refusal(desk::supplier_says(tx, word));
}

std::optional<Problem> supplier_patch(Tx& tx, const Trouble& now, const Settings& settings,
                                      json::View current, const Wish& wish,
                                      const std::map<std::string, BlobRef>& blobs) {
  if (differs(wish.name, current["name"]) || differs(wish.priority, current["priority"]) ||
      differs(wish.description, current["description"]) ||
      differs(wish.severity, current["severity"]) ||
      differs(wish.ticket_type, current["ticketType"])) {
    return not_yours(
        "name, description, severity, priority and ticketType are the desk's; write a note.");
  }
  if (auto refused = keep_of(tx, now, settings, wish)) return refused;
  for (const NewNote& note : wish.notes) {
    desk::SupplierWord word;
    word.delegation = now.delegation;
    word.type = "comment";
    word.text = note.text;
    word.author = note.author;
    if (auto refused = refusal(desk::supplier_says(tx, word))) return refused;
  }
  for (const WishedFile& wished : attachments_of(wish, blobs)) {
    desk::SupplierWord word;
    word.delegation = now.delegation;
    word.type = "attachment";
    word.file = wished.file;
    if (auto refused = refusal(desk::supplier_says(tx, word))) return refused;
  }
  return wish.status ? supplier_status_to(tx, now, wish) : std::nullopt;
}

Result<Response> patch_in(Tx& tx, const Call& call, const Settings& settings, const Order& order) {
  if (order.impossible) return *order.impossible;
  const auto now = found(tx, call);
  if (!now) return now.error();
  const Dialect& dialect = dialect_of(call);
  const std::string answered = dialect.render(*now, settings);
  const std::string_view condition = call.exchange.header("If-Match");
  if (!condition.empty() && !names(condition, etag_of(answered))) {
    return problem(ProblemKind::stale,
                   "The ticket was changed in the meantime. Read it again and repeat the change.");
  }
  if (!order.of_etag.empty() && order.of_etag != etag_of(answered)) {
    return conflict("The ticket was changed while the patch was being applied. Send it again.");
  }
  const auto current = json::parse(v4_document(*now, dialect.base(settings)));
  const auto kept = json::parse(now->attributes);
  const auto before = json::parse(answered);
  if (!current || !kept || !before) return invalid("", "the ticket cannot be read");
  const auto body = as_v4(dialect, order.body.root(), before->root());
  if (!body) return body.error();
  const auto wish = wish_of_patch(settings, body->root(), current->root(), kept->root());
  if (!wish) return wish.error();
  const bool supplier = tx.principal().is_supplier();
  const auto refused =
      supplier ? supplier_patch(tx, *now, settings, current->root(), *wish, order.blobs)
               : customer_patch(tx, *now, settings, current->root(), *wish, order.blobs);
  if (refused) return *refused;
  const auto after = found(tx, call);
  if (!after) return after.error();
  return shown(*after, call, settings, order.selection);
}

net::awaitable<Result<Response>> patch(Api& api, Call& call) {
  auto order = co_await read_order(api, call, false);
  if (!order) co_return order.error();
  if (order->refused) co_return std::move(*order->refused);
  const Order& asked = *order;
  Work work = [&api, &call, &asked](Tx& tx) { return patch_in(tx, call, api.parts.tmf621, asked); };
  co_return co_await run_change(api, call, std::move(work));
}

// --- Attachments ---------------------------------------------------------------------------------

net::awaitable<Result<Response>> download(Api& api, Call& call) {
  std::function<Result<Attachment>(Tx&)> look = [&call](Tx& tx) -> Result<Attachment> {
    const auto trouble = found(tx, call);
    if (!trouble) return trouble.error();
    for (const File& file : trouble->files) {
      if (std::to_string(file.id) != call.params.at(1)) continue;
      if (auto attachment = find_attachment(tx, {file.id})) return std::move(*attachment);
    }
    return not_found("attachment");
  };
  const auto attachment =
      co_await read<Attachment>(api.parts.store, call.principal, std::move(look));
  if (!attachment) co_return attachment.error();
  co_return file_response(*attachment, api.parts.blobs);
}

net::awaitable<Result<Response>> contract(Api& /*api*/, Call& call) {
  Response response;
  response.content_type = "application/json";
  response.body = dialect_of(call).contract.text();
  co_return response;
}

}  // namespace

const Dialect& dialect_of(const Call& call) {
  return dialect_of(call.route.path);
}

std::string_view query_of(const Call& call) {
  const std::string_view target = call.exchange.target();
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

net::awaitable<Result<Body>> read_json(Call& call, std::size_t bytes_max) {
  Body body;
  std::string type(call.exchange.header("Content-Type"));
  type.resize(std::min(type.find_first_of("; "), type.size()));
  type = ascii_lower(type);
  const bool patches = call.route.method == Method::patch;
  body.operations = patches && type == "application/json-patch+json" && dialect_of(call).v5;
  if (type != "application/json" && !(patches && type == "application/merge-patch+json") &&
      !body.operations) {
    body.refused = problem_response(415, "unsupported_media_type",
                                    "The body must be JSON; send Content-Type: application/json.",
                                    call.exchange.id());
    co_return body;
  }
  auto text = co_await call.exchange.read_body(body.operations ? kPatchBytesMax : bytes_max);
  if (!text) co_return text.error();
  if (!call.idempotency_key.empty()) call.body_sha256 = sha256_hex(*text);
  auto document = json::parse(*text);
  if (!document) co_return document.error();
  body.document = std::move(*document);
  co_return body;
}

void declare(Router& router, Method method, std::string_view path, std::string_view id,
             Doing handler) {
  Route route;
  route.method = method;
  route.path = path;
  route.id = id;
  route.needs = Permission::exchange_use;
  route.tag = "tmf621";
  route.summary = "TMF621, described by its own contract";
  route.handler = handler;
  if (method == Method::post || method == Method::patch) route.raw_body = "application/json";
  route.free_query = true;
  route.described = false;
  router.add(std::move(route));
}

void declare_tickets(Router& router) {
  declare(router, Method::get, "/tmf-api/troubleTicket/v4/troubleTicket", "tmf_v4_list", &list_all);
  declare(router, Method::post, "/tmf-api/troubleTicket/v4/troubleTicket", "tmf_v4_create",
          &create);
  declare(router, Method::get, "/tmf-api/troubleTicket/v4/troubleTicket/{id}", "tmf_v4_read",
          &retrieve);
  declare(router, Method::patch, "/tmf-api/troubleTicket/v4/troubleTicket/{id}", "tmf_v4_patch",
          &patch);
  declare(router, Method::get,
          "/tmf-api/troubleTicket/v4/troubleTicket/{id}/attachment/{attachment}", "tmf_v4_file",
          &download);
  declare(router, Method::get, "/tmf-api/troubleTicket/v4/openapi.json", "tmf_v4_contract",
          &contract);
  declare(router, Method::get, "/tmf-api/troubleTicket/v5/troubleTicket", "tmf_v5_list", &list_all);
  declare(router, Method::post, "/tmf-api/troubleTicket/v5/troubleTicket", "tmf_v5_create",
          &create);
  declare(router, Method::get, "/tmf-api/troubleTicket/v5/troubleTicket/{id}", "tmf_v5_read",
          &retrieve);
  declare(router, Method::patch, "/tmf-api/troubleTicket/v5/troubleTicket/{id}", "tmf_v5_patch",
          &patch);
  declare(router, Method::get,
          "/tmf-api/troubleTicket/v5/troubleTicket/{id}/attachment/{attachment}", "tmf_v5_file",
          &download);
  declare(router, Method::get, "/tmf-api/troubleTicket/v5/openapi.json", "tmf_v5_contract",
          &contract);
}

}  // namespace ombud::http::tmf
