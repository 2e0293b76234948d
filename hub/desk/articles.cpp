#include "desk/articles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "desk/markdown.hpp"
#include "store/directory.hpp"

namespace ombud::desk {
namespace {

ArticleFace face_for(const Tx& tx) {
  return tx.principal().inside() ? ArticleFace::newest : ArticleFace::published;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// An agent of one customer must not write, publish or take away what others read.
std::optional<Problem> needs_audience(const Tx& tx, bool concerns_others) {
  if (!tx.principal().tenant || !concerns_others) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "Other customers read this article, too: only who works for all of them may do "
                 "this.");
}

std::optional<Problem> check_audience(Tx& tx, const WriteArticle& request) {
  const bool named = request.audience == ArticleAudience::customers;
  if (named && request.customers.empty()) {
    return invalid("/customers",
                   "must name at least one customer; for all of them write "
                   "\"audience\":\"all\" and leave it out");
  }
  if (!named && !request.customers.empty()) {
    return invalid("/audience", "must be customers if some are named");
  }
  bool others = !named;
  for (const std::string& customer : request.customers) {
    if (!find_customer(tx, customer)) {
      return invalid("/customers", fmt::format("has \"{}\", who is no customer", customer));
    }
    others = others || customer != tx.principal().tenant.value_or(customer);
  }
  return needs_audience(tx, others);
}

std::optional<Problem> check_words(Tx& tx, const WriteArticle& request) {
  if (is_blank(request.title)) return invalid("/title", "must not be empty");
  if (is_blank(request.text)) return invalid("/text", "must not be empty");
  const std::pair<std::string_view, std::pair<const std::string&, std::size_t>> texts[] = {
      {"/title", {request.title, kArticleTitleBytesMax}},
      {"/summary", {request.summary, kArticleSummaryBytesMax}},
      {"/text", {request.text, kArticleTextBytesMax}}};
  for (const auto& [pointer, text] : texts) {
    if (text.first.size() > text.second) {
      return invalid(std::string(pointer), fmt::format("is longer than {} bytes", text.second));
    }
    if (!is_utf8(text.first)) return invalid(std::string(pointer), "is not UTF-8");
  }
  if (request.language != "sv" && request.language != "en") {
    return invalid("/language", "must be sv or en");
  }
  for (const std::string& service : request.services) {
    if (!find_service(tx, service)) {
      return invalid("/services", fmt::format("has \"{}\", which is no service", service));
    }
  }
  if (const auto blocks = markdown_blocks(request.text); !blocks) return blocks.error();
  return std::nullopt;
}

std::vector<std::string> unique(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

ArticleText text_of(const WriteArticle& request) {
  ArticleText text;
  text.title = request.title;
  text.summary = request.summary;
  text.text = request.text;
  text.language = request.language;
  text.services = unique(request.services);
  text.audience = request.audience;
  text.customers = unique(request.customers);
  return text;
}

// The article, if the principal may change it.
Result<Article> changeable(Tx& tx, ArticleId id) {
  if (auto refused = needs_desk(tx)) return *refused;
  auto article = find_article(tx, id, ArticleFace::newest);
  if (!article) return not_found("article");
  const auto& tenant = tx.principal().tenant;
  if (auto refused = needs_audience(tx, tenant && article_concerns_others(tx, id, *tenant))) {
    return *refused;
  }
  return *std::move(article);
}

}  // namespace

Result<Article> add_article(Tx& tx, const WriteArticle& request) {
  if (auto refused = needs_desk(tx)) return *refused;
  if (auto refused = check_words(tx, request)) return *refused;
  if (auto refused = check_audience(tx, request)) return *refused;
  return show_article(tx, ombud::add_article(tx, text_of(request)));
}

Result<Article> rewrite_article(Tx& tx, ArticleId id, const WriteArticle& request) {
  const auto article = changeable(tx, id);
  if (!article) return article.error();
  if (auto refused = check_words(tx, request)) return *refused;
  if (auto refused = check_audience(tx, request)) return *refused;
  add_article_text(tx, *article, text_of(request));
  return show_article(tx, id);
}

Result<Article> publish_article(Tx& tx, ArticleId id) {
  const auto article = changeable(tx, id);
  if (!article) return article.error();
  set_article_state(tx, id, ArticleState::published, article->version);
  return show_article(tx, id);
}

Result<Article> archive_article(Tx& tx, ArticleId id) {
  const auto article = changeable(tx, id);
  if (!article) return article.error();
  set_article_state(tx, id, ArticleState::archived, article->published);
  return show_article(tx, id);
}

Result<Article> show_article(Tx& tx, ArticleId id) {
  auto article = find_article(tx, id, face_for(tx));
  if (!article) return not_found("article");
  return *std::move(article);
}

Result<ArticleListing> list_articles(Tx& tx, const ListArticles& request) {
  const Principal& who = tx.principal();
  if (!who.inside() && !who.is_customer()) return not_found("list");
  ArticleFilter filter{face_for(tx), request.state, request.service, request.language};
  const int limit = std::clamp(request.limit, 1, kPageMax);
  ArticleListing listing;
  if (!request.words.empty()) {
    listing.articles = search_articles(tx, filter, request.words, limit);
    return listing;
  }
  listing.articles = ombud::list_articles(tx, filter, request.after, limit + 1);
  if (listing.articles.size() > static_cast<std::size_t>(limit)) {
    listing.articles.pop_back();
    const Article& last = listing.articles.back();
    const bool other = !request.language.empty() && last.shown.language != request.language;
    listing.next = ArticleKey{other, ms_of(last.shown.at), last.id};
  }
  return listing;
}

Result<std::vector<ArticleText>> article_versions(Tx& tx, ArticleId id) {
  if (auto refused = needs_inside(tx)) return *refused;
  if (!find_article(tx, id, ArticleFace::newest)) return not_found("article");
  return texts_of_article(tx, id);
}

Result<ArticleText> article_version(Tx& tx, ArticleId id, std::int64_t version) {
  if (auto refused = needs_inside(tx)) return *refused;
  if (!find_article(tx, id, ArticleFace::newest)) return not_found("article");
  auto text = find_article_text(tx, id, version);
  if (!text) return not_found("version");
  return *std::move(text);
}

Result<Article> rate_article(Tx& tx, ArticleId id, bool helpful) {
  const auto article = show_article(tx, id);
  if (!article) return article.error();
  if (article->state != ArticleState::published) {
    return conflict("Only a published article can be rated.");
  }
  ombud::rate_article(tx, id, helpful);
  return show_article(tx, id);
}

}  // namespace ombud::desk
