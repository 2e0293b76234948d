-- People who sign in: accounts, what they may, their sessions and second factors.

CREATE TABLE account (
  account_id   INTEGER PRIMARY KEY,
  email        TEXT NOT NULL UNIQUE CHECK (email <> ''),     -- lower case
  name         TEXT NOT NULL,
  password     TEXT NOT NULL DEFAULT '',                     -- argon2id, with its salt and cost; '': none
  language     TEXT CHECK (language IN ('sv', 'en')),        -- NULL: the browser's
  zone         TEXT,
  theme        TEXT NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
  -- One of the provider's people: his agent's key, what he may, and at which customer alone.
  agent_id     TEXT REFERENCES agent,
  staff_role   TEXT CHECK (staff_role IN ('agent', 'lead', 'operator', 'admin')),
  staff_tenant TEXT REFERENCES customer,
  totp_secret  TEXT NOT NULL DEFAULT '',                     -- base 32; '': none, or not set up
  totp_since   INTEGER,                                      -- NULL: not confirmed by a code yet
  totp_step    INTEGER NOT NULL DEFAULT 0,                   -- the last one whose code was used
  disabled_at  INTEGER,
  created_at   INTEGER NOT NULL,
  version      INTEGER NOT NULL DEFAULT 1,
  CHECK ((agent_id IS NULL) = (staff_role IS NULL)),
  CHECK (staff_tenant IS NULL OR staff_role IN ('agent', 'lead'))
) STRICT;
CREATE UNIQUE INDEX account_agent ON account (agent_id) WHERE agent_id IS NOT NULL;

-- Which customers' person an account is; one person has at most one account.
CREATE TABLE membership (
  account_id  INTEGER NOT NULL REFERENCES account,
  customer_id TEXT NOT NULL REFERENCES customer,
  person_id   INTEGER NOT NULL UNIQUE REFERENCES person,
  role        TEXT NOT NULL CHECK (role IN ('user', 'approver', 'manager')),
  PRIMARY KEY (account_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_customer ON membership (customer_id, account_id);

CREATE TABLE session (
  session_hash TEXT PRIMARY KEY,          -- SHA-256 of the cookie: it is random, so no salt is needed
  session_id   TEXT NOT NULL UNIQUE,      -- how its owner names it
  account_id   INTEGER NOT NULL REFERENCES account,
  created_at   INTEGER NOT NULL,
  seen_at      INTEGER NOT NULL,          -- to within a few minutes
  expires_at   INTEGER NOT NULL,          -- at the latest
  address      TEXT NOT NULL,
  agent_text   TEXT NOT NULL              -- User-Agent, cut
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account_id, created_at);
CREATE INDEX session_expiry ON session (expires_at);

-- What a mailed link holds: a first password, or a new one.
CREATE TABLE reset (
  reset_hash TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  purpose    TEXT NOT NULL CHECK (purpose IN ('invitation', 'reset')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reset_account ON reset (account_id);
CREATE INDEX reset_expiry ON reset (expires_at);

CREATE TABLE recovery_code (
  account_id INTEGER NOT NULL REFERENCES account,
  code_hash  TEXT NOT NULL,
  PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Tokens that somebody made for programs of his own: less than he may, and for one of his roles.
CREATE TABLE account_token (
  token_hash  TEXT PRIMARY KEY,
  token_id    TEXT NOT NULL UNIQUE,
  account_id  INTEGER NOT NULL REFERENCES account,
  name        TEXT NOT NULL,
  customer_id TEXT REFERENCES customer,   -- as the person of this customer; NULL: as the desk's
  scopes      TEXT NOT NULL,              -- names of permissions, each with a space before and after
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER,
  revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX account_token_account ON account_token (account_id, created_at);

-- An ordering key may also be one mail of the hub to one person, about no ticket: ticket 0, customer ''.
ALTER TABLE lane ADD COLUMN letter INTEGER NOT NULL DEFAULT 0 CHECK (letter IN (0, 1));
DROP INDEX lane_notices;
CREATE UNIQUE INDEX lane_notices ON lane (ticket_id, link_id)
  WHERE delegation_id IS NULL AND subscription_id IS NULL AND letter = 0;
