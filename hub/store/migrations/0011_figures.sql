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
