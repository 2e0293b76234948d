#include "identity/oidc/outcome.hpp"

namespace ombud::oidc {

std::string_view to_text(Trouble trouble) {
  switch (trouble) {
    case Trouble::unknown_provider:
      return "unknown_provider";
    case Trouble::unreachable:
      return "unreachable";
    case Trouble::denied:
      return "denied";
    case Trouble::expired:
      return "expired";
    case Trouble::untrusted:
      return "untrusted";
    case Trouble::email:
      return "email";
    case Trouble::no_account:
      return "no_account";
    case Trouble::no_role:
      return "no_role";
    case Trouble::not_linked:
      return "not_linked";
    case Trouble::disabled:
      return "disabled";
  }
  return "untrusted";
}

}  // namespace ombud::oidc
