-- Notices that are planned, and those that are withdrawn and published again.

-- Whoever was told of an edition is told of the next one too: published again with other words.
ALTER TABLE notice ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;
-- Of one that was planned: told once more when it begins.
ALTER TABLE notice ADD COLUMN tell_start INTEGER NOT NULL DEFAULT 0 CHECK (tell_start IN (0, 1));

-- notification.event_id of a notice: 4 * (edition - 1) + phase.
CREATE TABLE broadcast_of_edition (
  notice_id   INTEGER NOT NULL REFERENCES notice,
  customer_id TEXT NOT NULL,
  edition     INTEGER NOT NULL,
  phase       INTEGER NOT NULL CHECK (phase IN (1, 2, 3)),   -- 1: it began or is planned, 2: it is over, 3: what was planned begins
  planned     INTEGER NOT NULL DEFAULT 0 CHECK (planned IN (0, 1)),  -- phase 1: it had not begun yet
  after       INTEGER NOT NULL DEFAULT 0, -- the last person who was told
  state       TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'stopped')),  -- stopped: it was withdrawn before all had heard of it
  PRIMARY KEY (notice_id, customer_id, edition, phase)
) STRICT, WITHOUT ROWID;
INSERT INTO broadcast_of_edition (notice_id, customer_id, edition, phase, after, state)
  SELECT notice_id, customer_id, 1, phase, after, CASE done WHEN 1 THEN 'done' ELSE 'open' END FROM broadcast;
DROP TABLE broadcast;
ALTER TABLE broadcast_of_edition RENAME TO broadcast;
CREATE INDEX broadcast_open ON broadcast (notice_id, edition, phase, customer_id) WHERE state = 'open';

-- What still waits for somebody who is erased is found by him.
CREATE INDEX lane_person ON lane (person_id) WHERE person_id <> 0;
