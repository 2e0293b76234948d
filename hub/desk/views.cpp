#include "desk/views.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"

namespace ombud::desk {
namespace {

Result<SavedView> own_view(Tx& tx, ViewId id) {
  auto view = find_view(tx, id);
  const bool own = view && view->owner == tx.principal().actor();
  if (!view || (!own && (!view->shared || tx.principal().tenant))) return not_found("view");
  if (!own) {
    return problem(ProblemKind::forbidden, "Only the person who made this view changes it.");
  }
  return std::move(*view);
}

// Asked of the scopes, too: no route does.
std::optional<Problem> needs_share(const Tx& tx) {
  if (may(tx.principal(), Permission::view_share)) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "Only team leads and administrators who work for all customers share a view.");
}

}  // namespace

Result<std::vector<SavedView>> saved_views(Tx& tx) {
  if (auto refused = needs_inside(tx)) return *refused;
  return views_for(tx, tx.principal().actor(), !tx.principal().tenant);
}

Result<SavedView> save_view(Tx& tx, SavedView view) {
  if (auto refused = needs_inside(tx)) return *refused;
  if (view.id.value != 0) {
    const auto there = own_view(tx, view.id);
    if (!there) return there.error();
  }
  if (view.shared) {
    if (auto refused = needs_share(tx)) return *refused;
  }
  if (view.name.find_first_not_of(" \t") == std::string::npos) {
    return invalid("/name", "must not be empty");
  }
  if (view.name.size() > kNameBytesMax || !is_utf8(view.name)) {
    return invalid("/name", "must be UTF-8 of at most 255 bytes");
  }
  view.owner = tx.principal().actor();
  if (view.id.value == 0 && views_for(tx, view.owner, false).size() >= kSavedViewsMax) {
    return problem(ProblemKind::too_large,
                   fmt::format("You have {} views already; remove one first.", kSavedViewsMax));
  }
  view.id = put_view(tx, view);
  return view;
}

Result<void> remove_view(Tx& tx, ViewId id) {
  if (auto refused = needs_inside(tx)) return *refused;
  const auto there = own_view(tx, id);
  if (!there) return there.error();
  drop_view(tx, id);
  return {};
}

}  // namespace ombud::desk
