-- Changes of suppliers that came and are not in their ticket yet. The document of each stands in
-- inbound_event, whose outcome is 'held' meanwhile; that is also what keeps it from being taken twice.

CREATE TABLE held_change (
  held_id     INTEGER PRIMARY KEY,        -- the order in which they came
  link_id     TEXT NOT NULL,
  event_id    TEXT NOT NULL,
  external_id TEXT NOT NULL,              -- the supplier's ticket, as the change names it; may be ''
  correlation TEXT NOT NULL,              -- likewise
  lane_id     INTEGER,                    -- whose it is, if that is known
  -- create: a ticket is being made there, and this may be about it · write: a write of ours may have made it
  -- bytes: its attachment is being fetched · turn: an earlier one of its ticket is held
  -- unknown: decided; kept in case somebody tells whose it is
  why         TEXT NOT NULL CHECK (why IN ('create', 'write', 'bytes', 'turn', 'unknown')),
  since       INTEGER NOT NULL,
  after_delivery INTEGER NOT NULL,        -- nothing enqueued later can be what it waits for
  sha256      TEXT NOT NULL DEFAULT '',   -- of the attachment's bytes, once they are in the blob store
  bytes       INTEGER NOT NULL DEFAULT 0,
  lost        INTEGER NOT NULL DEFAULT 0 CHECK (lost IN (0, 1)),  -- they will not come
  fetches     INTEGER NOT NULL DEFAULT 0, -- attempts
  fetch_since INTEGER,                    -- the first of them
  fetch_at    INTEGER NOT NULL DEFAULT 0, -- the next
  UNIQUE (link_id, event_id)
) STRICT;
CREATE INDEX held_change_link ON held_change (link_id, held_id) WHERE why <> 'unknown';
CREATE INDEX held_change_external ON held_change (link_id, external_id) WHERE why <> 'unknown';
CREATE INDEX held_change_correlation ON held_change (link_id, correlation) WHERE why <> 'unknown';
CREATE INDEX held_change_lane ON held_change (lane_id) WHERE why <> 'unknown';
CREATE INDEX held_change_unknown ON held_change (link_id, external_id) WHERE why = 'unknown';
CREATE INDEX held_change_fetch ON held_change (link_id, fetch_at, held_id) WHERE why = 'bytes';

DROP INDEX inbound_held;
INSERT INTO held_change (link_id, event_id, external_id, correlation, why, since, after_delivery)
  SELECT link_id, event_id, external_id, coalesce(json_extract(body, '$.correlation'), ''), 'unknown',
    received_at, 0
  FROM inbound_event WHERE outcome = 'unknown_ticket'
  ORDER BY received_at, json_extract(body, '$.at'), event_id;
