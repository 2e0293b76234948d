// What happened, in a sentence.
import type { DelegationState, LoggedEvent, Priority, TicketDetail, TicketKind, TicketStatus } from "~/api/types.ts";
import { session } from "~/api/session.ts";
import { delegationWord, kindWord, priorityWord, statusWord } from "~/ui/domain.tsx";
import type { Directory } from "../directory.ts";
import { approvalSentence } from "./approval.tsx";
import { t } from "./words.ts";

function text(data: Record<string, unknown>, name: string): string {
  const value = data[name];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

// A supplier's number that a person could say on the phone; a mail's Message-ID is none.
export function readable(id: string): boolean {
  return id !== "" && id.length <= 24 && !/[<>@]/.test(id);
}

export function sentenceOf(event: LoggedEvent, ticket: TicketDetail, directory: Directory): string {
  const who = directory.actor(event.actor);
  const data = event.data;
  const reference = (name: string) => {
    const id = Number(data[name] ?? 0);
    return ticket.relations?.find((each) => each.ticket === id)?.reference ?? `OMB-${id}`;
  };
  switch (event.type) {
    case "registered":
      return t.registered({ mail: t.chMail, portal: t.chPortal, phone: t.chPhone, api: t.chApi }[text(data, "channel")] ?? text(data, "channel"));
    case "assigned": {
      const agent = text(data, "agent");
      if (!agent) return t.evUnassigned(who, directory.team(text(data, "team")));
      return event.actor === `agent:${agent}` ? t.evTook(who) : t.evAssigned(who, directory.agent(agent));
    }
    case "escalated":
      return t.evEscalated(who, [directory.agent(text(data, "agent")), directory.team(text(data, "team"))].filter(Boolean).join(", ")) + (text(data, "reason") ? `: ${text(data, "reason")}` : "");
    case "status_changed":
      return t.evStatus(statusWord(text(data, "status") as TicketStatus));
    case "edited": {
      const parts: string[] = [];
      if (data.subject !== undefined) parts.push(t.evSubject(who, text(data, "subject")));
      if (data.priority !== undefined) parts.push(t.evPriority(who, priorityWord(text(data, "priority") as Priority)));
      if (data.kind !== undefined) parts.push(t.evKind(who, kindWord(text(data, "kind") as TicketKind)));
      if (data.service !== undefined) parts.push(t.evService(who, directory.service(text(data, "service")) || t.noService.toLowerCase()));
      if (data.requester !== undefined) parts.push(text(data, "requester_name") ? t.evRequester(who, text(data, "requester_name")) : t.evNoRequester(who));
      return parts.join("; ");
    }
    case "delegation_changed": {
      const leg = ticket.delegations.find((each) => each.id === Number(data.delegation));
      const supplier = leg?.supplier ?? "";
      const parts = [t.evDelegation(supplier, delegationWord(text(data, "state") as DelegationState).toLowerCase())];
      if (text(data, "external_status")) parts.push(`”${text(data, "external_status")}”`);
      if (readable(text(data, "external_id"))) parts.push(t.theirNumber(text(data, "external_id")));
      if (text(data, "reason")) parts.push(text(data, "reason"));
      return parts.join(", ");
    }
    case "participant_added":
      return t.evParticipant(text(data, "name") || ticket.participants?.find((each) => each.person === Number(data.person))?.name || "");
    case "participant_removed":
      return t.evParticipantGone;
    case "rated":
      return t.evRated(Number(data.score ?? 0));
    case "merged":
      return t.evMerged(reference("into"));
    case "split_off":
      return t.evSplit(reference("into"));
    case "related":
      return t.evRelated(reference("other"));
    case "unrelated":
      return t.evUnrelated(reference("other"));
    case "approval_requested":
    case "approval_decided":
    case "approval_waived":
      return approvalSentence(event, who);
    default:
      return `${who || (session.value?.desk.name ?? "")}: ${event.type}`;
  }
}
