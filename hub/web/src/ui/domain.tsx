// The words of the domain as the interface shows them, and the badges that carry them. Colour never says it alone.
import { CircleAlert, CircleCheck, CircleDashed, CircleDot, CirclePause, Clock, Flag, Lightbulb, ShoppingCart, TriangleAlert, type IconNode } from "lucide";
import type { DelegationState, Priority, Role, TicketKind, TicketStatus } from "~/api/types.ts";
import { Icon } from "./icon.tsx";
import { t } from "./words.ts";

export type Tone = "neutral" | "info" | "ok" | "warning" | "danger" | "accent";

export function Badge({ tone = "neutral", icon, children }: { tone?: Tone; icon?: IconNode; children: preact.ComponentChildren }) {
  return (
    <span class={`badge badge-${tone}`}>
      {icon && <Icon of={icon} size={14} />}
      {children}
    </span>
  );
}

export function statusWord(status: TicketStatus): string {
  return { new: t.statusNew, in_progress: t.statusProgress, waiting_user: t.statusUser, waiting_supplier: t.statusSupplier, resolved: t.statusResolved, closed: t.statusClosed }[status] ?? status;
}
export function StatusBadge({ status }: { status: TicketStatus }) {
  const look: Record<TicketStatus, [Tone, IconNode]> = {
    new: ["info", CircleDot],
    in_progress: ["accent", CircleDashed],
    waiting_user: ["warning", CirclePause],
    waiting_supplier: ["neutral", Clock],
    resolved: ["ok", CircleCheck],
    closed: ["neutral", CircleCheck],
  };
  const [tone, icon] = look[status] ?? ["neutral", CircleDot];
  return (
    <Badge tone={tone} icon={icon}>
      {statusWord(status)}
    </Badge>
  );
}
export function kindWord(kind: TicketKind): string {
  return { incident: t.incident, order: t.order, question: t.question }[kind] ?? kind;
}
export const kindIcons: Record<TicketKind, IconNode> = { incident: TriangleAlert, order: ShoppingCart, question: Lightbulb };
export function priorityWord(priority: Priority): string {
  return { low: t.low, normal: t.normal, high: t.high, urgent: t.urgent }[priority] ?? priority;
}
export function PriorityBadge({ priority }: { priority: Priority }) {
  const tone: Record<Priority, Tone> = { low: "neutral", normal: "neutral", high: "warning", urgent: "danger" };
  return (
    <Badge tone={tone[priority] ?? "neutral"} icon={priority === "urgent" ? CircleAlert : Flag}>
      {priorityWord(priority)}
    </Badge>
  );
}
export function delegationWord(state: DelegationState): string {
  return (
    {
      draft: t.dDraft, sent: t.dSent, acknowledged: t.dAcknowledged, in_progress: t.dProgress, waiting_on_us: t.dWaiting,
      resolved: t.dResolved, accepted: t.dAccepted, rejected: t.dRejected, closed: t.dClosed, withdrawn: t.dWithdrawn,
    }[state] ?? state
  );
}
export function roleWord(role: Role): string {
  return (
    {
      user: t.roleUser, approver: t.roleApprover, manager: t.roleManager, agent: t.roleAgent, lead: t.roleLead, operator: t.roleOperator,
      admin: t.roleAdmin, supplier: t.roleSupplier, customer: t.roleCustomer, system: "Ombud",
    }[role] ?? role
  );
}
