// Use cases of knowledge articles. Agents write them; every text is kept. Users read the text that
// was published last, while the article is published and its audience has their organisation; the
// desk's people read the newest one. An agent of one customer writes only for that customer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/articles.hpp"

namespace ombud::desk {

struct WriteArticle {
  std::string title, summary;
  std::string text;  // CommonMark (desk/markdown.hpp)
  std::string language = "sv";
  std::vector<std::string> services;
  ArticleAudience audience = ArticleAudience::all;
  std::vector<std::string> customers;  // for ArticleAudience::customers: at least one
};

Result<Article> add_article(Tx& tx, const WriteArticle& request);
// A new text, which users do not read before it is published.
Result<Article> rewrite_article(Tx& tx, ArticleId id, const WriteArticle& request);
// Users read the newest text from now on.
Result<Article> publish_article(Tx& tx, ArticleId id);
// Users read it no longer; publishing brings it back.
Result<Article> archive_article(Tx& tx, ArticleId id);

Result<Article> show_article(Tx& tx, ArticleId id);  // as the principal may see it

struct ListArticles {
  std::string words;  // empty: all, the newest first; else the best matches
  std::optional<ArticleState> state;
  std::string service, language;
  std::optional<ArticleKey> after;  // not with words
  int limit = 25;
};
struct ArticleListing {
  std::vector<Article> articles;
  std::optional<ArticleKey> next;
};
Result<ArticleListing> list_articles(Tx& tx, const ListArticles& request);

// Inside only: every text it has had, the newest first; and one of them.
Result<std::vector<ArticleText>> article_versions(Tx& tx, ArticleId id);
Result<ArticleText> article_version(Tx& tx, ArticleId id, std::int64_t version);

// The principal found it helpful, or not; he may change his mind.
Result<Article> rate_article(Tx& tx, ArticleId id, bool helpful);

}  // namespace ombud::desk
