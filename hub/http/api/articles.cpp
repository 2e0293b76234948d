// Knowledge articles: everybody searches and reads what is published for him; agents write.
#include "desk/articles.hpp"

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"
#include "desk/markdown.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr std::string_view kLanguages[] = {"sv", "en"};
std::vector<std::string_view> language_words() {
  return {std::begin(kLanguages), std::end(kLanguages)};
}

// clang-format off
#define OMBUD_ARTICLE_MEMBERS                                                                  \
  {.name = "id", .shape = Shape::integer},                                                     \
  {.name = "title"},                                                                           \
  {.name = "summary"},                                                                         \
  {.name = "language", .words = language_words},                                               \
  {.name = "services", .shape = Shape::texts, .about = "Keys; none: about no certain one"},    \
  {.name = "state", .words = words_of<ArticleState>},                                          \
  {.name = "updated_at", .shape = Shape::time, .about = "When the text was written"},          \
  {.name = "helpful", .shape = Shape::integer, .about = "How many readers found it so"},       \
  {.name = "unhelpful", .shape = Shape::integer},                                              \
  {.name = "version", .shape = Shape::integer, .about = "Of the text shown; also its ETag"},   \
  {.name = "audience", .about = "Only to those inside, as all down to author",                 \
   .required = false, .words = words_of<ArticleAudience>},                                     \
  {.name = "customers", .shape = Shape::texts, .about = "Whom it is for", .required = false},  \
  {.name = "published_version", .shape = Shape::integer,                                       \
   .about = "Of the text that users read; behind version: what is newer is not published",     \
   .required = false},                                                                         \
  {.name = "author", .about = "Who wrote the text", .required = false}
// clang-format on
constexpr Member kArticleMembers[] = {OMBUD_ARTICLE_MEMBERS};
constexpr Schema kArticleSchema{"Article", kArticleMembers};

extern const Schema kBlockSchema;
const Member kBlockMembers[] = {
    {.name = "t",
     .about = "p, h, ul, ol, li, quote, code, hr, table, tr, th or td; text, em, strong, del, "
              "codespan, a or br"},
    {.name = "level", .shape = Shape::integer, .about = "Of h: 1 to 6", .required = false},
    {.name = "start", .shape = Shape::integer, .about = "Of ol", .required = false},
    {.name = "lang", .about = "Of code", .required = false},
    {.name = "href", .about = "Of a: http, https or mailto", .required = false},
    {.name = "v", .about = "Of text and codespan", .required = false},
    {.name = "c",
     .shape = Shape::many,
     .about = "What is inside",
     .required = false,
     .of = &kBlockSchema}};
const Schema kBlockSchema{"Block", kBlockMembers};

const Member kDetailMembers[] = {
    OMBUD_ARTICLE_MEMBERS,
    {.name = "text", .about = "CommonMark; only to those inside", .required = false},
    {.name = "blocks", .shape = Shape::many, .about = "The text as a tree", .of = &kBlockSchema},
    {.name = "yours",
     .shape = Shape::boolean,
     .about = "Whether you found it helpful; null: you have not said",
     .required = false}};
const Schema kDetailSchema{"ArticleDetail", kDetailMembers};

void write_text_members(json::Writer& out, const ArticleText& text, bool inside) {
  out.field("version", text.version);
  if (!inside) return;
  out.field("audience", to_text(text.audience));
  write_texts(out, "customers", text.customers);
}

void write_members(json::Writer& out, const Article& a, bool inside) {
  out.field("id", a.id.value).field("title", a.shown.title).field("summary", a.shown.summary);
  out.field("language", a.shown.language);
  write_texts(out, "services", a.shown.services);
  out.field("state", to_text(a.state));
  write_time(out, "updated_at", a.shown.at);
  out.field("helpful", a.helpful).field("unhelpful", a.unhelpful);
  write_text_members(out, a.shown, inside);
  if (!inside) return;
  out.key("published_version");
  if (a.published == 0) {
    out.null();
  } else {
    out.value(a.published);
  }
  out.field("author", a.shown.actor);
}

