#include "query.hpp"

#include <algorithm>
#include <tuple>

#include "base/time.hpp"

namespace ombud::example_redmine {
namespace {

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return copy;
}

// Redmine compares texts without regard to case.
bool contains(std::string_view text, std::string_view part) {
  return lower(text).find(lower(part)) != std::string::npos;
}

using Filter = std::function<bool(const Issue&)>;

// "~x" contains x, "*" any, else equal.
Filter text_filter(std::function<std::string(const Issue&)> of, const std::string& wanted,
                   const std::string& label, std::vector<std::string>& errors) {
  if (wanted == "*") return [of](const Issue& issue) { return !of(issue).empty(); };
  const bool part = wanted.starts_with('~');
  const std::string value = part ? wanted.substr(1) : wanted;
  if (value.empty()) errors.push_back(label + " cannot be blank");
  if (part) return [of, value](const Issue& issue) { return contains(of(issue), value); };
  return [of, value](const Issue& issue) { return lower(of(issue)) == lower(value); };
}

std::string field_of(const Issue& issue, std::int64_t id) {
  const auto found = issue.fields.find(id);
  return found == issue.fields.end() ? std::string() : found->second;
}

}  // namespace

Page select(const Model& model,
            const std::vector<std::pair<std::string, std::string>>& parameters) {
  Page page;
  page.limit = kPageRowsDefault;
  std::string sort = "id:desc";
  std::vector<Filter> filters;
  bool any_status = false;
  for (const auto& [name, value] : parameters) {
    if (name == "limit") {
      page.limit = std::min<std::size_t>(std::strtoul(value.c_str(), nullptr, 10), kPageRowsMax);
      if (page.limit == 0) page.limit = kPageRowsDefault;
    } else if (name == "offset") {
      page.offset = std::strtoul(value.c_str(), nullptr, 10);
    } else if (name == "sort") {
      sort = value;
    } else if (name == "status_id") {
      any_status = true;
      if (value == "*") continue;
      filters.emplace_back([&model, wanted = value](const Issue& issue) {
        const Named* status = model.status_named(std::to_string(issue.status));
        if (wanted == "open") return !status->closed;
        if (wanted == "closed") return status->closed;
        return std::to_string(issue.status) == wanted;
      });
    } else if (name == "project_id") {
      const Project* project = model.project_of(value);
      filters.emplace_back([id = project == nullptr ? 0 : project->id](const Issue& issue) {
        return issue.project == id;
      });
    } else if (name == "description") {
      filters.push_back(text_filter([](const Issue& issue) { return issue.description; }, value,
                                    "Description", page.errors));
    } else if (name == "updated_on" && value.starts_with(">=")) {
      const auto from = parse_rfc3339(value.substr(2));
      if (!from) page.errors.emplace_back("Updated is invalid");
      filters.emplace_back([from = from ? ms_of(*from) / 1000 : 0](const Issue& issue) {
        return issue.updated > from - 1;
      });
    } else if (name.starts_with("cf_")) {
      for (const CustomField& field : model.fields()) {
        if (!field.is_filter || name != "cf_" + std::to_string(field.id)) continue;
        filters.push_back(
            text_filter([id = field.id](const Issue& issue) { return field_of(issue, id); }, value,
                        field.name, page.errors));
      }
    }
  }
  if (!page.errors.empty()) return page;

  std::vector<const Issue*> rows;
  for (const auto& [id, issue] : model.issues()) {
    const Named* status = model.status_named(std::to_string(issue.status));
    if (!any_status && status->closed) continue;  // without status_id only open ones are shown
    if (std::all_of(filters.begin(), filters.end(), [&](const Filter& f) { return f(issue); })) {
      rows.push_back(&issue);
    }
  }
  std::sort(rows.begin(), rows.end(), [&](const Issue* a, const Issue* b) {
    if (sort.starts_with("updated_on:desc")) {
      return std::tie(b->updated, b->id) < std::tie(a->updated, a->id);
    }
    if (sort.starts_with("updated_on")) {
      return std::tie(a->updated, a->id) < std::tie(b->updated, b->id);
    }
    return sort == "id" ? a->id < b->id : b->id < a->id;
  });
  page.total = rows.size();
  const std::size_t first = std::min(page.offset, rows.size());
  const std::size_t last = std::min(first + page.limit, rows.size());
  page.rows.assign(rows.begin() + static_cast<std::ptrdiff_t>(first),
                   rows.begin() + static_cast<std::ptrdiff_t>(last));
  return page;
}

}  // namespace ombud::example_redmine
