-- Who says yes or no to orders is one fact, person.approver: a membership's role is user or manager, and a user
-- who is an approver acts as one.
UPDATE person SET approver = 1
  WHERE person_id IN (SELECT person_id FROM membership WHERE role = 'approver');
UPDATE membership SET role = 'user' WHERE role = 'approver';

-- 1: what this customer's own system brings in as an approver's order counts as the approver's word.
ALTER TABLE customer ADD COLUMN system_speaks_for_approvers INTEGER NOT NULL DEFAULT 0
  CHECK (system_speaks_for_approvers IN (0, 1));

-- Who says yes or no in an approver's place for some time.
CREATE TABLE approval_deputy (
  person_id   INTEGER PRIMARY KEY REFERENCES person,   -- the approver
  customer_id TEXT NOT NULL REFERENCES customer,       -- of both
  deputy_id   INTEGER NOT NULL REFERENCES person,
  from_at     INTEGER NOT NULL,
  until_at    INTEGER NOT NULL,
  CHECK (person_id <> deputy_id),
  CHECK (from_at < until_at)
) STRICT;
CREATE INDEX approval_deputy_deputy ON approval_deputy (deputy_id);
CREATE INDEX approval_deputy_customer ON approval_deputy (customer_id);

-- Derived from the log. -----------------------------------------------------------------------------------

ALTER TABLE approval ADD COLUMN decided_for INTEGER NOT NULL DEFAULT 0;  -- in whose place; 0: his own

-- Whom an order was asked of, at any time: they may read it from then on, as long as they approve orders.
CREATE TABLE approval_asked (
  ticket_id   INTEGER NOT NULL,
  person_id   INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (ticket_id, person_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO approval_asked (ticket_id, person_id, customer_id)
  SELECT e.ticket_id, a.value, e.customer_id
  FROM approval p JOIN event e ON e.ticket_id = p.ticket_id JOIN json_each(e.data, '$.asked') a
  WHERE e.type = 'approval_requested';
