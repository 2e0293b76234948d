import { roleWord } from "~/ui/domain.tsx";
import { t } from "./words.ts";

export type StaffRole = "agent" | "lead" | "operator" | "admin";
export type PersonRole = "user" | "approver" | "manager";
export interface Account {
  id: number;
  email: string;
  name: string;
  agent: { id: string; team: string | null; role: StaffRole; tenant: string | null } | null;
  memberships: { customer: string; customer_name: string; person: number; role: PersonRole }[];
  disabled: boolean;
  password: boolean;
  totp: boolean;
  created_at: string;
}
export const staffRoles: readonly StaffRole[] = ["agent", "lead", "operator", "admin"];
export const personRoles: readonly PersonRole[] = ["user", "approver", "manager"];

// At a customer somebody approves or not by the directory, which is the same fact: a role that nobody chose here is left out.
export function roleChoices(): (readonly [PersonRole | "", string])[] {
  return [["", t.asDirectory], ...personRoles.map((each) => [each, roleWord(each)] as const)];
}

// What an account is, in a few words.
export function rolesOf(account: Account, staffName: string): string {
  const all = account.memberships.map((each) => t.at(roleWord(each.role), each.customer_name));
  if (account.agent) all.unshift(t.at(roleWord(account.agent.role), staffName));
  return all.join("; ") || t.noRole;
}
