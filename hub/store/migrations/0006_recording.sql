-- What suppliers told, as they told it, and what the mapping of that day made of it: so that a changed mapping can be
-- tried on it before it is used (`ombud supplier replay`). Kept for days, then gone; nothing else reads it.

CREATE TABLE recording (
  recording_id INTEGER PRIMARY KEY,
  link_id      TEXT NOT NULL,
  received_at  INTEGER NOT NULL,
  digest       TEXT NOT NULL,             -- SHA-256 of raw: a poll tells the same again and again
  raw          TEXT NOT NULL,             -- JSON, as the connector gave it to ombud.record/1
  changes      TEXT NOT NULL,             -- JSON: the changes it became, without the bytes of attachments
  ticket_id    INTEGER,                   -- if it was known then
  UNIQUE (link_id, digest)
) STRICT;
CREATE INDEX recording_age ON recording (received_at);
CREATE INDEX recording_link ON recording (link_id, recording_id);
