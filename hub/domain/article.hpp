// Knowledge articles: the words for their states and whom they are for.
#pragma once

#include <cstddef>

#include "domain/ids.hpp"
#include "domain/words.hpp"

namespace ombud {

using ArticleId = Id<struct ArticleTag>;

enum class ArticleState {
  draft,      // users have never read it
  published,  // users read its published text
  archived,   // users read it no longer
};
enum class ArticleAudience { all, customers };  // all customers, or those that are named

template <>
inline constexpr std::array kWords<ArticleState>{
    std::pair{ArticleState::draft, std::string_view("draft")},
    std::pair{ArticleState::published, std::string_view("published")},
    std::pair{ArticleState::archived, std::string_view("archived")}};
template <>
inline constexpr std::array kWords<ArticleAudience>{
    std::pair{ArticleAudience::all, std::string_view("all")},
    std::pair{ArticleAudience::customers, std::string_view("customers")}};

inline constexpr std::size_t kArticleTitleBytesMax = 255;
inline constexpr std::size_t kArticleSummaryBytesMax = 1024;
inline constexpr std::size_t kArticleTextBytesMax = 128U << 10U;
inline constexpr std::size_t kArticleServicesMax = 100;
inline constexpr std::size_t kArticleCustomersMax = 1000;
inline constexpr std::size_t kArticleQueryBytesMax = 512;

}  // namespace ombud
