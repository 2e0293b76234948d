#include "identity/oidc/settings.hpp"

#include <algorithm>
#include <iterator>

namespace ombud::oidc {
namespace {

template <std::size_t N>
int rank_in(const std::string_view (&roles)[N], std::string_view role) {
  const auto* found = std::find(std::begin(roles), std::end(roles), role);
  return found == std::end(roles) ? -1 : static_cast<int>(found - std::begin(roles));
}

}  // namespace

int member_rank(std::string_view role) {
  return rank_in(kMemberRoles, role);
}
int staff_rank(std::string_view role) {
  return rank_in(kStaffRoles, role);
}

}  // namespace ombud::oidc
