-- Who of the customer's people wrote a message; 0: none of them, or not known. Derived from the log.
ALTER TABLE message ADD COLUMN person_id INTEGER NOT NULL DEFAULT 0;
UPDATE message SET person_id = coalesce((SELECT CASE
      WHEN e.type = 'registered' THEN json_extract(e.data, '$.requester')
      WHEN e.actor LIKE 'user:%' THEN CAST(substr(e.actor, 6) AS INTEGER)
      ELSE 0 END
    FROM event e WHERE e.event_id = message.message_id), 0)
  WHERE party = 'user';

-- Counts the changes of an agreement: its ETag.
ALTER TABLE agreement ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
