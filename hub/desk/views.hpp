// Saved views: a name for a list's query. One's own, or shared with the desk by whoever works for
// all customers; a shared one is changed by its owner alone.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/desk_aids.hpp"

namespace ombud::desk {

// The principal's own and, unless it is limited to one customer, the shared ones: their names may
// tell of other customers.
Result<std::vector<SavedView>> saved_views(Tx& tx);
// `view.id` 0: a new one. `view.filter` is a JSON object that the caller has checked.
Result<SavedView> save_view(Tx& tx, SavedView view);
Result<void> remove_view(Tx& tx, ViewId id);

}  // namespace ombud::desk