std::string blocks_of(const std::string& text) {
  const auto blocks = desk::markdown_blocks(text);
  OMBUD_ASSERT(blocks);  // what could not be read was not taken
  return *blocks;
}

Response detail(Tx& tx, const Article& article, unsigned status = 200) {
  const bool inside = tx.principal().inside();
  json::Writer out;
  out.begin_object();
  write_members(out, article, inside);
  if (inside) out.field("text", article.shown.text);
  out.key("blocks").raw(blocks_of(article.shown.text));
  out.field("yours", own_rating(tx, article.id)).end_object();
  Response response = json_response(out, status);
  response.header("ETag", etag_of(article.shown.version));
  return response;
}

Result<Response> answer(Tx& tx, const Result<Article>& article, unsigned status = 200) {
  if (!article) return article.error();
  Response response = detail(tx, *article, status);
  if (status == 201) {
    response.header("Location", "/api/v1/articles/" + std::to_string(article->id.value));
  }
  return response;
}

std::int64_t number_param(const Call& call, std::size_t index) {
  const std::string& text = call.params.at(index);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

ArticleId article_param(const Call& call) {
  return {number_param(call, 0)};
}

// --- Reading ------------------------------------------------------------------------------------

constexpr Member kListQuery[] = {
    {.name = "q",
     .about = "Words or their beginnings, the best match first, on one page",
     .required = false},
    {.name = "service", .about = "Only those about this one", .required = false},
    {.name = "language",
     .about = "What is written in it comes first",
     .required = false,
     .words = language_words},
    {.name = "state",
     .about = "Inside; users have only published ones",
     .required = false,
     .words = words_of<ArticleState>},
    kLimit,
    kCursor};

// "1-1795000000000-12", of the last one seen.
std::optional<ArticleKey> key_of(std::string_view cursor) {
  if (cursor.size() < 2 || (cursor[0] != '0' && cursor[0] != '1') || cursor[1] != '-') {
    return std::nullopt;
  }
  ArticleKey key;
  key.other_language = cursor[0] == '1';
  const char* end = cursor.data() + cursor.size();
  const auto at = std::from_chars(cursor.data() + 2, end, key.at);
  if (at.ec != std::errc() || at.ptr == end || *at.ptr != '-') return std::nullopt;
  const auto id = std::from_chars(at.ptr + 1, end, key.id.value);
  if (id.ec != std::errc() || id.ptr != end || key.at < 0 || key.id.value < 0) return std::nullopt;
  return key;
}

std::string text_of(const ArticleKey& key) {
  return (key.other_language ? "1-" : "0-") + std::to_string(key.at) + "-" +
         std::to_string(key.id.value);
}

Result<Response> list_all(Tx& tx, const Call& call) {
  desk::ListArticles request;
  const auto state = query_word<ArticleState>(call, "state");
  if (!state) return state.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  request.words = call.query.text("q");
  if (request.words.size() > kArticleQueryBytesMax) {
    return invalid("?q", "must be at most " + std::to_string(kArticleQueryBytesMax) + " bytes");
  }
  request.language = call.query.text("language");
  if (!request.language.empty() && request.language != "sv" && request.language != "en") {
    return invalid("?language", "must be sv or en");
  }
  request.state = *state;
  request.service = call.query.text("service");
  request.limit = *limit;
  if (call.query.has("cursor")) {
    request.after = key_of(call.query.text("cursor"));
    if (!request.after || !request.words.empty()) {
      return invalid("?cursor", "is not a cursor of this list; begin again without it");
    }
  }
  const auto listing = desk::list_articles(tx, request);
  if (!listing) return listing.error();
  json::Writer out;
  begin_items(out);
  for (const Article& article : listing->articles) {
    out.begin_object();
    write_members(out, article, call.principal.inside());
    out.end_object();
  }
  end_items(out, listing->next ? text_of(*listing->next) : std::string());
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  return answer(tx, desk::show_article(tx, article_param(call)));
}

// clang-format off
#define OMBUD_VERSION_MEMBERS                                                                  \
  {.name = "version", .shape = Shape::integer},                                                \
  {.name = "audience", .words = words_of<ArticleAudience>},                                    \
  {.name = "customers", .shape = Shape::texts},                                                \
  {.name = "at", .shape = Shape::time},                                                        \
  {.name = "author"},                                                                          \
  {.name = "title"},                                                                           \
  {.name = "summary"},                                                                         \
  {.name = "language", .words = language_words},                                               \
  {.name = "services", .shape = Shape::texts}
// clang-format on
constexpr Member kVersionMembers[] = {OMBUD_VERSION_MEMBERS};
constexpr Schema kVersionSchema{"ArticleVersion", kVersionMembers};
const Member kVersionDetailMembers[] = {
    OMBUD_VERSION_MEMBERS,
    {.name = "text"},
    {.name = "blocks", .shape = Shape::many, .of = &kBlockSchema}};
const Schema kVersionDetailSchema{"ArticleVersionDetail", kVersionDetailMembers};

void write_version(json::Writer& out, const ArticleText& text) {
  write_text_members(out, text, true);
  write_time(out, "at", text.at);
  out.field("author", text.actor).field("title", text.title).field("summary", text.summary);
  out.field("language", text.language);
  write_texts(out, "services", text.services);
}

Result<Response> list_versions(Tx& tx, const Call& call) {
  const auto versions = desk::article_versions(tx, article_param(call));
  if (!versions) return versions.error();
  json::Writer out;
  begin_items(out);
  for (const ArticleText& text : *versions) {
    out.begin_object();
    write_version(out, text);
    out.end_object();
  }
  end_items(out, {});
  return json_response(out);
}

Result<Response> read_version(Tx& tx, const Call& call) {
  const auto text = desk::article_version(tx, article_param(call), number_param(call, 1));
  if (!text) return text.error();
  json::Writer out;
  out.begin_object();
  write_version(out, *text);
  out.field("text", text->text).key("blocks").raw(blocks_of(text->text)).end_object();
  return json_response(out);
}

// --- Writing ------------------------------------------------------------------------------------

constexpr Member kWriteMembers[] = {
    {.name = "title"},
    {.name = "summary", .about = "One or two sentences, for lists", .required = false},
    {.name = "text", .about = "CommonMark with tables, without HTML"},
    {.name = "language", .required = false, .words = language_words},
    {.name = "services", .shape = Shape::texts, .about = "Keys", .required = false},
    {.name = "audience",
     .about = "all, if it is left out",
     .required = false,
     .words = words_of<ArticleAudience>},
    {.name = "customers",
     .shape = Shape::texts,
     .about = "Keys of those who may read it, for the audience customers",
     .required = false}};
constexpr Schema kWriteSchema{"WriteArticle", kWriteMembers};

Result<desk::WriteArticle> article_of(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::WriteArticle request;
  request.title = in.text("title", {.required = true, .bytes_max = kArticleTitleBytesMax});
  request.summary =
      in.text("summary", {.bytes_max = kArticleSummaryBytesMax, .blank_allowed = true});
  request.text = in.text("text", {.required = true, .bytes_max = kArticleTextBytesMax});
  request.language = language_text(in);
  request.services = in.texts("services", kArticleServicesMax, {.bytes_max = 64});
  request.customers = in.texts("customers", kArticleCustomersMax, {.bytes_max = 64});
  const auto audience = maybe_word<ArticleAudience>(in, "audience");
  request.audience = audience.value_or(request.customers.empty() ? ArticleAudience::all
                                                                 : ArticleAudience::customers);
  if (auto refused = in.finish()) return *refused;
  return request;
}

Result<Work> add_one(const Call& call) {
  auto request = article_of(call);
  if (!request) return request.error();
  return Work([request = *std::move(request)](Tx& tx) {
    return answer(tx, desk::add_article(tx, request), 201);
  });
}

// Refused if it has got another text since it was read.
std::optional<Problem> if_unchanged(Tx& tx, const Call& call) {
  const auto versions = if_match(call);
  if (!versions) return std::nullopt;
  const auto article = desk::show_article(tx, article_param(call));
  if (!article) return article.error();
  if (std::find(versions->begin(), versions->end(), article->version) != versions->end()) {
    return std::nullopt;
  }
  return problem(ProblemKind::stale, "The article was changed in the meantime; it is at version " +
                                         std::to_string(article->version) +
                                         ". Read it again and repeat the change.");
}

Result<Work> rewrite_one(const Call& call) {
  auto request = article_of(call);
  if (!request) return request.error();
  return Work([&call, request = *std::move(request)](Tx& tx) -> Result<Response> {
    if (auto refused = if_unchanged(tx, call)) return *refused;
    return answer(tx, desk::rewrite_article(tx, article_param(call), request));
  });
}

constexpr char kPublished[] = "article.published", kArchived[] = "article.archived";

template <auto action, const char* type>
Result<Work> act(const Call& call) {
  if (auto refused = read_nothing(call)) return *refused;
  return Work([&call](Tx& tx) -> Result<Response> {
    if (auto refused = if_unchanged(tx, call)) return *refused;
    const auto article = action(tx, article_param(call));
    if (article) audit_act(tx, type, "article", call.params.at(0), {});
    return answer(tx, article);
  });
}

constexpr Member kFeedbackMembers[] = {{.name = "helpful", .shape = Shape::boolean}};
constexpr Schema kFeedbackSchema{"ArticleFeedback", kFeedbackMembers};

Result<Work> rate_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  if (!in.has("helpful")) in.refuse("helpful", "is required");
  const bool helpful = in.boolean("helpful", false);
  if (auto refused = in.finish()) return *refused;
  return Work([&call, helpful](Tx& tx) {
    return answer(tx, desk::rate_article(tx, article_param(call), helpful));
  });
}

}  // namespace

