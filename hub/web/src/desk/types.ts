// Documents that only the console reads.
import type { Priority, Ticket, TicketRow } from "~/api/types.ts";

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
}
export interface Preview {
  link: string;
  supplier: string;
  shared: string[];
  withheld: string[];
  documents: { op: string; document: string; blob: string | null }[];
}
export interface Delivery {
  id: number;
  link: string;
  ticket: number;
  delegation: number | null;
  op: string;
  state: "waiting" | "ready" | "leased" | "done" | "dead" | "parked" | "cancelled";
  doubt: boolean;
  attempts: number;
  run_at: string;
  external_id: string;
  last_error: string;
  created_at: string;
  finished_at: string | null;
}
export interface Template {
  id: string | number;
  name: string;
  language: "sv" | "en" | null;
  audience: "user" | "internal" | "supplier";
  text: string;
  actions: { status?: Ticket["status"]; team?: string; agent?: string; priority?: Priority };
}
export interface BulkAnswer {
  items: { ticket: number; ok: boolean; problem?: string | null; event?: number | null }[] // event: what undoes it; none where nothing changed;
}
export type SimilarRow = TicketRow & { score: number };

// To whom something is written. A leg is named by its delegation.
export type Audience = "user" | "internal" | `supplier:${number}`;
