-- Mails that came more than once, by another way or to another address.

-- Digest of what the sender wrote, which no server on the way changes; '': came before this was kept.
ALTER TABLE mail_in ADD COLUMN content TEXT NOT NULL DEFAULT '';
-- Where in a mailbox it lay: place, UIDVALIDITY and UID; '': it was handed in.
ALTER TABLE mail_in ADD COLUMN transport TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_in ADD COLUMN copy_of INTEGER REFERENCES mail_in;
CREATE INDEX mail_in_content ON mail_in (content) WHERE content <> '';
CREATE INDEX mail_in_transport ON mail_in (transport) WHERE transport <> '';

-- The refresh token that a provider gave in place of the operator's, sealed with that one.
CREATE TABLE mailbox_token (
  name   TEXT PRIMARY KEY,
  sealed TEXT NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