void declare_articles(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/articles",
              .id = "list_articles",
              .needs = Permission::article_read,
              .tag = "articles",
              .summary = "Search knowledge articles; to users: what is published for them",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kArticleSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/articles",
              .id = "add_article",
              .needs = Permission::article_write,
              .tag = "articles",
              .summary = "Write an article; users read it when it is published",
              .handler = &add_one,
              .body = &kWriteSchema,
              .answer = &kDetailSchema,
              .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/articles/{article}",
              .id = "read_article",
              .needs = Permission::article_read,
              .tag = "articles",
              .summary = "Read an article; inside: its newest text",
              .handler = &read_one,
              .answer = &kDetailSchema});
  router.add({.method = Method::put,
              .path = "/api/v1/articles/{article}",
              .id = "rewrite_article",
              .needs = Permission::article_write,
              .tag = "articles",
              .summary = "Write a new text; users read it when it is published",
              .handler = &rewrite_one,
              .body = &kWriteSchema,
              .answer = &kDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/articles/{article}/publish",
              .id = "publish_article",
              .needs = Permission::article_publish,
              .tag = "articles",
              .summary = "Users read its newest text from now on",
              .handler = &act<&desk::publish_article, kPublished>,
              .body = &kNothingSchema,
              .answer = &kDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/articles/{article}/archive",
              .id = "archive_article",
              .needs = Permission::article_publish,
              .tag = "articles",
              .summary = "Users read it no longer",
              .handler = &act<&desk::archive_article, kArchived>,
              .body = &kNothingSchema,
              .answer = &kDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/articles/{article}/feedback",
              .id = "rate_article",
              .needs = Permission::article_read,
              .tag = "articles",
              .summary = "Say whether it helped; a later word replaces yours",
              .handler = &rate_one,
              .body = &kFeedbackSchema,
              .answer = &kDetailSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/articles/{article}/versions",
              .id = "list_article_versions",
              .needs = Permission::article_write,
              .tag = "articles",
              .summary = "Every text it has had, the newest first",
              .handler = &list_versions,
              .answer = &kVersionSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/articles/{article}/versions/{version}",
              .id = "read_article_version",
              .needs = Permission::article_write,
              .tag = "articles",
              .summary = "One of its texts",
              .handler = &read_version,
              .answer = &kVersionDetailSchema});
}

}  // namespace ombud::http
