// The documents of the API that pages read: names and meanings as in /api/v1/openapi.json.
export type Role = "user" | "approver" | "manager" | "agent" | "lead" | "operator" | "admin" | "supplier" | "customer" | "system";
export type TicketKind = "incident" | "order" | "question";
export type TicketStatus = "new" | "in_progress" | "waiting_user" | "waiting_supplier" | "resolved" | "closed";
export type Priority = "low" | "normal" | "high" | "urgent";
export type Channel = "mail" | "portal" | "phone" | "api";
export type Visibility = "user" | "internal" | "supplier";
export type Party = "user" | "desk" | "supplier" | "system";
export type DelegationState =
  | "draft" | "sent" | "acknowledged" | "in_progress" | "waiting_on_us" | "resolved" | "accepted" | "rejected" | "closed" | "withdrawn";

export interface Membership {
  customer: string;
  customer_name: string;
  person: number;
  role: "user" | "approver" | "manager";
}
export interface Session {
  signed_in: boolean;
  desk: { name: string; email: string };
  providers?: { id: string; name: string; url: string }[];
  account?: { id: number; name: string; email: string; language: "sv" | "en" | null; zone: string | null; theme: "system" | "light" | "dark"; totp: boolean; password?: boolean };
  role?: Role;
  agent?: { id: string; team: string; name: string } | null;
  memberships?: Membership[];
  customer?: string | null;
  person?: number | null;
  may?: string[];
  csrf?: string;
  expires_at?: string;
}

export interface Ticket {
  id: number;
  reference: string;
  customer: string;
  requester: number | null;
  kind: TicketKind;
  status: TicketStatus;
  priority: Priority;
  channel: Channel;
  subject: string;
  service: string | null;
  team: string;
  agent: string | null;
  language: "sv" | "en";
  version: number;
  created_at: string;
  updated_at: string;
  resolved_at: string | null;
  closed_at: string | null;
}
// The yes that an order needs of its own organisation.
export interface Approval {
  state: "needed" | "approved" | "rejected" | "not_needed";
  // Who is asked now. `may_decide`: not where he wrote the order for its requester. `for`: in whose place.
  approvers: { person: number; name: string; may_decide?: boolean; for?: { person: number; name: string } }[];
  decided_by?: { person: number; name: string } | null;
  decided_for?: { person: number; name: string } | null;
  trouble?: string | null; // staff: why nobody can decide it, in English
  decided_at?: string | null;
  comment?: string | null;
  reminded_at?: string | null;
  due_at?: string | null;
}
export interface TicketRow extends Ticket {
  approval?: Approval | null;
  requester_name?: string | null;
  customer_name?: string | null;
  suppliers?: { delegation: number; link: string; supplier: string; state: DelegationState; trouble: boolean }[];
  last_message?: { from: Party; at: string; author: string } | null;
  unread?: boolean;
  waiting_for?: "desk" | "user" | "supplier" | null;
  rating?: number | null;
  due_at?: string | null;
}
export interface Message {
  id: number;
  visibility: Visibility;
  from: Party;
  author: string;
  delegation: number | null;
  relays: number | null;
  at: string;
  text: string;
  person?: number | null; // who of the customer's people wrote it
  shown?: string | null; // of a mail: without what it repeats; absent or null: all of `text`
  body?: string | null; // where its formatted text is
  mail?: MessageMail | null;
  told?: Told[]; // staff: who was written to about it, and whether it arrived
}
export interface MailAuthentication {
  verdict: "pass" | "fail" | "none";
  spf?: string | null;
  dkim?: string | null;
  dmarc?: string | null;
}
export interface MessageMail {
  id: number;
  from?: string | null; // this and the next two: staff
  from_name?: string | null;
  authentication?: MailAuthentication | null;
  signed: "smime" | "openpgp" | null;
  encrypted: boolean;
  original: string;
}
export interface Told {
  person: number | null;
  name: string;
  address: string;
  state: "waiting" | "sent" | "failed" | "bounced";
  why?: string | null;
  delivery: number;
}
export interface Attachment {
  id: number;
  ticket: number;
  message: number | null;
  delegation: number | null;
  visibility: Visibility;
  from: Party;
  name: string;
  media_type: string;
  bytes: number;
  sha256: string;
  at: string;
}
export interface Delegation {
  id: number;
  ticket: number;
  reference: string;
  agreement: number;
  link: string;
  supplier: string;
  state: DelegationState;
  brief: string;
  shared: string[];
  withheld: string[];
  external_id: string;
  external_url: string;
  external_status: string;
  reason: string;
  due_at: string | null;
  created_at: string;
  updated_at: string;
}
export interface Relation {
  kind: "parent" | "child" | "related" | "duplicate_of" | "duplicated_by";
  ticket: number;
  reference: string;
  subject: string;
  status: TicketStatus;
}
export interface TicketDetail extends Ticket {
  approval?: Approval | null;
  requester_name: string | null;
  customer_name?: string;
  service_name?: string | null;
  team_name?: string;
  agent_name?: string | null;
  requester_detail?: { id: number; name: string; email: string; phone: string; approver: boolean } | null;
  reach?: { way: "mail" | "portal" | "none"; why: string | null; detail: string | null }; // of an answer to the user, for the desk
  contact?: { address: string; name: string | null; message: number; verdict: string | null } | null; // wrote by mail and is nobody known
  participants?: { person: number; name: string; email: string }[];
  relations?: Relation[];
  rating?: { score: number; text: string; at: string } | null;
  may?: string[];
  next?: { who: "desk" | "user" | "you" | "supplier" | "approver" | null };
  messages: Message[];
  attachments: Attachment[];
  delegations: Delegation[];
}
export interface LoggedEvent {
  id: number;
  ticket: number;
  version: number;
  at: string;
  actor: string;
  type: string;
  data: Record<string, unknown>;
}

