-- The desk and its deliveries. Times are UTC milliseconds since 1970; flags are 0 or 1.

-- Directory: who and what there is. ------------------------------------------------------------

CREATE TABLE team (
  team_id TEXT PRIMARY KEY,
  name    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO team (team_id, name) VALUES ('desk', 'Service desk');

CREATE TABLE agent (
  agent_id TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  email    TEXT NOT NULL DEFAULT '',
  team_id  TEXT NOT NULL REFERENCES team
) STRICT, WITHOUT ROWID;

CREATE TABLE customer (
  customer_id  TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  mail_domains TEXT NOT NULL DEFAULT '',  -- lower case, each with a space before and after: ' a.se b.se '
  language     TEXT NOT NULL DEFAULT 'sv' CHECK (language IN ('sv', 'en'))
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  person_id   INTEGER PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customer,
  name        TEXT NOT NULL,
  email       TEXT NOT NULL DEFAULT '',   -- lower case
  phone       TEXT NOT NULL DEFAULT '',
  language    TEXT NOT NULL DEFAULT 'sv' CHECK (language IN ('sv', 'en')),
  approver    INTEGER NOT NULL DEFAULT 0 CHECK (approver IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX person_email ON person (email, customer_id) WHERE email <> '';
CREATE INDEX person_customer ON person (customer_id, name);

CREATE TABLE service (
  service_id TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  words      TEXT NOT NULL DEFAULT ''     -- what users call it, lower case, separated by commas
) STRICT, WITHOUT ROWID;

-- One configured connection to one supplier, or the desk's own mail to users (kind 'notices').
CREATE TABLE link (
  link_id     TEXT PRIMARY KEY,
  kind        TEXT NOT NULL DEFAULT 'supplier' CHECK (kind IN ('supplier', 'notices')),
  supplier    TEXT NOT NULL,
  connector   TEXT NOT NULL,
  configured  INTEGER NOT NULL DEFAULT 1 CHECK (configured IN (0, 1)),  -- 0: its file is gone
  state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'auth', 'paused')),
  reason      TEXT NOT NULL DEFAULT '',
  not_before  INTEGER NOT NULL DEFAULT 0,
  lookup      INTEGER NOT NULL DEFAULT 1 CHECK (lookup IN (0, 1)),      -- 0: class C, cannot be searched
  poll_cursor TEXT NOT NULL DEFAULT '',
  polled_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement (
  agreement_id INTEGER PRIMARY KEY,
  customer_id  TEXT NOT NULL REFERENCES customer,
  link_id      TEXT NOT NULL REFERENCES link,
  services     TEXT NOT NULL,             -- keys, each with a space before and after
  share        TEXT NOT NULL DEFAULT '',  -- fields that may leave (domain/privacy.hpp), likewise
  relay        TEXT NOT NULL DEFAULT 'agent' CHECK (relay IN ('agent', 'auto')),
  auto_delegate INTEGER NOT NULL DEFAULT 0 CHECK (auto_delegate IN (0, 1)),
  valid_from   INTEGER NOT NULL,
  valid_until  INTEGER,
  resolve_ms   INTEGER CHECK (resolve_ms > 0)
) STRICT;
CREATE INDEX agreement_customer ON agreement (customer_id);

CREATE TABLE token (
  token_hash  TEXT PRIMARY KEY,           -- SHA-256 of the token: it is random, so no salt is needed
  token_id    TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  role        TEXT NOT NULL CHECK (role IN ('user', 'agent', 'operator', 'admin')),
  customer_id TEXT REFERENCES customer,
  person_id   INTEGER REFERENCES person,
  agent_id    TEXT REFERENCES agent,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER,
  revoked_at  INTEGER
) STRICT, WITHOUT ROWID;

-- What configuration tells the use cases: 'desk.name', 'desk.email'.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log: everything that happened to a ticket. Only ever appended to. --------------------------

CREATE TABLE event (
  event_id    INTEGER PRIMARY KEY,
  ticket_id   INTEGER NOT NULL,
  version     INTEGER NOT NULL,           -- 1, 2, 3 … within the ticket
  customer_id TEXT NOT NULL,
  at          INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  type        TEXT NOT NULL,
  data        TEXT NOT NULL,
  UNIQUE (ticket_id, version)
) STRICT;

-- State: derived from the log in the transaction that appends, and rebuildable from it. ----------

CREATE TABLE ticket (
  ticket_id    INTEGER PRIMARY KEY,
  customer_id  TEXT NOT NULL,
  requester_id INTEGER NOT NULL,          -- person, 0: unknown
  kind         TEXT NOT NULL,
  status       TEXT NOT NULL,
  priority     TEXT NOT NULL,
  channel      TEXT NOT NULL,
  subject      TEXT NOT NULL,
  service_id   TEXT NOT NULL,
  team_id      TEXT NOT NULL CHECK (team_id <> ''),
  agent_id     TEXT NOT NULL,
  language     TEXT NOT NULL,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  resolved_at  INTEGER,
  closed_at    INTEGER
) STRICT;
CREATE INDEX ticket_updated ON ticket (updated_at, ticket_id);
CREATE INDEX ticket_status ON ticket (status, updated_at, ticket_id);
CREATE INDEX ticket_customer ON ticket (customer_id, updated_at, ticket_id);
CREATE INDEX ticket_requester ON ticket (requester_id, updated_at, ticket_id);

CREATE TABLE message (
  message_id    INTEGER PRIMARY KEY,      -- the event that added it
  ticket_id     INTEGER NOT NULL,
  customer_id   TEXT NOT NULL,
  visibility    TEXT NOT NULL,
  party         TEXT NOT NULL,
  author        TEXT NOT NULL,
  delegation_id INTEGER,
  relays        INTEGER,
  at            INTEGER NOT NULL,
  text          TEXT NOT NULL
) STRICT;
CREATE INDEX message_ticket ON message (ticket_id, message_id);

CREATE TABLE attachment (
  attachment_id INTEGER PRIMARY KEY,      -- the event that added it
  ticket_id     INTEGER NOT NULL,
  customer_id   TEXT NOT NULL,
  message_id    INTEGER,
  delegation_id INTEGER,
  visibility    TEXT NOT NULL,
  party         TEXT NOT NULL,
  name          TEXT NOT NULL,
  media_type    TEXT NOT NULL,
  bytes         INTEGER NOT NULL,
  sha256        TEXT NOT NULL,
  at            INTEGER NOT NULL
) STRICT;
CREATE INDEX attachment_ticket ON attachment (ticket_id, attachment_id);

CREATE TABLE delegation (
  delegation_id   INTEGER PRIMARY KEY,    -- the event that handed the ticket over
  ticket_id       INTEGER NOT NULL,
  customer_id     TEXT NOT NULL,
  agreement_id    INTEGER NOT NULL,
  link_id         TEXT NOT NULL,
  supplier        TEXT NOT NULL,
  state           TEXT NOT NULL,
  brief           TEXT NOT NULL,
  shared          TEXT NOT NULL,          -- fields that left, separated by spaces
  withheld        TEXT NOT NULL,
  external_id     TEXT NOT NULL,
  external_url    TEXT NOT NULL,
  external_status TEXT NOT NULL,
  reason          TEXT NOT NULL,
  due_at          INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX delegation_ticket ON delegation (ticket_id, delegation_id);
CREATE INDEX delegation_open ON delegation (link_id, state);
-- At most one open delegation of a ticket to a link.
CREATE UNIQUE INDEX delegation_one ON delegation (ticket_id, link_id)
  WHERE state <> 'accepted' AND state <> 'closed' AND state <> 'withdrawn';

-- Full text of subjects and messages; rowid = event_id. Contentless: the text is in the log. Without
-- positions and sizes, which cost half of the work: words that stand together are looked for in the
-- text of what was found.
CREATE VIRTUAL TABLE message_search USING fts5 (
  subject, text, content = '', columnsize = 0, detail = none,
  tokenize = 'unicode61 remove_diacritics 2'
);

-- Outbox: what must reach the outside world. ----------------------------------------------------
-- Its conditions compare one by one: for an IN of three or more SQLite builds a table each time that a
-- statement runs.

-- An ordering key: one delegation, or the desk's mail thread with the user of one ticket.
CREATE TABLE lane (
  lane_id       INTEGER PRIMARY KEY,
  link_id       TEXT NOT NULL REFERENCES link,
  ticket_id     INTEGER NOT NULL,
  customer_id   TEXT NOT NULL,
  delegation_id INTEGER,                  -- NULL: notices to the user
  next_seq      INTEGER NOT NULL DEFAULT 0,
  external_id   TEXT                      -- the other side's id, once known
) STRICT;
CREATE UNIQUE INDEX lane_delegation ON lane (delegation_id) WHERE delegation_id IS NOT NULL;
CREATE UNIQUE INDEX lane_notices ON lane (ticket_id, link_id) WHERE delegation_id IS NULL;
CREATE INDEX lane_external ON lane (link_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE delivery (
  delivery_id INTEGER PRIMARY KEY,
  link_id     TEXT NOT NULL,
  lane_id     INTEGER NOT NULL REFERENCES lane,
  lane_seq    INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  ticket_id   INTEGER NOT NULL,
  op          TEXT NOT NULL CHECK (op = 'put_ticket' OR op = 'add_comment' OR op = 'add_attachment'),
  correlation TEXT NOT NULL UNIQUE,
  body        TEXT NOT NULL,              -- exactly what leaves
  blob        TEXT,                       -- SHA-256 of an attachment's bytes
  source_id   INTEGER,                    -- the message or attachment that it carries
  state       TEXT NOT NULL CHECK (state = 'waiting' OR state = 'ready' OR state = 'leased' OR state = 'done'
                                   OR state = 'dead' OR state = 'parked' OR state = 'cancelled'),
  doubt       INTEGER NOT NULL DEFAULT 0 CHECK (doubt IN (0, 1)),
  attempts    INTEGER NOT NULL DEFAULT 0,
  run_at      INTEGER NOT NULL,
  lease_epoch INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER,
  external_id TEXT,                       -- the other side's id of what this delivery made
  last_error  TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL,
  finished_at INTEGER,
  UNIQUE (lane_id, lane_seq),
  CHECK ((state = 'leased') = (lease_until IS NOT NULL)),
  CHECK ((state = 'done' OR state = 'dead' OR state = 'parked' OR state = 'cancelled') = (finished_at IS NOT NULL))
) STRICT;
-- Only the head of a lane is ready, leased, dead or parked; what stands behind it waits.
CREATE UNIQUE INDEX delivery_head ON delivery (lane_id)
  WHERE state <> 'waiting' AND state <> 'done' AND state <> 'cancelled';
CREATE INDEX delivery_ready ON delivery (link_id, run_at, delivery_id) WHERE state = 'ready';
CREATE INDEX delivery_waiting ON delivery (lane_id, lane_seq, link_id) WHERE state = 'waiting';
CREATE INDEX delivery_leased ON delivery (link_id, lease_until) WHERE state = 'leased';
CREATE INDEX delivery_trouble ON delivery (delivery_id) WHERE state IN ('dead', 'parked') OR doubt = 1;
CREATE INDEX delivery_done ON delivery (link_id, finished_at) WHERE state = 'done';
CREATE INDEX delivery_external ON delivery (lane_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE attempt (
  attempt_id    INTEGER PRIMARY KEY,
  delivery_id   INTEGER NOT NULL REFERENCES delivery,
  lease_epoch   INTEGER NOT NULL,
  step          TEXT NOT NULL,            -- 'find' or 'write', or an operator's 'retry', 'skip' …
  started_at    INTEGER NOT NULL,
  finished_at   INTEGER NOT NULL,
  status        TEXT NOT NULL,
  supplier_code INTEGER NOT NULL DEFAULT 0,
  message       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery_id, attempt_id);

-- Intake: what came from the outside world. -----------------------------------------------------

CREATE TABLE inbound_event (
  link_id     TEXT NOT NULL,
  event_id    TEXT NOT NULL,              -- the supplier's
  external_id TEXT NOT NULL,              -- its ticket
  received_at INTEGER NOT NULL,
  outcome     TEXT NOT NULL,              -- 'applied', 'echo', 'unknown_ticket', …
  body        TEXT NOT NULL,
  PRIMARY KEY (link_id, event_id)
) STRICT, WITHOUT ROWID;

-- What came about a ticket that is not (yet) known to be ours.
CREATE INDEX inbound_held ON inbound_event (link_id, external_id)
  WHERE outcome = 'unknown_ticket';

CREATE TABLE mail_in (
  mail_id       INTEGER PRIMARY KEY,
  sha256        TEXT NOT NULL,            -- the raw bytes, in the blob store
  bytes         INTEGER NOT NULL,
  envelope_from TEXT NOT NULL,
  envelope_to   TEXT NOT NULL,            -- separated by spaces
  dedupe_key    TEXT NOT NULL UNIQUE,     -- recipients, Message-ID and digest
  message_id    TEXT NOT NULL DEFAULT '',
  received_at   INTEGER NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('received', 'done', 'waiting_link')),
  outcome       TEXT NOT NULL DEFAULT '', -- 'registered', 'reply', 'supplier', 'duplicate', …
  ticket_id     INTEGER,
  link_id       TEXT,
  attempts      INTEGER NOT NULL DEFAULT 0,
  last_error    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX mail_in_open ON mail_in (mail_id) WHERE state <> 'done';
CREATE INDEX mail_in_message ON mail_in (message_id) WHERE message_id <> '';

CREATE TABLE idempotency (
  actor      TEXT NOT NULL,
  key        TEXT NOT NULL,
  request    TEXT NOT NULL,               -- SHA-256 of method, path and body
  status     INTEGER NOT NULL,
  location   TEXT NOT NULL,
  etag       TEXT NOT NULL,
  body       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);
