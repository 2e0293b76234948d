-- Reconciliation: what the hub believes beside what a supplier has.

-- One look through the delegations of a link. It goes on from `after_delegation` after a crash.
CREATE TABLE reconciliation (
  run_id      INTEGER PRIMARY KEY,
  link_id     TEXT NOT NULL,
  cause       TEXT NOT NULL CHECK (cause IN ('command', 'schedule')),
  actor       TEXT NOT NULL,              -- who asked for it
  -- reading: one delegation after the other · settling: what may be news only is looked at again
  state       TEXT NOT NULL CHECK (state IN ('reading', 'settling', 'done', 'failed', 'cancelled')),
  reason      TEXT NOT NULL DEFAULT '',   -- why it failed
  created_at  INTEGER NOT NULL,
  finished_at INTEGER,
  after_delegation INTEGER NOT NULL DEFAULT 0,
  last_read_at INTEGER,
  to_compare  INTEGER NOT NULL,
  compared    INTEGER NOT NULL DEFAULT 0,
  skipped     INTEGER NOT NULL DEFAULT 0, -- had work under way, also at the second look
  unread      INTEGER NOT NULL DEFAULT 0, -- the supplier did not show them
  CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX reconciliation_one ON reconciliation (link_id) WHERE finished_at IS NULL;
CREATE INDEX reconciliation_link ON reconciliation (link_id, run_id);

-- Delegations that had work under way and are looked at once more at the end.
CREATE TABLE reconciliation_again (
  run_id        INTEGER NOT NULL REFERENCES reconciliation,
  delegation_id INTEGER NOT NULL,
  PRIMARY KEY (run_id, delegation_id)
) STRICT, WITHOUT ROWID;

-- One difference, and what can be done about it.
CREATE TABLE drift (
  drift_id      INTEGER PRIMARY KEY,
  run_id        INTEGER NOT NULL REFERENCES reconciliation,
  link_id       TEXT NOT NULL,
  customer_id   TEXT NOT NULL,
  ticket_id     INTEGER NOT NULL,
  delegation_id INTEGER NOT NULL,
  kind          TEXT NOT NULL,            -- 'ticket_gone', 'field_differs', …: desk/reconcile.hpp
  about         TEXT NOT NULL,            -- of the kind: the field, the delivery, the supplier's event
  ours          TEXT NOT NULL,            -- what the hub believes, cut
  theirs        TEXT NOT NULL,            -- what the supplier has, cut
  note          TEXT NOT NULL,
  repair        TEXT NOT NULL CHECK (repair IN ('none', 'recreate', 'send', 'restore', 'take')),
  proposed      INTEGER NOT NULL CHECK (proposed IN (0, 1)),  -- 0: only if somebody names it
  undoable      INTEGER NOT NULL CHECK (undoable IN (0, 1)),
  was           TEXT NOT NULL DEFAULT '', -- undoable: the member of the document before the repair
  state         TEXT NOT NULL DEFAULT 'found'
    CHECK (state IN ('found', 'ordered', 'applied', 'skipped', 'undo_ordered', 'undone', 'kept')),
  outcome       TEXT NOT NULL DEFAULT '',
  actor         TEXT NOT NULL DEFAULT '', -- who ordered it
  changed_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX drift_run ON drift (run_id, drift_id);
CREATE INDEX drift_ordered ON drift (link_id, delegation_id) WHERE state = 'ordered' OR state = 'undo_ordered';

-- What was told of one ticket of a supplier.
CREATE INDEX inbound_event_external ON inbound_event (link_id, external_id);
