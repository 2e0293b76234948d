// Knowledge articles with every text they have had, and what readers thought of them. The rules are
// in desk/articles.hpp. Scoped to the principal's tenant by the audience of the text that is shown:
// an article for other customers is not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/article.hpp"
#include "store/store.hpp"

namespace ombud {

struct ArticleText {
  std::int64_t version = 0;
  Instant at;
  std::string actor, title, summary, text, language = "sv";
  std::vector<std::string> services;  // keys
  ArticleAudience audience = ArticleAudience::all;
  std::vector<std::string> customers;  // keys, of those that the principal may know
};
struct Article {
  ArticleId id;
  ArticleState state = ArticleState::draft;
  std::int64_t version = 0;    // of the newest text
  std::int64_t published = 0;  // of the text that users read; 0: none
  std::int64_t helpful = 0, unhelpful = 0;
  Instant created_at;
  ArticleText shown;
};
// Which of its texts is looked at. `published`: only articles that are published now.
enum class ArticleFace { newest, published };

std::optional<Article> find_article(Tx& tx, ArticleId id, ArticleFace face);
// True if its newest or its published text is for any customer but this one.
bool article_concerns_others(Tx& tx, ArticleId id, std::string_view customer);

// Version, time and actor of the text follow from the transaction.
ArticleId add_article(Tx& tx, const ArticleText& text);
void add_article_text(Tx& tx, const Article& article, const ArticleText& text);
void set_article_state(Tx& tx, ArticleId id, ArticleState state, std::int64_t published);

struct ArticleFilter {
  ArticleFace face = ArticleFace::published;
  std::optional<ArticleState> state;
  std::string service;   // empty: any
  std::string language;  // what is in it comes first; empty: no preference
};
struct ArticleKey {
  bool other_language = false;
  std::int64_t at = 0;
  ArticleId id;
};
// The newest text first; `after`: the last one seen. There are some thousands of articles at most,
// so these walk through all of them.
std::vector<Article> list_articles(Tx& tx, const ArticleFilter& filter,
                                   const std::optional<ArticleKey>& after, int limit);
// The best match first: articles with all these words (or their beginnings); if there is none, with
// any of them.
std::vector<Article> search_articles(Tx& tx, const ArticleFilter& filter, std::string_view words,
                                     int limit);

// Every text of an article that the principal may see, the newest first, without the text itself.
std::vector<ArticleText> texts_of_article(Tx& tx, ArticleId id);
std::optional<ArticleText> find_article_text(Tx& tx, ArticleId id, std::int64_t version);

// The principal's word on it; a later one replaces it.
void rate_article(Tx& tx, ArticleId id, bool helpful);
std::optional<bool> own_rating(Tx& tx, ArticleId id);

}  // namespace ombud
