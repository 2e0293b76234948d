-- What suppliers announce by themselves, and what is wrong with their links.

-- What does not work with a link now, told plainly. A row goes when the same thing works again.
CREATE TABLE link_trouble (
  link_id   TEXT NOT NULL,
  about     TEXT NOT NULL,                -- 'poll', 'write', 'lookup', 'status'
  since     INTEGER NOT NULL,
  last_at   INTEGER NOT NULL,
  times     INTEGER NOT NULL,             -- in a row
  status    TEXT NOT NULL,                -- the outcome, such as 'retry'
  message   TEXT NOT NULL,
  next_step TEXT NOT NULL,
  PRIMARY KEY (link_id, about)
) STRICT, WITHOUT ROWID;

-- A maintenance or an outage that a supplier announced in its own system.
CREATE TABLE notice (
  notice_id    INTEGER PRIMARY KEY,
  link_id      TEXT NOT NULL,
  supplier     TEXT NOT NULL,
  remote_id    TEXT NOT NULL,             -- the supplier's; it comes once, however often it is told
  kind         TEXT NOT NULL,
  state        TEXT NOT NULL,             -- as the supplier says
  title        TEXT NOT NULL,
  text         TEXT NOT NULL,
  url          TEXT NOT NULL,
  named        TEXT NOT NULL,             -- services in the supplier's words, one a line
  starts_at    INTEGER,
  ends_at      INTEGER,
  told_at      INTEGER,                   -- by the supplier's clock
  review       TEXT NOT NULL CHECK (review IN ('new', 'published', 'dismissed')),
  public_title TEXT NOT NULL DEFAULT '',  -- what users read; the supplier's words only if that was decided
  public_text  TEXT NOT NULL DEFAULT '',
  reason       TEXT NOT NULL DEFAULT '',  -- of the dismissal
  news         INTEGER NOT NULL DEFAULT 0 CHECK (news IN (0, 1)),  -- told since somebody looked
  version      INTEGER NOT NULL,          -- number of events
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  UNIQUE (link_id, remote_id)
) STRICT;
CREATE INDEX notice_updated ON notice (updated_at, notice_id);

-- Everything that happened to it. Only ever appended to.
CREATE TABLE notice_event (
  event_id  INTEGER PRIMARY KEY,
  notice_id INTEGER NOT NULL REFERENCES notice,
  version   INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  type      TEXT NOT NULL,                -- 'told', 'published', 'dismissed', 'promoted'
  data      TEXT NOT NULL,
  UNIQUE (notice_id, version)
) STRICT;

-- Whom it concerns: the customers who have hired this supplier for a service that it names.
CREATE TABLE notice_customer (
  notice_id   INTEGER NOT NULL REFERENCES notice,
  customer_id TEXT NOT NULL,
  services    TEXT NOT NULL,              -- keys, each with a space before and after
  shown       INTEGER NOT NULL DEFAULT 0 CHECK (shown IN (0, 1)),  -- published to this customer
  ticket_id   INTEGER,                    -- its major incident
  PRIMARY KEY (notice_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_of_customer ON notice_customer (customer_id, notice_id);
CREATE INDEX notice_of_ticket ON notice_customer (ticket_id) WHERE ticket_id IS NOT NULL;
