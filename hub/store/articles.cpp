#include "store/articles.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "store/spaced.hpp"

namespace ombud {
namespace {

// Without the text: lists do not need it.
#define OMBUD_ARTICLE_COLUMNS                                                            \
  "a.article_id, a.state, a.version, a.published, a.helpful, a.unhelpful, a.created_at," \
  " t.text_id, t.version, t.at, t.actor, t.title, t.summary, t.language, t.services, t.audience"
#define OMBUD_ARTICLE_SHOWN                                                              \
  " t.article_id = a.article_id AND t.version = CASE WHEN $1 = 1 THEN a.published ELSE " \
  "a.version END AND ($1 = 0 OR a.state = 'published')"
#define OMBUD_ARTICLE_TENANT                                         \
  " ($tenant IS NULL OR t.audience = 'all' OR EXISTS (SELECT 1 FROM" \
  " article_customer c WHERE c.text_id = t.text_id AND c.customer_id = $tenant))"
#define OMBUD_ARTICLE_FILTER                                                                      \
  " AND ($2 IS NULL OR a.state = $2) AND ($3 IS NULL OR instr(t.services, ' ' || $3 || ' ') > 0)" \
  " AND" OMBUD_ARTICLE_TENANT

constexpr Sql kFind{"SELECT " OMBUD_ARTICLE_COLUMNS
                    ", t.text FROM article a JOIN article_text t ON" OMBUD_ARTICLE_SHOWN
                    " WHERE a.article_id = $2 AND" OMBUD_ARTICLE_TENANT};
constexpr Sql kList{
    "SELECT " OMBUD_ARTICLE_COLUMNS " FROM article a JOIN article_text t ON" OMBUD_ARTICLE_SHOWN
    " WHERE 1" OMBUD_ARTICLE_FILTER
    " AND ($5 IS NULL OR (t.language <> coalesce($4, t.language), -t.at, -a.article_id)"
    " > ($5, -$6, -$7))"
    " ORDER BY t.language <> coalesce($4, t.language), t.at DESC, a.article_id DESC LIMIT $8"};
constexpr Sql kSearch{
    "SELECT " OMBUD_ARTICLE_COLUMNS
    " FROM article_search s JOIN article_text t ON t.text_id = s.rowid"
    " JOIN article a ON" OMBUD_ARTICLE_SHOWN " WHERE article_search MATCH $5" OMBUD_ARTICLE_FILTER
    " ORDER BY t.language <> coalesce($4, t.language), bm25(article_search, 10.0, 4.0, 1.0)"
    " LIMIT $6"};
constexpr Sql kCustomers{
    "SELECT customer_id FROM article_customer WHERE text_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY customer_id"};
constexpr Sql kForOthers{
    "SELECT 1 FROM article a JOIN article_text t ON t.article_id = a.article_id"
    " AND (t.version = a.version OR t.version = a.published) WHERE a.article_id = $1"
    " AND (t.audience = 'all' OR EXISTS (SELECT 1 FROM article_customer c"
    " WHERE c.text_id = t.text_id AND c.customer_id <> $2)) LIMIT 1"
    " -- all tenants: asks whether there are others, and says no more"};

constexpr Sql kAdd{"INSERT INTO article (state, version, created_at) VALUES ('draft', 0, $1)"};
constexpr Sql kNewest{"UPDATE article SET version = $2 WHERE article_id = $1"};
constexpr Sql kAddText{
    "INSERT INTO article_text (article_id, version, at, actor, title, summary, text, language,"
    " services, audience) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr Sql kAddCustomer{
    "INSERT INTO article_customer (text_id, customer_id) SELECT $1, $2"
    " WHERE $tenant IS NULL OR $2 = $tenant"};
constexpr Sql kState{"UPDATE article SET state = $2, published = $3 WHERE article_id = $1"};
constexpr Sql kIndex{
    "INSERT INTO article_search (rowid, title, summary, text) VALUES ($1, $2, $3, $4)"};
// Texts that are neither the newest nor the published one are found no longer.
constexpr Sql kForget{
    "DELETE FROM article_search WHERE rowid IN (SELECT t.text_id FROM article_text t"
    " JOIN article a ON a.article_id = t.article_id"
    " WHERE t.article_id = $1 AND t.version <> a.version AND t.version <> a.published)"};

constexpr Sql kTexts{
    "SELECT t.text_id, t.version, t.at, t.actor, t.title, t.summary, t.language, t.services,"
    " t.audience FROM article_text t WHERE t.article_id = $1 AND" OMBUD_ARTICLE_TENANT
    " ORDER BY t.version DESC"};
constexpr Sql kText{
    "SELECT t.text_id, t.version, t.at, t.actor, t.title, t.summary, t.language, t.services,"
    " t.audience, t.text FROM article_text t WHERE t.article_id = $1 AND t.version = $2"
    " AND" OMBUD_ARTICLE_TENANT};

constexpr Sql kRate{
    "INSERT INTO article_feedback (article_id, actor, helpful, at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (article_id, actor) DO UPDATE SET helpful = $3, at = $4"};
constexpr Sql kCount{
    "UPDATE article SET helpful = (SELECT count(*) FROM article_feedback f WHERE f.article_id = $1"
    " AND f.helpful = 1), unhelpful = (SELECT count(*) FROM article_feedback f"
    " WHERE f.article_id = $1 AND f.helpful = 0) WHERE article_id = $1"};
constexpr Sql kOwn{"SELECT helpful FROM article_feedback WHERE article_id = $1 AND actor = $2"};

ArticleText text_from(const Rows& row, int c) {
  ArticleText text;
  text.version = row.integer(c);
  text.at = row.instant(c + 1);
  text.actor = row.text(c + 2);
  text.title = row.text(c + 3);
  text.summary = row.text(c + 4);
  text.language = row.text(c + 5);
  text.services = parts_of(row.view(c + 6));
  text.audience = from_text<ArticleAudience>(row.view(c + 7)).value_or(ArticleAudience::customers);
  return text;
}

struct Found {
  Article article;
  std::int64_t text_id = 0;
};

Found article_from(const Rows& row) {
  Found found;
  Article& a = found.article;
  a.id = {row.integer(0)};
  a.state = from_text<ArticleState>(row.view(1)).value_or(ArticleState::archived);
  a.version = row.integer(2);
  a.published = row.integer(3);
  a.helpful = row.integer(4);
  a.unhelpful = row.integer(5);
  a.created_at = row.instant(6);
  found.text_id = row.integer(7);
  a.shown = text_from(row, 8);
  return found;
}

std::vector<std::string> customers_of(Tx& tx, std::int64_t text_id) {
  std::vector<std::string> all;
  for (Rows rows = tx.query(kCustomers, text_id); rows.next();) all.push_back(rows.text(0));
  return all;
}

std::vector<Article> with_customers(Tx& tx, std::vector<Found> found) {
  std::vector<Article> all;
  for (Found& one : found) {
    if (one.article.shown.audience == ArticleAudience::customers) {
      one.article.shown.customers = customers_of(tx, one.text_id);
    }
    all.push_back(std::move(one.article));
  }
  return all;
}

std::vector<Found> found_by(Rows rows) {
  std::vector<Found> found;
  while (rows.next()) found.push_back(article_from(rows));
  return found;
}

int number_of(ArticleFace face) {
  return face == ArticleFace::published ? 1 : 0;
}

Param word_of(const std::optional<ArticleState>& state) {
  return state ? Param(to_text(*state)) : Param(std::nullopt);
}

void put_text(Tx& tx, ArticleId id, std::int64_t version, const ArticleText& text) {
  const std::string actor = tx.principal().actor();
  const std::int64_t text_id =
      tx.insert(kAddText, id, version, tx.at(), actor, text.title, text.summary, text.text,
                text.language, spaced(text.services), to_text(text.audience));
  for (const std::string& customer : text.customers) tx.run(kAddCustomer, text_id, customer);
  tx.run(kNewest, id, version);
  tx.run(kIndex, text_id, text.title, text.summary, text.text);
  tx.run(kForget, id);
}

// Every word quoted, so that nothing in it is an operator; each stands for its beginning too.
std::string expression_of(const std::vector<std::string>& words, std::string_view between) {
  std::string expression;
  for (const std::string& word : words) {
    if (!expression.empty()) expression += between;
    expression += '"' + word + "\"*";
  }
  return expression;
}

}  // namespace

std::optional<Article> find_article(Tx& tx, ArticleId id, ArticleFace face) {
  Found found;
  {
    Rows rows = tx.query(kFind, number_of(face), id);
    if (!rows.next()) return std::nullopt;
    found = article_from(rows);
    found.article.shown.text = rows.text(16);
  }
  std::vector<Found> one;
  one.push_back(std::move(found));
  return std::move(with_customers(tx, std::move(one)).front());
}

bool article_concerns_others(Tx& tx, ArticleId id, std::string_view customer) {
  return tx.query(kForOthers, id, customer).next();
}

ArticleId add_article(Tx& tx, const ArticleText& text) {
  const ArticleId id{tx.insert(kAdd, tx.at())};
  put_text(tx, id, 1, text);
  return id;
}

void add_article_text(Tx& tx, const Article& article, const ArticleText& text) {
  put_text(tx, article.id, article.version + 1, text);
}

void set_article_state(Tx& tx, ArticleId id, ArticleState state, std::int64_t published) {
  const auto changed = tx.run(kState, id, to_text(state), published);
  OMBUD_ASSERT(changed == 1);
  tx.run(kForget, id);
}

std::vector<Article> list_articles(Tx& tx, const ArticleFilter& f,
                                   const std::optional<ArticleKey>& after, int limit) {
  const Param other = after ? Param(after->other_language) : Param(std::nullopt);
  const ArticleKey from = after.value_or(ArticleKey{});
  return with_customers(
      tx, found_by(tx.query(kList, number_of(f.face), word_of(f.state), or_null(f.service),
                            or_null(f.language), other, from.at, from.id, limit)));
}

std::vector<Article> search_articles(Tx& tx, const ArticleFilter& f, std::string_view text,
                                     int limit) {
  constexpr std::size_t kWordsMax = 32;
  auto words = tx.words_of(text);
  if (words.size() > kWordsMax) words.resize(kWordsMax);
  if (words.empty()) return {};
  std::vector<Found> found;
  for (const std::string_view between : {" ", " OR "}) {
    const std::string expression = expression_of(words, between);
    found = found_by(tx.query(kSearch, number_of(f.face), word_of(f.state), or_null(f.service),
                              or_null(f.language), expression, limit));
    if (!found.empty()) break;
  }
  return with_customers(tx, std::move(found));
}

std::vector<ArticleText> texts_of_article(Tx& tx, ArticleId id) {
  std::vector<std::pair<std::int64_t, ArticleText>> found;
  for (Rows rows = tx.query(kTexts, id); rows.next();) {
    found.emplace_back(rows.integer(0), text_from(rows, 1));
  }
  std::vector<ArticleText> all;
  for (auto& [text_id, text] : found) {
    text.customers = customers_of(tx, text_id);
    all.push_back(std::move(text));
  }
  return all;
}

std::optional<ArticleText> find_article_text(Tx& tx, ArticleId id, std::int64_t version) {
  std::int64_t text_id = 0;
  ArticleText text;
  {
    Rows rows = tx.query(kText, id, version);
    if (!rows.next()) return std::nullopt;
    text_id = rows.integer(0);
    text = text_from(rows, 1);
    text.text = rows.text(9);
  }
  text.customers = customers_of(tx, text_id);
  return text;
}

void rate_article(Tx& tx, ArticleId id, bool helpful) {
  const std::string actor = tx.principal().actor();
  tx.run(kRate, id, actor, helpful, tx.at());
  tx.run(kCount, id);
}

std::optional<bool> own_rating(Tx& tx, ArticleId id) {
  const std::string actor = tx.principal().actor();
  Rows rows = tx.query(kOwn, id, actor);
  return rows.next() ? std::optional(rows.integer(0) != 0) : std::nullopt;
}

}  // namespace ombud