export interface Notice {
  id: number;
  kind: "maintenance" | "outage" | "information";
  state: "announced" | "ongoing" | "over" | "cancelled";
  title: string;
  text: string;
  starts_at: string | null;
  ends_at: string | null;
  review: "new" | "published" | "dismissed";
  customers: { customer: string; services: string[]; shown: boolean; ticket?: number | null }[];
  version: number;
  created_at: string;
  updated_at: string;
  link?: string | null;
  supplier?: string | null;
  url?: string | null;
  public_title?: string;
  public_text?: string;
  reason?: string;
  news?: boolean;
}

// A text of an article or a mail, already understood by the hub: never HTML.
export interface Block {
  t: string;
  v?: string;
  c?: Block[];
  level?: number;
  start?: number;
  lang?: string;
  href?: string;
  attachment?: number | null; // img: a file of the ticket; null: from `source`, and not fetched
  source?: string;
  alt?: string;
  width?: number;
  height?: number;
}
export interface Article {
  id: number;
  title: string;
  summary: string;
  language: "sv" | "en";
  services: string[];
  state: "draft" | "published" | "archived";
  updated_at: string;
  helpful: number;
  unhelpful: number;
}
export interface ArticleDetail extends Article {
  text?: string;
  blocks: Block[];
  yours?: boolean | null; // whether the reader found it helpful; null: has not said
}

export interface Notification {
  id: number;
  kind: string;
  ticket?: number | null;
  reference?: string | null;
  notice?: number | null;
  subject: string;
  text: string; // one sentence in the reader's language
  at: string;
  read: boolean;
}

export interface Service {
  id: string;
  name: string;
  words: string[];
}
export interface Team {
  id: string;
  name: string;
}
export interface Agent {
  id: string;
  name: string;
  email: string;
  team: string;
}
export interface Customer {
  id: string;
  name: string;
  mail_domains: string[];
  language: "sv" | "en";
  order_approval?: boolean | null; // null: if it has an approver
  approval_days?: number;
  system_speaks_for_approvers?: boolean;
}
export interface Person {
  id: number;
  customer: string;
  name: string;
  email: string;
  phone: string;
  language: "sv" | "en";
  approver: boolean;
}
export interface View {
  id: string;
  name: string;
  shared: boolean;
  builtin: boolean;
  filter: Record<string, string | boolean>;
  count?: number;
}
