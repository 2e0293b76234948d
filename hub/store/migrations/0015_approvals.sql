-- Orders wait for a yes from the customer's own organisation.

-- NULL: they wait if the customer has an approver.
ALTER TABLE customer ADD COLUMN order_approval INTEGER CHECK (order_approval IN (0, 1));
ALTER TABLE customer ADD COLUMN approval_days INTEGER NOT NULL DEFAULT 3
  CHECK (approval_days BETWEEN 1 AND 60);

-- Who may say yes or no.
CREATE INDEX person_approver ON person (customer_id) WHERE approver = 1;
CREATE INDEX membership_approver ON membership (customer_id) WHERE role <> 'user';

-- Derived from the log, like the rest of these three tables. -------------------------------------

ALTER TABLE ticket ADD COLUMN approval TEXT NOT NULL DEFAULT ''   -- '': nobody was ever asked
  CHECK (approval IN ('', 'needed', 'approved', 'rejected', 'not_needed'));
CREATE INDEX ticket_approval ON ticket (customer_id, updated_at, ticket_id) WHERE approval = 'needed';

CREATE TABLE approval (
  ticket_id    INTEGER PRIMARY KEY,
  customer_id  TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('needed', 'approved', 'rejected', 'not_needed')),
  requested_at INTEGER NOT NULL,
  remind_at    INTEGER NOT NULL,
  due_at       INTEGER NOT NULL,
  reminded_at  INTEGER,
  hand_over    INTEGER NOT NULL CHECK (hand_over IN (0, 1)),  -- an agreement may, once it is approved
  writer       TEXT NOT NULL,             -- key of the agent who registered it for somebody, or ''
  decided_by   INTEGER NOT NULL DEFAULT 0,
  decided_at   INTEGER,
  comment      TEXT NOT NULL DEFAULT ''   -- of the decision, or why none is needed
) STRICT;
CREATE INDEX approval_remind ON approval (remind_at) WHERE state = 'needed' AND reminded_at IS NULL;

-- Every yes and no that was ever said: whoever said it may read the order from then on.
CREATE TABLE approval_decision (
  event_id    INTEGER PRIMARY KEY,
  ticket_id   INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  person_id   INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_decision_person ON approval_decision (person_id, ticket_id);
