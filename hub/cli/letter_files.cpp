#include "cli/letter_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "notify/letters/built_in.hpp"

namespace ombud::cli {

std::shared_ptr<const notify::LetterBook> read_letters(const Settings& settings) {
  const std::string name = (settings.file.parent_path() / "letters").string();
  std::vector<notify::LetterFinding> findings;
  const notify::LetterFiles files = notify::read_letter_files(settings.letters_dir, name, findings);
  notify::LetterPolicy policy;
  policy.quote_last = settings.mail_out.quote_last;
  policy.link_days = settings.mail_out.link_days;
  return std::make_shared<const notify::LetterBook>(policy, files, name, std::move(findings));
}

std::vector<notify::LetterFinding> half_changed_letters(const Settings& settings) {
  const std::string name = (settings.file.parent_path() / "letters").string();
  std::vector<notify::LetterFinding> told_already, found;
  const auto own = notify::read_letter_files(settings.letters_dir, name, told_already);
  const auto& built_in = notify::built_in_letters();
  const auto is_built_in = [&](const std::string& file) {
    const auto ours = built_in.find(file.substr(file.find('/') + 1));
    return ours != built_in.end() && ours->second == own.at(file);
  };
  constexpr std::string_view kText = ".txt", kHtml = ".html";
  for (const auto& [file, text] : own) {
    if (!file.ends_with(kText)) continue;
    const std::string html = file.substr(0, file.size() - kText.size()) + std::string(kHtml);
    if (!own.contains(html) || is_built_in(file) == is_built_in(html)) continue;
    const bool text_is_mine = !is_built_in(file);
    const std::string& old = text_is_mine ? html : file;
    found.push_back(
        {fmt::format("{}/{}", name, old), 0,
         fmt::format("is the built-in one word for word, and {} beside it is yours: "
                     "most people read the {}; change it too{}",
                     std::filesystem::path(text_is_mine ? file : html).filename().string(),
                     text_is_mine ? "HTML" : "HTML, some the text",
                     text_is_mine ? ", or remove it: then it is made from the text" : ""),
         true});
  }
  return found;
}

std::vector<std::string> letter_customers(const Settings& settings) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(settings.letters_dir, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory(error) && name != "default") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ombud::cli
