// The mails in corpus/, byte for byte.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ombud::test {

inline std::filesystem::path corpus_folder() {
  const char* source = std::getenv("OMBUD_SOURCE");
  return std::filesystem::path(source == nullptr ? "." : source) /
         "tests/hub/channel/mail/mime/corpus";
}

inline std::string corpus_mail(const std::string& name) {
  std::ifstream file(corpus_folder() / (name + ".eml"), std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline std::vector<std::string> corpus_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(corpus_folder())) {
    if (entry.path().extension() == ".eml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ombud::test
