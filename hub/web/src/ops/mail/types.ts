// GET /mailboxes, /mails and /letters, as in /api/v1/openapi.json.
import type { MailAuthentication } from "~/api/types.ts";

export interface Mailbox {
  name: string;
  kind: "lmtp" | "smtp" | "imap";
  address: string;
  server?: string;
  state: "open" | "trouble" | "new" | "off";
  last_success_at?: string | null;
  problem?: string | null;
  problem_at?: string | null;
  taken?: number | null;
  waiting?: number | null;
  customer?: string | null;
  team?: string | null;
  language?: string | null;
  left?: { uid: number; why: string; at: string }[];
}
export interface Mail {
  id: number;
  received_at: string;
  mailbox: string | null;
  from: string | null;
  from_name?: string | null;
  to: string[];
  subject: string;
  bytes: number;
  state: "received" | "waiting_link" | "done";
  outcome: string | null;
  ticket: number | null;
  reference?: string | null;
  problem?: string | null;
  authentication?: MailAuthentication | null;
}
export interface MailDetail extends Mail {
  envelope_from: string;
  message_id?: string | null;
  sha256: string;
  remarks?: string | null; // what the desk was told with it
  attempts: number;
  link?: string | null;
  messages?: number[];
  done_at?: string | null;
}
export interface Letter {
  kind: string;
  language: "sv" | "en";
  customer: string | null;
  source: "built in" | "file";
  problem?: string | null;
}
