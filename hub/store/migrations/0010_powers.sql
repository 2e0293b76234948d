-- What agents and users do with tickets: participants, ratings, relations, merged tickets, views with
-- counts, read marks and templates.

-- What a list shows and what views count. All derived from the log, like the rest of this table.
ALTER TABLE ticket ADD COLUMN merged_into INTEGER NOT NULL DEFAULT 0;   -- the ticket it went on in; 0: none
ALTER TABLE ticket ADD COLUMN rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5);  -- 0: none
ALTER TABLE ticket ADD COLUMN rating_text TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN rated_at INTEGER;
ALTER TABLE ticket ADD COLUMN said_id INTEGER NOT NULL DEFAULT 0;       -- last message that is no internal one
ALTER TABLE ticket ADD COLUMN public_id INTEGER NOT NULL DEFAULT 0;     -- last message that the user sees
ALTER TABLE ticket ADD COLUMN public_version INTEGER NOT NULL DEFAULT 1;  -- last change that the user sees
-- 1: the last word between desk and supplier is the supplier's, and nobody has acted on it.
ALTER TABLE ticket ADD COLUMN answered INTEGER NOT NULL DEFAULT 0 CHECK (answered IN (0, 1));
ALTER TABLE ticket ADD COLUMN priority_rank INTEGER NOT NULL DEFAULT 1; -- 0 low … 3 urgent: text does not sort

UPDATE ticket SET
  priority_rank = CASE priority WHEN 'low' THEN 0 WHEN 'high' THEN 2 WHEN 'urgent' THEN 3 ELSE 1 END,
  said_id = coalesce((SELECT max(message_id) FROM message m
    WHERE m.ticket_id = ticket.ticket_id AND m.visibility <> 'internal'), 0),
  public_id = coalesce((SELECT max(message_id) FROM message m
    WHERE m.ticket_id = ticket.ticket_id AND m.visibility = 'user'), 0),
  public_version = coalesce((SELECT max(version) FROM event e WHERE e.ticket_id = ticket.ticket_id
    AND (e.type IN ('registered', 'status_changed', 'edited')
      OR e.type IN ('message_added', 'attachment_added') AND json_extract(e.data, '$.visibility') = 'user')), 1),
  answered = coalesce((SELECT CASE
      WHEN e.type = 'message_added' THEN json_extract(e.data, '$.from') = 'supplier'
      WHEN e.type = 'delegation_changed' THEN json_extract(e.data, '$.state') IN ('waiting_on_us', 'resolved')
      ELSE 0 END
    FROM event e WHERE e.ticket_id = ticket.ticket_id AND (
      e.type = 'message_added' AND (
        json_extract(e.data, '$.from') = 'supplier' AND json_extract(e.data, '$.visibility') = 'supplier'
        OR json_extract(e.data, '$.from') = 'desk' AND json_extract(e.data, '$.visibility') <> 'internal')
      OR e.type = 'delegation_changed' AND json_extract(e.data, '$.state') IN
        ('waiting_on_us', 'resolved', 'accepted', 'rejected', 'closed', 'withdrawn')
      OR e.type = 'status_changed' AND json_extract(e.data, '$.status') IN ('resolved', 'closed'))
    ORDER BY e.version DESC LIMIT 1), 0);

-- The open ones, latest change first, with what lists filter by, so that what does not match costs no look
-- at the ticket; and in order of registration.
CREATE INDEX ticket_open ON ticket (updated_at, ticket_id, team_id, agent_id, status, answered, customer_id,
    service_id, kind)
  WHERE status <> 'resolved' AND status <> 'closed';
CREATE INDEX ticket_open_created ON ticket (ticket_id) WHERE status <> 'resolved' AND status <> 'closed';
CREATE INDEX ticket_answered ON ticket (updated_at, ticket_id) WHERE answered = 1;
CREATE INDEX ticket_created ON ticket (created_at, ticket_id);
-- With the status: a customer's few open tickets are found without a look at the many closed ones.
DROP INDEX ticket_customer;
CREATE INDEX ticket_customer ON ticket (customer_id, updated_at, ticket_id, status);
CREATE INDEX ticket_agent ON ticket (agent_id, updated_at, ticket_id, status) WHERE agent_id <> '';
CREATE INDEX ticket_priority ON ticket (priority_rank, ticket_id, status, team_id, agent_id, customer_id);
CREATE INDEX delegation_link ON delegation (link_id, ticket_id);

-- How many tickets that are not closed there are of each sort: what views count. Kept by the projector, so that
-- no count looks at tickets.
CREATE TABLE ticket_tally (
  customer_id TEXT NOT NULL,
  status      TEXT NOT NULL,
  team_id     TEXT NOT NULL,
  agent_id    TEXT NOT NULL,
  kind        TEXT NOT NULL,
  service_id  TEXT NOT NULL,
  answered    INTEGER NOT NULL,
  n           INTEGER NOT NULL CHECK (n > 0),
  PRIMARY KEY (customer_id, status, team_id, agent_id, kind, service_id, answered)
) STRICT, WITHOUT ROWID;
INSERT INTO ticket_tally
  SELECT customer_id, status, team_id, agent_id, kind, service_id, answered, count(*) FROM ticket
  WHERE status <> 'closed' GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- People who see and answer a ticket besides its requester.
CREATE TABLE participant (
  ticket_id   INTEGER NOT NULL,
  person_id   INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  since       INTEGER NOT NULL,
  PRIMARY KEY (ticket_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX participant_person ON participant (person_id, ticket_id);

-- What another ticket is to this one; the opposite stands there too.
CREATE TABLE relation (
  ticket_id   INTEGER NOT NULL,
  other_id    INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  kind        TEXT NOT NULL,
  PRIMARY KEY (ticket_id, other_id),
  CHECK (ticket_id <> other_id)
) STRICT, WITHOUT ROWID;

-- How far a person has read. Reading is nothing that happens to a ticket: it is not in the log.
CREATE TABLE read_mark (
  reader    TEXT NOT NULL,                -- the principal's actor
  ticket_id INTEGER NOT NULL,
  version   INTEGER NOT NULL,
  PRIMARY KEY (reader, ticket_id)
) STRICT, WITHOUT ROWID;

-- Lists that agents keep. Those that come with Ombud are in the program.
CREATE TABLE saved_view (
  view_id    INTEGER PRIMARY KEY,
  owner      TEXT NOT NULL,               -- the principal's actor
  name       TEXT NOT NULL,
  shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
  filter     TEXT NOT NULL,               -- a JSON object with the names of the list's query
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX saved_view_owner ON saved_view (owner, view_id);
CREATE INDEX saved_view_shared ON saved_view (view_id) WHERE shared = 1;

CREATE TABLE template (
  template_id INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  language    TEXT NOT NULL CHECK (language IN ('sv', 'en')),
  audience    TEXT NOT NULL CHECK (audience IN ('user', 'internal', 'supplier')),
  text        TEXT NOT NULL,
  actions     TEXT NOT NULL,              -- a JSON object
  changed_by  TEXT NOT NULL,
  changed_at  INTEGER NOT NULL,
  UNIQUE (name, language, audience)
) STRICT;

-- People by the beginning of a name or an address; rowid = person_id. Kept by put_person: SQLite lets no
-- trigger write to such a table here.
CREATE VIRTUAL TABLE person_search USING fts5 (
  name, email, columnsize = 0, detail = none, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO person_search (rowid, name, email) SELECT person_id, name, email FROM person;
