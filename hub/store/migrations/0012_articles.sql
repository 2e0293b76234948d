-- Knowledge articles: what users and the desk's own people read to help themselves.

CREATE TABLE article (
  article_id INTEGER PRIMARY KEY,
  state      TEXT NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
  version    INTEGER NOT NULL,             -- of the newest text
  published  INTEGER NOT NULL DEFAULT 0,   -- version of the text that users read; 0: none ever
  helpful    INTEGER NOT NULL DEFAULT 0,   -- counted from article_feedback
  unhelpful  INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

-- Every text that an article has had. Only ever added to.
CREATE TABLE article_text (
  text_id    INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES article,
  version    INTEGER NOT NULL,             -- 1, 2, 3 … within the article
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  title      TEXT NOT NULL,
  summary    TEXT NOT NULL,
  text       TEXT NOT NULL,                -- CommonMark
  language   TEXT NOT NULL CHECK (language IN ('sv', 'en')),
  services   TEXT NOT NULL,                -- keys, each with a space before and after
  audience   TEXT NOT NULL CHECK (audience IN ('all', 'customers')),
  UNIQUE (article_id, version)
) STRICT;

-- For which customers a text is, if not for all.
CREATE TABLE article_customer (
  text_id     INTEGER NOT NULL REFERENCES article_text,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (text_id, customer_id)
) STRICT, WITHOUT ROWID;

-- One word from each, the last one counts.
CREATE TABLE article_feedback (
  article_id INTEGER NOT NULL REFERENCES article,
  actor      TEXT NOT NULL,
  helpful    INTEGER NOT NULL CHECK (helpful IN (0, 1)),
  at         INTEGER NOT NULL,
  PRIMARY KEY (article_id, actor)
) STRICT, WITHOUT ROWID;

-- The newest and the published text of each article; rowid = text_id.
CREATE VIRTUAL TABLE article_search USING fts5 (
  title, summary, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

-- The desk's own notices (link_id '') may be for all customers, also those that come later.
ALTER TABLE notice ADD COLUMN for_all INTEGER NOT NULL DEFAULT 0 CHECK (for_all IN (0, 1));
