-- Who was told what: the notifier follows the log behind a cursor.

-- The desk's mail thread about one ticket is one for each person.
ALTER TABLE lane ADD COLUMN person_id INTEGER NOT NULL DEFAULT 0;   -- 0: of no person's thread
UPDATE lane SET person_id = coalesce((SELECT t.requester_id FROM ticket t WHERE t.ticket_id = lane.ticket_id), 0)
  WHERE delegation_id IS NULL AND subscription_id IS NULL AND letter = 0;
DROP INDEX lane_notices;
CREATE UNIQUE INDEX lane_notices ON lane (ticket_id, link_id, person_id)
  WHERE delegation_id IS NULL AND subscription_id IS NULL AND letter = 0;

-- How far the logs have been told. What was before this migration nobody is told any more.
CREATE TABLE notify_cursor (
  log   TEXT PRIMARY KEY CHECK (log IN ('ticket', 'notice')),
  until INTEGER NOT NULL                  -- the last event that was told
) STRICT, WITHOUT ROWID;
INSERT INTO notify_cursor (log, until)
  VALUES ('ticket', coalesce((SELECT max(event_id) FROM event), 0)),
         ('notice', coalesce((SELECT max(event_id) FROM notice_event), 0));

-- One person was told of one event.
CREATE TABLE notification (
  notification_id INTEGER PRIMARY KEY,
  event_id    INTEGER NOT NULL,           -- of the ticket's log; of a notice: 1 its beginning, 2 its end
  person_id   INTEGER NOT NULL,
  notice_id   INTEGER NOT NULL DEFAULT 0, -- 0: about a ticket
  customer_id TEXT NOT NULL,
  ticket_id   INTEGER NOT NULL DEFAULT 0, -- 0: about a notice
  kind        TEXT NOT NULL,
  at          INTEGER NOT NULL,           -- of the event
  portal      INTEGER NOT NULL CHECK (portal IN (0, 1)),
  read_at     INTEGER,
  mail        TEXT NOT NULL CHECK (mail IN ('no', 'enqueued', 'held', 'digest')),
  due_at      INTEGER,                    -- of what is held, or waits for the digest
  delivery_id INTEGER,
  UNIQUE (event_id, person_id, notice_id),
  CHECK ((mail = 'enqueued') = (delivery_id IS NOT NULL)),
  CHECK ((mail = 'held' OR mail = 'digest') = (due_at IS NOT NULL))
) STRICT;
CREATE INDEX notification_portal ON notification (person_id, notification_id) WHERE portal = 1;
CREATE INDEX notification_unread ON notification (person_id, notification_id) WHERE portal = 1 AND read_at IS NULL;
CREATE INDEX notification_due ON notification (due_at, notification_id) WHERE due_at IS NOT NULL;
CREATE INDEX notification_held ON notification (person_id, ticket_id) WHERE due_at IS NOT NULL;

-- What somebody chose; whoever chose nothing has no row.
CREATE TABLE notification_preference (
  person_id  INTEGER PRIMARY KEY,
  kinds      TEXT NOT NULL,               -- {"replied":"mail"|"portal"|"both"|"none", …}: what is not as given
  digest     TEXT NOT NULL CHECK (digest IN ('off', 'daily', 'weekly')),
  digest_at  INTEGER NOT NULL CHECK (digest_at BETWEEN 0 AND 1439),     -- minutes of his day
  quiet_from INTEGER CHECK (quiet_from BETWEEN 0 AND 1439),
  quiet_until INTEGER CHECK (quiet_until BETWEEN 0 AND 1439),
  changed_at INTEGER NOT NULL,
  CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
) STRICT;

-- A major incident told to all people of a customer, a page of them at a time.
CREATE TABLE broadcast (
  notice_id   INTEGER NOT NULL REFERENCES notice,
  customer_id TEXT NOT NULL,
  phase       INTEGER NOT NULL CHECK (phase IN (1, 2)),   -- 1: it began, 2: it is over
  after       INTEGER NOT NULL DEFAULT 0, -- the last person who was told
  done        INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
  PRIMARY KEY (notice_id, customer_id, phase)
) STRICT, WITHOUT ROWID;
CREATE INDEX broadcast_open ON broadcast (notice_id, phase, customer_id) WHERE done = 0;
