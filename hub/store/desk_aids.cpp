#include "store/desk_aids.hpp"

namespace ombud {
namespace {

#define OMBUD_VIEW_COLUMNS "view_id, owner, name, shared, filter"
constexpr Sql kViews{"SELECT " OMBUD_VIEW_COLUMNS
                     " FROM saved_view WHERE owner = $1 OR (shared = 1 AND $2 = 1)"
                     " ORDER BY view_id"};
constexpr Sql kView{"SELECT " OMBUD_VIEW_COLUMNS " FROM saved_view WHERE view_id = $1"};
constexpr Sql kAddView{
    "INSERT INTO saved_view (owner, name, shared, filter, created_at) VALUES ($1, $2, $3, $4, $5)"};
constexpr Sql kChangeView{
    "UPDATE saved_view SET name = $2, shared = $3, filter = $4 WHERE view_id = $1"};
constexpr Sql kDropView{"DELETE FROM saved_view WHERE view_id = $1"};

#define OMBUD_TEMPLATE_COLUMNS "template_id, name, language, audience, text, actions"
constexpr Sql kTemplates{"SELECT " OMBUD_TEMPLATE_COLUMNS
                         " FROM template ORDER BY name, language, audience"};
constexpr Sql kTemplate{"SELECT " OMBUD_TEMPLATE_COLUMNS " FROM template WHERE template_id = $1"};
constexpr Sql kTemplateOfName{"SELECT " OMBUD_TEMPLATE_COLUMNS
                              " FROM template WHERE name = $1 AND language = $2 AND audience = $3"};
constexpr Sql kAddTemplate{
    "INSERT INTO template (name, language, audience, text, actions, changed_by, changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"};
constexpr Sql kChangeTemplate{
    "UPDATE template SET name = $2, language = $3, audience = $4, text = $5, actions = $6,"
    " changed_by = $7, changed_at = $8 WHERE template_id = $1"};
constexpr Sql kDropTemplate{"DELETE FROM template WHERE template_id = $1"};

SavedView view_from(const Rows& row) {
  return {{row.integer(0)}, row.text(1), row.text(2), row.integer(3) != 0, row.text(4)};
}
Template template_from(const Rows& row) {
  return {{row.integer(0)}, row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)};
}

}  // namespace

std::vector<SavedView> views_for(Tx& tx, std::string_view owner, bool shared_too) {
  std::vector<SavedView> all;
  Rows rows = tx.query(kViews, owner, shared_too);
  while (rows.next()) all.push_back(view_from(rows));
  return all;
}
std::optional<SavedView> find_view(Tx& tx, ViewId id) {
  Rows rows = tx.query(kView, id);
  return rows.next() ? std::optional(view_from(rows)) : std::nullopt;
}
ViewId put_view(Tx& tx, const SavedView& view) {
  if (view.id.value == 0) {
    return {tx.insert(kAddView, view.owner, view.name, view.shared, view.filter, tx.at())};
  }
  tx.run(kChangeView, view.id, view.name, view.shared, view.filter);
  return view.id;
}
void drop_view(Tx& tx, ViewId id) {
  tx.run(kDropView, id);
}

std::vector<Template> list_templates(Tx& tx) {
  std::vector<Template> all;
  Rows rows = tx.query(kTemplates);
  while (rows.next()) all.push_back(template_from(rows));
  return all;
}
std::optional<Template> find_template(Tx& tx, TemplateId id) {
  Rows rows = tx.query(kTemplate, id);
  return rows.next() ? std::optional(template_from(rows)) : std::nullopt;
}
std::optional<Template> find_template(Tx& tx, std::string_view name, std::string_view language,
                                      std::string_view audience) {
  Rows rows = tx.query(kTemplateOfName, name, language, audience);
  return rows.next() ? std::optional(template_from(rows)) : std::nullopt;
}
TemplateId put_template(Tx& tx, const Template& one) {
  const std::string who = tx.principal().actor();
  if (one.id.value == 0) {
    return {tx.insert(kAddTemplate, one.name, one.language, one.audience, one.text, one.actions,
                      who, tx.at())};
  }
  tx.run(kChangeTemplate, one.id, one.name, one.language, one.audience, one.text, one.actions, who,
         tx.at());
  return one.id;
}
bool drop_template(Tx& tx, TemplateId id) {
  return tx.run(kDropTemplate, id) > 0;
}

}  // namespace ombud
