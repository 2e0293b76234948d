-- Mailboxes that are read by IMAP: how far, and how it goes.

CREATE TABLE mailbox (
  name            TEXT PRIMARY KEY,
  place           TEXT NOT NULL,               -- login, server and folder: another place is read anew
  validity        INTEGER NOT NULL DEFAULT 0,  -- UIDVALIDITY; 0: never opened
  uid             INTEGER NOT NULL DEFAULT 0,  -- up to this one all is taken
  adopted         INTEGER NOT NULL DEFAULT 0,  -- below this one only what nobody had read
  since           TEXT NOT NULL DEFAULT '',    -- after a renumbering: nothing older than this day (d-Mon-yyyy)
  first_at        INTEGER NOT NULL,
  last_success_at INTEGER,
  taken           INTEGER NOT NULL DEFAULT 0,
  problem         TEXT NOT NULL DEFAULT '',
  problem_at      INTEGER
) STRICT, WITHOUT ROWID;

-- What could not be taken and stays where it is, for a person to look at.
CREATE TABLE mailbox_left (
  name     TEXT NOT NULL,
  validity INTEGER NOT NULL,
  uid      INTEGER NOT NULL,
  why      TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (name, validity, uid)
) STRICT, WITHOUT ROWID;
