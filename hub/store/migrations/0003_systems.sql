-- Other systems: a customer's and a supplier's own, by TMF621; and what they are told of.

-- Two more roles; a supplier's system has its links.
CREATE TABLE token_grown (
  token_hash  TEXT PRIMARY KEY,           -- SHA-256 of the token: it is random, so no salt is needed
  token_id    TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  role        TEXT NOT NULL CHECK (role IN ('user', 'agent', 'operator', 'admin', 'customer', 'supplier')),
  customer_id TEXT REFERENCES customer,
  person_id   INTEGER REFERENCES person,
  agent_id    TEXT REFERENCES agent,
  link_ids    TEXT NOT NULL DEFAULT '',   -- each with a space before and after
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER,
  revoked_at  INTEGER,
  -- Without it they would be for all customers.
  CHECK (customer_id IS NOT NULL OR (role <> 'user' AND role <> 'customer')),
  CHECK ((role = 'supplier') = (link_ids <> ''))
) STRICT, WITHOUT ROWID;
INSERT INTO token_grown SELECT token_hash, token_id, name, role, customer_id, person_id, agent_id, '',
  created_at, expires_at, revoked_at FROM token;
DROP TABLE token;
ALTER TABLE token_grown RENAME TO token;

-- One more kind of link. Lanes and agreements refer to its rows, so they come back under the same name.
CREATE TABLE link_kept AS SELECT * FROM link;
PRAGMA defer_foreign_keys = ON;
DROP TABLE link;
CREATE TABLE link (
  link_id     TEXT PRIMARY KEY,
  kind        TEXT NOT NULL DEFAULT 'supplier' CHECK (kind IN ('supplier', 'notices', 'subscribers')),
  supplier    TEXT NOT NULL,
  connector   TEXT NOT NULL,
  configured  INTEGER NOT NULL DEFAULT 1 CHECK (configured IN (0, 1)),  -- 0: its file is gone
  state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'auth', 'held', 'paused')),
  reason      TEXT NOT NULL DEFAULT '',
  not_before  INTEGER NOT NULL DEFAULT 0,
  lookup      INTEGER NOT NULL DEFAULT 1 CHECK (lookup IN (0, 1)),      -- 0: class C, cannot be searched
  poll_cursor TEXT NOT NULL DEFAULT '',
  polled_at   INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO link (link_id, kind, supplier, connector, configured, state, reason, not_before, lookup,
  poll_cursor, polled_at)
  SELECT link_id, kind, supplier, connector, configured, state, reason, not_before, lookup,
  poll_cursor, polled_at FROM link_kept;
DROP TABLE link_kept;

-- What a system keeps with a ticket (delegation 0) or with its own copy of one. Derived from the log.
CREATE TABLE attributes (
  ticket_id     INTEGER NOT NULL,
  delegation_id INTEGER NOT NULL,
  customer_id   TEXT NOT NULL,
  client        TEXT NOT NULL,            -- whose external id it is
  external_id   TEXT NOT NULL,
  data          TEXT NOT NULL,            -- a JSON object
  PRIMARY KEY (ticket_id, delegation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attributes_external ON attributes (external_id, client) WHERE external_id <> '';

-- Who is told of changes, and of which.
CREATE TABLE subscription (
  subscription_id TEXT PRIMARY KEY,
  client          TEXT NOT NULL,          -- the principal's actor
  role            TEXT NOT NULL CHECK (role IN ('user', 'customer', 'supplier')),
  tenant          TEXT,                   -- of a user or a customer's system
  person_id       INTEGER,                -- of a user
  agent           TEXT NOT NULL,          -- name of the token that a system used
  link_ids        TEXT NOT NULL,          -- of a supplier's system, each with a space before and after
  dialect         TEXT NOT NULL,          -- 'v4' or 'v5'
  callback        TEXT NOT NULL,
  query           TEXT NOT NULL,
  after_event     INTEGER NOT NULL,       -- it hears of what came later
  created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX subscription_once ON subscription (client, dialect, callback, query);

-- An ordering key may also be one subscriber's news of one ticket.
ALTER TABLE lane ADD COLUMN subscription_id TEXT;
DROP INDEX lane_notices;
CREATE UNIQUE INDEX lane_notices ON lane (ticket_id, link_id)
  WHERE delegation_id IS NULL AND subscription_id IS NULL;
CREATE UNIQUE INDEX lane_subscription ON lane (subscription_id, ticket_id)
  WHERE subscription_id IS NOT NULL;
