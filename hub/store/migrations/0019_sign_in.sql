-- What a review of signing in asked for.

-- No token that somebody made for himself is good for ever: those of before end after 366 days, too.
UPDATE account_token SET expires_at = created_at + 31622400000
  WHERE expires_at IS NULL OR expires_at > created_at + 31622400000;

-- By which provider of OpenID Connect a session was opened (its id in ombud.toml; '': by a password), and the ID token
-- by which that one knows whom to sign out ('': it was too long to keep).
ALTER TABLE session ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN id_token TEXT NOT NULL DEFAULT '';

-- States of sign-ins by a provider that have come back, until they would be too old anyway: none counts twice, also
-- when the hub is started anew in between.
CREATE TABLE used_state (
  used_state_id INTEGER PRIMARY KEY,
  state_hash    TEXT NOT NULL UNIQUE,
  expires_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX used_state_expiry ON used_state (expires_at);
