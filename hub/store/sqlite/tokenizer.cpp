#include "store/sqlite/tokenizer.hpp"

#include "store/store.hpp"

namespace ombud::sqlite {
namespace {

// https://www.sqlite.org/fts5.html#extending_fts5
fts5_api* api_of(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* ask = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &ask, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(ask, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(ask);
  }
  sqlite3_finalize(ask);
  return api;
}

}  // namespace

Tokenizer::Tokenizer(sqlite3* db) {
  fts5_api* api = api_of(db);
  void* user_data = nullptr;
  const char* options[] = {"remove_diacritics", "2"};
  if (api == nullptr ||
      api->xFindTokenizer(api, "unicode61", &user_data, &functions_) != SQLITE_OK ||
      functions_.xCreate(user_data, options, 2, &tokenizer_) != SQLITE_OK) {
    throw StoreError("This SQLite has no FTS5 with the tokenizer unicode61.");
  }
}

Tokenizer::~Tokenizer() {
  functions_.xDelete(tokenizer_);
}

std::vector<std::string> Tokenizer::words_of(std::string_view text) const {
  std::vector<std::string> words;
  const auto take = [](void* all, int, const char* word, int bytes, int, int) {
    static_cast<std::vector<std::string>*>(all)->emplace_back(word,
                                                              static_cast<std::size_t>(bytes));
    return SQLITE_OK;
  };
  functions_.xTokenize(tokenizer_, &words, FTS5_TOKENIZE_QUERY, text.data(),
                       static_cast<int>(text.size()), take);
  return words;
}

}  // namespace ombud::sqlite
