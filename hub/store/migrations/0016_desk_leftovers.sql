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

-- With what lists filter by: what does not match costs no look at its ticket. A period of registration is found by
-- ticket_figures, which begins like ticket_created and holds more.
DROP INDEX ticket_created;
DROP INDEX ticket_updated;
CREATE INDEX ticket_updated ON ticket (updated_at, ticket_id, team_id, service_id, kind, created_at);
DROP INDEX ticket_status;
CREATE INDEX ticket_status ON ticket (status, updated_at, ticket_id, team_id, service_id, kind);
DROP INDEX ticket_customer;
CREATE INDEX ticket_customer ON ticket (customer_id, updated_at, ticket_id, status, team_id, service_id, kind);
DROP INDEX ticket_priority;
CREATE INDEX ticket_priority ON ticket (priority_rank, ticket_id, status, team_id, agent_id, customer_id, service_id,
  kind);
