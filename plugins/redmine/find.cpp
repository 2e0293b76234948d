// Looks for what a write with a certain correlation left in Redmine.
#include "redmine/connector.hpp"
#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

constexpr int kPageRows = 100;  // Redmine's maximum

void push_match(std::int64_t id, std::string_view version, std::string_view url, Sink& sink) {
  json::Writer out;
  out.begin_object().field("external_id", std::to_string(id));
  if (!version.empty()) out.field("version", version);
  out.field("url", url).end_object();
  sink.put(out.take());
}

bool mentions(const IssueView& issue, std::string_view correlation,
              std::optional<std::int64_t> field) {
  return issue.description().find(correlation) != std::string::npos ||
         (field && issue.custom_field(*field) == correlation);
}

}  // namespace

Status Redmine::find(const Call& call, std::string_view kind, const Write& write, Sink& matches) {
  if (write.correlation().empty()) {
    return call.fail_as(Status::permanent, "A search without a correlation finds nothing.");
  }
  if (kind == "ticket") return find_tickets(call, write.correlation(), matches);
  if (!issue_number(write.external_id())) {
    return call.fail_as(Status::permanent, "The search names no issue of Redmine.");
  }
  if (kind == "comment") return find_comments(call, write, matches);
  if (kind == "attachment") return find_attachments(call, write, matches);
  return call.fail_as(
      Status::permanent,
      "This connector finds tickets, comments and attachments, not \"" + std::string(kind) + "\".");
}

// Adds every issue that really carries the correlation. `ignored`: Redmine returned an issue that
// does not even mention it, so it did not apply the filter and its silence proves nothing.
Answer Redmine::search(const Call& call, const std::string& filter, std::string_view correlation,
                       std::vector<IssueView>& found, std::vector<Answer>& pages,
                       bool& ignored) const {
  Answer page = rest_.get(
      call, "/issues.json?status_id=*&sort=id&limit=" + std::to_string(kPageRows) + "&" + filter);
  if (!page.ok()) return page;
  const json::View issues = page.body["issues"];
  if (!issues.is_array()) {
    return permanent("What answers at settings.url is no Redmine: it lists no issues.");
  }
  for (std::size_t i = 0; i < issues.size(); ++i) {
    const IssueView issue(issues.at(i));
    const auto& field = settings_.correlation_field;
    const bool carried = marked(issue.description()) == std::string(correlation) ||
                         (field && issue.custom_field(*field) == correlation);
    ignored = ignored || !mentions(issue, correlation, field);
    bool known = false;
    for (const IssueView& other : found) known = known || other.id() == issue.id();
    if (carried && !known) found.push_back(issue);
  }
  pages.push_back(std::move(page));
  return {};
}

Status Redmine::find_tickets(const Call& call, std::string_view correlation, Sink& matches) {
  std::vector<IssueView> found;
  std::vector<Answer> pages;  // own what `found` looks at
  bool ignored = false;
  std::vector<std::string> filters = {"description=~" + percent_encode(marker(correlation))};
  if (settings_.correlation_field) {
    filters.push_back("cf_" + std::to_string(*settings_.correlation_field) + "=" +
                      percent_encode(correlation));
  }
  for (const std::string& filter : filters) {
    const Answer searched = search(call, filter, correlation, found, pages, ignored);
    if (!searched.ok()) return searched.fail(call);
  }
  if (found.empty()) {
    // To a key that is no longer valid Redmine shows what anybody may see: an empty list.
    const Answer user = current_user(call);
    if (!user.ok()) return user.fail(call);
    if (ignored) {
      return call.fail_as(Status::permanent,
                          "Redmine ignores the search for our reference, so it cannot be told "
                          "whether the ticket is there. Let the custom field of "
                          "settings.correlation_field be used as a filter.");
    }
  }
  for (const IssueView& issue : found) {
    push_match(issue.id(), issue.updated_on(), issue_url(std::to_string(issue.id())), matches);
  }
  return Status::ok;
}

Status Redmine::find_comments(const Call& call, const Write& write, Sink& matches) {
  const std::string id(write.external_id());
  const Answer answer = rest_.get(call, "/issues/" + id + ".json?include=journals");
  // Also 404: a hidden issue may hold the comment, and "not there" would write it a second time.
  if (!answer.ok()) return answer.fail(call);
  const Answer user = current_user(call);
  if (!user.ok()) return user.fail(call);
  const std::int64_t own = user.body["user"]["id"].integer();
  const json::View journals = IssueView(answer.body["issue"]).journals();
  // Somebody's answer may end with our note unquoted: only if none is ours does it count.
  for (const bool ours : {true, false}) {
    std::size_t pushed = 0;
    for (std::size_t i = 0; i < journals.size(); ++i) {
      const json::View journal = journals.at(i);
      if ((journal["user"]["id"].integer() == own) != ours) continue;
      if (marked_last(journal["notes"].text()) != std::string(write.correlation())) continue;
      const std::int64_t number = journal["id"].integer();
      push_match(number, {}, issue_url(id) + "#change-" + std::to_string(number), matches);
      ++pushed;
    }
    if (pushed > 0) break;
  }
  return Status::ok;
}

Status Redmine::find_attachments(const Call& call, const Write& write, Sink& matches) {
  const std::string id(write.external_id());
  const Answer answer = rest_.get(call, "/issues/" + id + ".json?include=attachments");
  if (!answer.ok()) return answer.fail(call);  // also 404, as for comments
  const json::View attachments = IssueView(answer.body["issue"]).attachments();
  for (std::size_t i = 0; i < attachments.size(); ++i) {
    const json::View attached = attachments.at(i);
    if (marked_last(attached["description"].text()) != std::string(write.correlation())) continue;
    const std::int64_t number = attached["id"].integer();
    push_match(number, {}, rest_.url() + "/attachments/" + std::to_string(number), matches);
  }
  return Status::ok;
}

}  // namespace ombud::redmine
