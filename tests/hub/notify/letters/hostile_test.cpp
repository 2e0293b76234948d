// Every built-in letter in every language, filled with what nobody should be able to do harm by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include <set>

#include "base/bytes.hpp"
#include "notify/letters/book.hpp"
#include "notify/letters/markup.hpp"
#include "notify/letters/sample.hpp"
#include "notify/letters/words.hpp"

namespace ombud::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

const LetterBook& book() {
  static const LetterBook built_in;
  return built_in;
}

const std::vector<std::string>& languages() {
  static const std::vector<std::string> all{"sv", "en"};
  return all;
}
std::vector<Kind> kinds() {
  std::vector<Kind> all;
  for (const std::string& word : letter_kinds()) {
    if (const auto kind = kind_from(word)) all.push_back(*kind);
  }
  return all;
}

// The tags of a document in their order, as far as they must be closed; empty if they are not.
bool is_balanced(std::string_view html) {
  static const std::set<std::string, std::less<>> kVoid{"meta", "br", "!doctype", "hr"};
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    if (html.substr(at).starts_with("<!--")) continue;
    if (html.substr(at).starts_with("<![endif]")) continue;
    const bool closing = html[at + 1] == '/';
    const std::size_t begin = at + (closing ? 2 : 1);
    const std::size_t end = html.find_first_of(" >", begin);
    std::string name(html.substr(begin, end - begin));
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    if (kVoid.contains(name)) continue;
    if (!closing) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

LetterFacts filled_with(Kind kind, const std::string& language, const std::string& bad) {
  LetterFacts facts;
  facts.kind = kind;
  facts.language = language;
  facts.customer = bad;
  facts.zone = bad;
  facts.person_name = facts.desk_name = facts.reference = facts.subject = facts.text = bad;
  facts.author = facts.status = facts.url = facts.settings_url = bad;
  facts.quoted_text = facts.quoted_author = bad;
  facts.quoted_at = Instant();
  facts.files = {{bad, 1, bad}, {bad, -1, ""}};
  facts.approved = true;
  return facts;
}

void expect_harmless(const LetterText& letter) {
  EXPECT_LE(letter.subject.size(), kSubjectBytesMax);
  EXPECT_FALSE(letter.subject.empty());
  EXPECT_EQ(letter.subject.find_first_of(std::string("\r\n\0\x1b", 4)), std::string::npos);
  EXPECT_EQ(letter.text.find_first_of(std::string("\r\0\x1b", 3)), std::string::npos);
  EXPECT_TRUE(letter.text.ends_with('\n'));
  EXPECT_TRUE(is_utf8(letter.subject) && is_utf8(letter.text) && is_utf8(letter.html));
  for (const char* harm :
       {"<script", "<img", "<svg", "onerror=\"", "href=\"java", "</p><", "-->x"}) {
    EXPECT_THAT(letter.html, Not(HasSubstr(std::string(harm) == "</p><" ? "</p><script" : harm)));
  }
  EXPECT_TRUE(is_balanced(letter.html)) << letter.html;
  EXPECT_TRUE(markup_mistakes(letter.html).empty()) << markup_mistakes(letter.html)[0].detail;
}

TEST(HostileFacts, DoNoHarmInAnyLetter) {
  std::string controls;
  for (char c = 1; c < 0x20; ++c) controls += c;
  const std::vector<std::string> bad{
      "</p><script>alert(1)</script>",
      "\"'><img src=x onerror=\"x()\">",
      "a\r\nBcc: victim@x.example\r\n\r\nbody",
      std::string(10'240, 'x'),
      std::string(5'000, '\xE2'),
      "\xE2\x80\xAE"
      "txt.exe \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
      "{{desk}} {{{text_html}}} {{#files}}",
      "-->x<!-- <![endif]",
      "javascript:alert(1)",
      "https://x.example/\"><svg onload=x>",
      controls + "\x7F" + std::string(1, '\0') + "x",
      "../../etc/passwd",
      "\n\n\n",
      "",
  };
  for (const std::string& text : bad) {
    for (const std::string& language : languages()) {
      for (const Kind kind : kinds()) {
        SCOPED_TRACE(std::string(to_text(kind)) + " " + language + ": " + text.substr(0, 40));
        expect_harmless(book().write(filled_with(kind, language, text)));
      }
      DigestFacts digest;
      digest.customer = digest.person_name = digest.desk_name = text;
      digest.url = digest.settings_url = digest.zone = text;
      digest.language = language;
      digest.items = {{Kind::replied, text, text, text, text, Instant()}};
      SCOPED_TRACE("digest " + language + ": " + text.substr(0, 40));
      expect_harmless(book().write_digest(digest));
    }
  }
}

TEST(Letters, ReadWellInBothFormsAndLanguages) {
  for (const std::string& language : languages()) {
    for (const Kind kind : kinds()) {
      const LetterFacts facts = sample_facts(kind, language);
      const LetterText letter = book().write(facts);
      SCOPED_TRACE(letter.text);
      expect_harmless(letter);
      EXPECT_THAT(letter.subject, HasSubstr(facts.subject));
      for (const std::string* form : {&letter.text, &letter.html}) {
        EXPECT_THAT(*form, HasSubstr(facts.person_name));
        EXPECT_THAT(*form, HasSubstr(facts.desk_name));
        EXPECT_THAT(*form, HasSubstr(facts.reference));
        EXPECT_THAT(*form, HasSubstr(facts.url));
        EXPECT_THAT(*form, HasSubstr("https://desk.example/notifications?token=sample"));
        EXPECT_THAT(*form, HasSubstr(facts.author));
        EXPECT_THAT(*form, HasSubstr(facts.status));
        EXPECT_THAT(*form, HasSubstr(facts.text.substr(0, 40)));
        EXPECT_THAT(*form, HasSubstr(facts.quoted_text.substr(0, 3)));
        for (const auto& file : facts.files) EXPECT_THAT(*form, HasSubstr(file.name));
      }
      EXPECT_THAT(letter.text, Not(HasSubstr("\n\n\n")));
      EXPECT_THAT(letter.text, Not(HasSubstr("{{")));
      EXPECT_THAT(letter.text, Not(HasSubstr("  ")));
      EXPECT_THAT(letter.html, HasSubstr("<html lang=\"" + language + "\""));
      EXPECT_LT(letter.html.size(), 20'000U);
    }
    const LetterText digest = book().write_digest(sample_digest(language));
    SCOPED_TRACE(digest.text);
    expect_harmless(digest);
    EXPECT_THAT(digest.subject, HasSubstr("3"));
    EXPECT_THAT(digest.text, Not(HasSubstr("\n\n\n")));
  }
}

TEST(Letters, OfAMajorIncidentSayWhatIsSoAndNoMore) {
  using Phase = LetterFacts::Phase;
  const std::vector<std::tuple<Phase, std::string, std::string>> all{
      {Phase::under_way, "pågår", "right now"},
      {Phase::planned, "i god tid", "in good time"},
      {Phase::over, "Nu är det över", "It is over now"},
      {Phase::cancelled, "blir inte av", "will not take place"}};
  for (const std::string& language : languages()) {
    for (const auto& [phase, swedish, english] : all) {
      LetterFacts facts = sample_facts(Kind::major_incident, language);
      facts.phase = phase;
      facts.begins_at = Instant(Millis{1'795'426'200'000});
      facts.ends_at = *facts.begins_at + Millis{3'600'000};
      const LetterText letter = book().write(facts);
      SCOPED_TRACE(letter.text);
      expect_harmless(letter);
      EXPECT_THAT(letter.text, Not(HasSubstr("\n\n\n")));
      for (const auto& [other, sv, en] : all) {
        const std::string& words = language == "sv" ? sv : en;
        for (const std::string* form : {&letter.text, &letter.html}) {
          EXPECT_EQ(form->find(words) != std::string::npos, other == phase) << words;
        }
      }
      const bool has_times = letter.text.find("23 ") != std::string::npos;
      EXPECT_EQ(has_times, phase == Phase::planned || phase == Phase::under_way);
    }
  }
}

TEST(Letters, SayLessWhenLessIsKnown) {
  for (const std::string& language : languages()) {
    for (const Kind kind : kinds()) {
      LetterFacts facts;
      facts.kind = kind;
      facts.language = language;
      facts.desk_name = "Servicedesk";
      const LetterText letter = book().write(facts);
      SCOPED_TRACE(letter.text);
      expect_harmless(letter);
      EXPECT_THAT(letter.text, Not(HasSubstr("http")));
      EXPECT_THAT(letter.html, Not(HasSubstr("<a ")));
      EXPECT_THAT(letter.text, Not(HasSubstr(": \n")));
      EXPECT_THAT(letter.text, Not(HasSubstr("-- \n")));
    }
  }
}

}  // namespace
}  // namespace ombud::notify
