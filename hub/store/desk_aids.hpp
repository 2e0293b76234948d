// What agents keep to work with: saved views and templates. Neither belongs to a customer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace ombud {

using ViewId = Id<struct ViewTag>;
using TemplateId = Id<struct TemplateTag>;

struct SavedView {
  ViewId id;
  std::string owner;  // an actor
  std::string name;
  bool shared = false;
  std::string filter;  // a JSON object
};
// Own ones, and with `shared_too` those that others share; the oldest first.
std::vector<SavedView> views_for(Tx& tx, std::string_view owner, bool shared_too);
std::optional<SavedView> find_view(Tx& tx, ViewId id);
ViewId put_view(Tx& tx, const SavedView& view);  // id 0: a new one
void drop_view(Tx& tx, ViewId id);

struct Template {
  TemplateId id;
  std::string name, language, audience;  // audience: user, internal, supplier
  std::string text;
  std::string actions;  // a JSON object
};
std::vector<Template> list_templates(Tx& tx);  // by name
std::optional<Template> find_template(Tx& tx, TemplateId id);
std::optional<Template> find_template(Tx& tx, std::string_view name, std::string_view language,
                                      std::string_view audience);
TemplateId put_template(Tx& tx, const Template& one);  // id 0: a new one
bool drop_template(Tx& tx, TemplateId id);

}  // namespace ombud
