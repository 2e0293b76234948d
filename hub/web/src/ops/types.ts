// Documents of the API that only operators read: names and meanings as in /api/v1/openapi.json.
import type { Role } from "~/api/types.ts";

export interface LinkTrouble {
  about: string; // poll, write, lookup, status, certificate, clock
  status: string; // retry, auth, rate_limited, permanent, ambiguous, unmapped, warning, expired
  times: number;
  since: string;
  last_at: string;
  message?: string;
  next_step: string;
}
export interface LinkHost {
  state: "stopped" | "starting" | "up" | "backing_off" | "held";
  reason: string;
  connector: string;
  version: string;
  capabilities: string[];
  extensions: string[];
  pid: number;
  restarts: number;
  next_start: string | null;
  certificate_until: string | null;
  clock_ahead_seconds: number | null;
}
export interface Link {
  id: string;
  kind: "supplier" | "notices" | "subscribers";
  supplier: string;
  connector: string;
  profile: string | null;
  tested: { against: string; with: string; on?: string } | null;
  configured: boolean;
  state: "open" | "auth" | "paused";
  reason: string;
  not_before: string | null;
  troubles: LinkTrouble[];
  polled_at: string | null;
  backlog: { unfinished: number; dead: number; in_doubt: number; oldest_at: string | null; last_done_at: string | null };
  held: { changes: number; since: string | null };
  reconciliation: { run: number; state: string; at: string; drift: number; left: number } | null;
  host: LinkHost | null;
}
export interface LinkHistory {
  step_minutes: number;
  points: { at: string; done: number; failed: number; backlog: number; oldest_ms: number | null }[];
}
export interface Finding {
  check: string;
  subject?: string;
  state: "ok" | "warn" | "fail" | "skip";
  detail: string;
  advice?: string;
  requests?: unknown;
}
export interface LinkTest {
  ok: boolean;
  took_ms: number;
  findings: Finding[];
}

export type DeliveryState = "waiting" | "ready" | "leased" | "done" | "dead" | "parked" | "cancelled";
export interface Delivery {
  id: number;
  link: string;
  ticket: number | null; // null: a letter of the hub to one person, about the own account
  reference: string | null;
  customer: string | null;
  delegation: number | null;
  op: string;
  state: DeliveryState;
  doubt: boolean;
  attempts: number;
  correlation: string;
  run_at: string;
  external_id: string;
  last_error: string;
  created_at: string;
  finished_at: string | null;
}
export interface Exchange {
  method: string;
  url: string;
  status: number | null;
  request_headers: Record<string, string> | string | null;
  request_body: string | null;
  response_headers: Record<string, string> | string | null;
  response_body: string | null;
  error?: string | null; // why there was no answer
  ms: number | null;
  truncated: boolean;
}
export interface Attempt {
  epoch: number;
  step: string;
  status: string;
  started_at: string;
  finished_at: string;
  supplier_code: number;
  message: string;
  exchanges?: Exchange[];
}
export interface DeliveryDetail extends Delivery {
  document: string;
  blob: string | null;
  history: Attempt[];
}

export interface Run {
  id: number;
  link: string;
  cause: "command" | "schedule";
  actor: string;
  state: "reading" | "settling" | "done" | "failed" | "cancelled";
  reason: string;
  created_at: string;
  finished_at: string | null;
  to_compare: number;
  compared: number;
  skipped: number;
  unread: number;
  drift: number;
  proposed: number;
  ordered: number;
  applied: number;
  left: number;
}
export interface Drift {
  id: number;
  run: number;
  ticket: string;
  delegation: number;
  kind: string;
  about: string;
  ours: string;
  theirs: string;
  note: string;
  repair: "send" | "recreate" | "restore" | "take" | "none";
  proposed: boolean;
  undoable: boolean;
  state: "found" | "ordered" | "applied" | "skipped" | "undo_ordered" | "undone" | "kept";
  outcome: string;
  actor: string;
  changed_at: string;
}
export interface RecordedWrite {
  id: number;
  ticket: string;
  operation: string;
  state: string;
  at: string;
  correlation: string;
  external_id: string;
  document: unknown;
}
export interface RecordedChange {
  id: number;
  at: string;
  ticket: string;
  raw: unknown;
  changes: unknown;
}

export interface Agreement {
  id: number;
  customer: string;
  link: string;
  services: string[];
  share: string[];
  relay_automatically: boolean;
  delegate_automatically: boolean;
  valid_from: string;
  valid_until: string | null;
  resolve_within_ms: number | null;
  version: number;
}
export interface ShareField {
  name: string;
  meaning: string;
}
export interface Preview {
  link?: string;
  supplier?: string;
  sample?: boolean;
  fields?: { name: string; meaning: string; leaves: boolean; value: string }[];
  shared: string[];
  withheld: string[];
  documents: { op: string; document: string; blob?: string | null }[];
}

export interface PermissionTable {
  roles: Role[];
  permissions: { name: string; about: string; roles: Role[] }[];
}
export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  actor_name: string;
  type: string;
  subject: string;
  subject_id: string;
  summary: string;
  data: unknown;
}
export interface Token {
  id: string;
  name: string;
  role: Role;
  customer: string | null;
  person: number | null;
  agent: string | null;
  links: string[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  secret?: string;
}
