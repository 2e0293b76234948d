#include "cli/letter_files.hpp"

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

}  // namespace ombud::cli
