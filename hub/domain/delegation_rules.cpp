#include "domain/delegation_rules.hpp"

namespace ombud {

bool is_ended(DelegationState state) {
  return state == DelegationState::accepted || state == DelegationState::closed ||
         state == DelegationState::withdrawn;
}

bool is_with_supplier(DelegationState state) {
  return !is_ended(state) && state != DelegationState::resolved &&
         state != DelegationState::waiting_on_us;
}

std::optional<DelegationState> after_supplier(DelegationState now, SupplierStatus status) {
  if (is_ended(now)) return std::nullopt;
  DelegationState next = now;
  switch (status) {
    case SupplierStatus::fresh:
      // back to the start is no progress; only an unacknowledged one learns something
      next = now == DelegationState::sent || now == DelegationState::draft
                 ? DelegationState::acknowledged
                 : now;
      break;
    case SupplierStatus::in_progress:
      next = DelegationState::in_progress;
      break;
    case SupplierStatus::waiting:
      next = DelegationState::waiting_on_us;
      break;
    case SupplierStatus::resolved:
    case SupplierStatus::closed:
      next = DelegationState::resolved;
      break;
  }
  return next == now ? std::nullopt : std::optional(next);
}

bool may_leave(TicketKind kind, std::optional<ApprovalState> approval) {
  if (kind != TicketKind::order || !approval) return true;
  switch (*approval) {
    case ApprovalState::needed:
    case ApprovalState::rejected:
      return false;
    case ApprovalState::approved:
    case ApprovalState::not_needed:
      return true;
  }
  return false;
}

bool may_become(DelegationState now, DelegationState next) {
  switch (next) {
    case DelegationState::draft:
      return false;
    case DelegationState::sent:
      return now == DelegationState::draft;
    case DelegationState::acknowledged:
      return now == DelegationState::sent;
    case DelegationState::in_progress:
    case DelegationState::waiting_on_us:
      return !is_ended(now) && now != DelegationState::draft;
    case DelegationState::resolved:
      return !is_ended(now) && now != DelegationState::draft;
    case DelegationState::accepted:
    case DelegationState::rejected:
      return now == DelegationState::resolved;
    case DelegationState::closed:
      return now == DelegationState::accepted;
    case DelegationState::withdrawn:
      return !is_ended(now);
  }
  return false;
}

}  // namespace ombud
