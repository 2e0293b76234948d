-- Figures: how links have been doing, what people changed, what went over the wire, and what
-- statistics are counted from.

-- How each link stood at the end of every five minutes. Kept for two weeks.
CREATE TABLE link_step (
  link_id   TEXT NOT NULL,
  at        INTEGER NOT NULL,             -- the end of the step
  done      INTEGER NOT NULL,             -- deliveries that arrived in it
  failed    INTEGER NOT NULL,             -- attempts that did not succeed in it
  backlog   INTEGER NOT NULL,             -- unfinished at its end
  oldest_at INTEGER,                      -- of them
  PRIMARY KEY (link_id, at)
) STRICT, WITHOUT ROWID;
-- Up to where it has been counted.
CREATE TABLE link_step_mark (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  at         INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL
) STRICT;

-- Who changed what, besides tickets: accounts, customers, agreements, links, deliveries, tokens. Only
-- ever added to, and each row seals the one before it.
CREATE TABLE audit (
  audit_id   INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  type       TEXT NOT NULL,               -- 'customer.changed'
  subject    TEXT NOT NULL,               -- what kind of thing: 'customer'
  subject_id TEXT NOT NULL,
  summary    TEXT NOT NULL,
  data       TEXT NOT NULL,               -- a JSON object
  seal       TEXT NOT NULL                -- SHA-256 of the seal before and of all that stands here
) STRICT;
CREATE INDEX audit_actor ON audit (actor, audit_id);
CREATE INDEX audit_type ON audit (type, audit_id);
CREATE INDEX audit_subject ON audit (subject, subject_id, audit_id);
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit is only added to'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit is only added to'); END;

-- What statistics need beyond the ticket itself. Derived from the log, like the ticket.

-- The desk's first words to the user after the registration.
CREATE TABLE ticket_response (
  ticket_id INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL
) STRICT;
INSERT INTO ticket_response (ticket_id, at)
  SELECT m.ticket_id, min(m.at) FROM message m JOIN event e ON e.event_id = m.message_id
  WHERE m.visibility = 'user' AND m.party = 'desk' AND e.version > 1 GROUP BY m.ticket_id;

-- Each time that a ticket was resolved or closed, and opened again.
CREATE TABLE ticket_gap (
  event_id    INTEGER PRIMARY KEY,        -- that opened it again
  ticket_id   INTEGER NOT NULL,
  resolved_at INTEGER NOT NULL,
  reopened_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_gap_ticket ON ticket_gap (ticket_id, event_id);
CREATE INDEX ticket_gap_reopened ON ticket_gap (reopened_at);
-- Where a status follows one that was resolved or closed: since when it was, by the rule of the ticket's
-- resolved_at (the last "resolved" of the run, else its first "closed").
INSERT INTO ticket_gap (event_id, ticket_id, resolved_at, reopened_at)
  WITH told AS (
    SELECT event_id, ticket_id, version, at, json_extract(data, '$.status') AS status FROM event
    WHERE type = 'status_changed'
  ), run AS (
    SELECT o.event_id, o.ticket_id, o.at AS reopened_at, o.version AS until, coalesce((SELECT max(p.version)
      FROM told p WHERE p.ticket_id = o.ticket_id AND p.version < o.version
      AND p.status NOT IN ('resolved', 'closed')), 1) AS since
    FROM told o WHERE o.status NOT IN ('resolved', 'closed')
  )
  SELECT run.event_id, run.ticket_id,
    coalesce((SELECT max(r.at) FROM told r WHERE r.ticket_id = run.ticket_id AND r.version > run.since
        AND r.version < run.until AND r.status = 'resolved'),
      (SELECT min(c.at) FROM told c WHERE c.ticket_id = run.ticket_id AND c.version > run.since
        AND c.version < run.until AND c.status = 'closed')) AS resolved_at,
    run.reopened_at
  FROM run WHERE resolved_at IS NOT NULL;

-- All that statistics read of a ticket, in the order of registration.
CREATE INDEX ticket_figures ON ticket (created_at, ticket_id, customer_id, service_id, team_id, kind, priority,
  resolved_at, closed_at);

-- What went over the wire in each attempt: secrets masked, long texts cut. The newest 2,000 of a link, and
-- none older than 30 days.
CREATE TABLE exchange (
  exchange_id      INTEGER PRIMARY KEY,
  attempt_id       INTEGER NOT NULL,
  link_id          TEXT NOT NULL,
  at               INTEGER NOT NULL,
  method           TEXT NOT NULL,
  url              TEXT NOT NULL,
  status           INTEGER NOT NULL,      -- 0: no answer
  request_headers  TEXT NOT NULL,
  request_body     TEXT NOT NULL,
  response_headers TEXT NOT NULL,
  response_body    TEXT NOT NULL,
  error            TEXT NOT NULL,         -- why there is no whole answer
  ms               INTEGER NOT NULL,
  truncated        INTEGER NOT NULL CHECK (truncated IN (0, 1))
) STRICT;
CREATE INDEX exchange_attempt ON exchange (attempt_id, exchange_id);
CREATE INDEX exchange_link ON exchange (link_id, exchange_id);
CREATE INDEX exchange_age ON exchange (at);
