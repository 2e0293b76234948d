-- As whom providers of OpenID Connect know an account. Issuer and subject together are what never changes (OpenID
-- Connect Core, 5.7); an e-mail address finds an account at most once, to make this row.

CREATE TABLE account_subject (
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account,
  provider   TEXT NOT NULL,               -- its id in ombud.toml, when he came last
  linked_at  INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (account_id, issuer)             -- one person is one subject there
) STRICT, WITHOUT ROWID;
