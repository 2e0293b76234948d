-- Mails: what is known of each besides its bytes, and what was made of it.

ALTER TABLE mail_in ADD COLUMN mailbox TEXT NOT NULL DEFAULT '';      -- by which it came: 'lmtp', 'smtp', or a mailbox's name
ALTER TABLE mail_in ADD COLUMN sender TEXT NOT NULL DEFAULT '';       -- the address in From, lower case
ALTER TABLE mail_in ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_in ADD COLUMN subject TEXT NOT NULL DEFAULT '';
-- What a server that we trust found out about its sender; '': not looked at yet.
ALTER TABLE mail_in ADD COLUMN verdict TEXT NOT NULL DEFAULT ''
  CHECK (verdict = '' OR verdict = 'pass' OR verdict = 'fail' OR verdict = 'none');
ALTER TABLE mail_in ADD COLUMN spf TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_in ADD COLUMN dkim TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_in ADD COLUMN dmarc TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_in ADD COLUMN done_at INTEGER;
CREATE INDEX mail_in_sender ON mail_in (sender, received_at);

-- The messages that were made of mails. message_id is the event that added it.
CREATE TABLE mail_message (
  message_id  INTEGER PRIMARY KEY,
  ticket_id   INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  mail_id     INTEGER NOT NULL REFERENCES mail_in,
  person_id   INTEGER,                    -- whose word it is; NULL: nobody's that we know for sure
  sender      TEXT NOT NULL,              -- as the mail says
  sender_name TEXT NOT NULL,
  shown       TEXT,                       -- without quoted history and signature; NULL: equal to the text
  body        TEXT NOT NULL DEFAULT '',   -- block tree, JSON array; '': none
  signed      TEXT NOT NULL DEFAULT '' CHECK (signed = '' OR signed = 'smime' OR signed = 'openpgp'),
  encrypted   INTEGER NOT NULL DEFAULT 0 CHECK (encrypted IN (0, 1)),
  quiet       INTEGER NOT NULL DEFAULT 0 CHECK (quiet IN (0, 1)),  -- nobody gets a mail because of it
  at          INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_message_ticket ON mail_message (ticket_id, message_id);
CREATE INDEX mail_message_mail ON mail_message (mail_id);
CREATE INDEX mail_message_sender ON mail_message (sender, at);

-- Mails of the desk that did not arrive, as reports said (RFC 3464).
CREATE TABLE mail_bounce (
  bounce_id   INTEGER PRIMARY KEY,        -- the event mail_bounced
  ticket_id   INTEGER NOT NULL,
  customer_id TEXT NOT NULL,
  person_id   INTEGER,
  address     TEXT NOT NULL,              -- lower case
  delivery_id INTEGER NOT NULL,
  permanent   INTEGER NOT NULL CHECK (permanent IN (0, 1)),
  why         TEXT NOT NULL,
  at          INTEGER NOT NULL,
  cleared_at  INTEGER                     -- a mail from that address came after it
) STRICT;
CREATE INDEX mail_bounce_delivery ON mail_bounce (delivery_id);
CREATE INDEX mail_bounce_address ON mail_bounce (address, bounce_id) WHERE cleared_at IS NULL AND permanent = 1;
