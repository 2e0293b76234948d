// All letters of one configuration: the built-in ones, and above them the operator's own files.
//
//   config/letters/<customer or "default">/<sv or en>/<kind>.txt    first line "Subject: …"
//                                                    /<kind>.html   may be left out: made of the
//                                                    text /ending.txt, ending.html   below every
//                                                    letter
//   config/letters/<customer or "default">/layout.html              the frame around the HTML
//
// The first of customer, default and built in that is there and has no mistake is used, so a broken
// file never stops a mail.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "notify/letters/letter.hpp"
#include "notify/letters/template.hpp"

namespace ombud::notify {

// Texts by their path below the folder: "acme/sv/replied.txt"; of built-in ones "sv/replied.txt".
using LetterFiles = std::map<std::string, std::string>;

struct LetterPolicy {
  bool quote_last = true;  // below a letter stands what the person wrote last
  int link_days = 30;      // how long links to files are good
};

struct LetterFinding {
  std::string file;  // as it was named when it was read
  int line = 0;      // 0: the file as a whole
  std::string detail;
  bool in_use = false;  // the letter is used all the same, but for the case that `detail` names
};

// What is in the folder; nothing if there is no such folder. What cannot be read, or is no letter's
// file, becomes a finding named below `name` ("config/letters").
LetterFiles read_letter_files(const std::filesystem::path& folder, const std::string& name,
                              std::vector<LetterFinding>& findings);

// The kinds, "digest" among them, in the order in which they are listed.
const std::vector<std::string>& letter_kinds();

class LetterBook final : public Letters {
 public:
  explicit LetterBook(LetterPolicy policy = {});  // the built-in letters alone
  // `findings`: of reading `own`, which stand first in findings().
  LetterBook(LetterPolicy policy, const LetterFiles& own, const std::string& name,
             std::vector<LetterFinding> findings = {});

  LetterText write(const LetterFacts& facts) const override;
  LetterText write_digest(const DigestFacts& facts) const override;
  // Words and nothing else, in the customer's frame: for letters that have no template of their
  // own. `text` is plain; the HTML is made of it.
  std::string framed(std::string_view customer, std::string_view language, std::string_view desk,
                     std::string_view subject, std::string_view text) const;

  // What was wrong with the operator's files, in order of file and line.
  const std::vector<LetterFinding>& findings() const { return findings_; }

  struct Entry {
    std::string kind, language;
    std::string customer;  // empty: everybody who has none of his own
    bool own = false;      // from a file, else built in
    std::string problem;   // why the file is not used; empty if it is, or if there is none
  };
  std::vector<Entry> entries() const;

 private:
  struct Piece {
    Template subject, text, html;
    bool has_html = false;
    // Of major_incident: whether its words say that it is planned, over, or cancelled.
    bool says_planned = true, says_over = true, says_cancelled = true;
    bool fits(LetterFacts::Phase phase) const;
  };
  struct Frame {
    std::string desk, reference, subject, preheader, content, ending;
  };
  void take_in(const LetterFiles& files, const std::string& name, bool own);
  void check_phases(const std::string& file, Piece& piece);
  const Piece* piece(std::string_view customer, std::string_view language, std::string_view kind,
                     LetterFacts::Phase phase = LetterFacts::Phase::under_way) const;
  const Template& layout(std::string_view customer) const;
  std::string frame(std::string_view customer, std::string_view language, Frame parts) const;
  LetterText finish(std::string_view customer, std::string_view language, const Piece& letter,
                    const Values& text, const Values& html) const;

  LetterPolicy policy_;
  // By "customer/language/kind"; customer is "" for what is built in.
  std::map<std::string, Piece, std::less<>> pieces_;
  std::map<std::string, Template, std::less<>> layouts_;      // by customer
  std::map<std::string, std::string, std::less<>> problems_;  // of own files, as pieces_
  std::vector<LetterFinding> findings_;
};

// The book that is in use; another takes its place while letters are written. Any thread.
class LiveLetters final : public Letters {
 public:
  explicit LiveLetters(std::shared_ptr<const LetterBook> book) : book_(std::move(book)) {}
  void replace(std::shared_ptr<const LetterBook> book);
  std::shared_ptr<const LetterBook> book() const;

  LetterText write(const LetterFacts& facts) const override { return book()->write(facts); }
  LetterText write_digest(const DigestFacts& facts) const override {
    return book()->write_digest(facts);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const LetterBook> book_;
};

inline constexpr std::size_t kLetterFilesMax = 5000;
inline constexpr std::size_t kSubjectBytesMax = 250;  // of a letter
inline constexpr std::size_t kNameBytesMax = 200;     // of people, files and the desk
inline constexpr std::size_t kQuotedLinesMax = 15;
inline constexpr std::size_t kQuotedBytesMax = 2000;
inline constexpr std::size_t kOrderLinesMax = 40;  // of what somebody asks to have approved
inline constexpr std::size_t kDigestLinesMax = 4;  // of an entry's text
inline constexpr std::size_t kDigestBytesMax = 400;

}  // namespace ombud::notify
