// The operator's own letters above the built-in ones, and what a mistake in one of them costs.
#include "notify/letters/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "notify/letters/built_in.hpp"
#include "notify/letters/sample.hpp"

namespace ombud::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

// Braces around one pair of texts would be read as a pair of iterators.
LetterFiles one(const std::string& path, const std::string& text) {
  LetterFiles files;
  files[path] = text;
  return files;
}

LetterFacts reply(std::string customer) {
  LetterFacts facts = sample_facts(Kind::replied, "sv");
  facts.customer = std::move(customer);
  return facts;
}

TEST(Book, TheCustomersLetterComesBeforeEverybodysBeforeTheBuiltIn) {
  const LetterBook book({},
                        {{"default/sv/replied.txt", "Subject: Alla\n\nTill alla {{person}}\n"},
                         {"acme/sv/replied.txt", "Subject: Acme {{subject}}\n\nHej Acme\n"}},
                        "letters");
  EXPECT_TRUE(book.findings().empty());
  EXPECT_THAT(book.write(reply("acme")).text, HasSubstr("Hej Acme"));
  EXPECT_THAT(book.write(reply("acme")).subject, HasSubstr("Acme Skrivaren"));
  EXPECT_THAT(book.write(reply("other")).text, HasSubstr("Till alla Eva Ek"));
  LetterFacts english = reply("acme");
  english.language = "en";
  EXPECT_THAT(book.write(english).text, HasSubstr("Hello Eva Ek"));
}

TEST(Book, ALetterOfTextAloneGetsItsHtmlFromTheText) {
  const LetterBook book(
      {}, one("default/sv/replied.txt", "Subject: x\n\nHej <du>\nhttps://a.example\n"), "letters");
  const LetterText letter = book.write(reply(""));
  EXPECT_THAT(letter.html, HasSubstr("Hej &lt;du&gt;<br>"));
  EXPECT_THAT(letter.html, HasSubstr("<a href=\"https://a.example\">"));
  EXPECT_THAT(letter.html, HasSubstr("Vänliga hälsningar"));
}

TEST(Book, EveryMistakeIsFoundWithFileAndLineAndTheBuiltInLetterIsUsed) {
  const LetterBook book(
      {},
      {{"default/sv/replied.txt", "Subject: {{sujbect}}\n\n\nHej {{persn}}\n"},
       {"default/sv/replied.html", "<p>\n<img src=\"https://track.example/x.gif\">{{{text}}}</p>"},
       {"acme/en/solved.html", "<p>only HTML</p>"},
       {"acme/en/closed.txt", "Hej\n"},
       {"acme/en/reopened.txt", "Subject: x\n"},
       {"acme/en/digest.txt", "Subject: x\n\n{{#items}}{{text}}{{/items}}{{reference}}"},
       {"acme/se/replied.txt", "Subject: x\n\ny"},
       {"acme/sv/repiled.txt", "Subject: x\n\ny"},
       {"acme/layout.html", "<html>{{{content}}}</html>"},
       {"acme/sv/latin.txt", "x"},
       {"acme/sv/closed.txt", "Subject: \xE5\n\nx"},
       {"readme.txt", "x"}},
      "config/letters");
  std::string all;
  for (const auto& finding : book.findings()) {
    all += finding.file + ":" + std::to_string(finding.line) + ": " + finding.detail + "\n";
  }
  for (const char* expected :
       {"config/letters/default/sv/replied.txt:1: \"sujbect\" is not known here. Did you mean "
        "\"subject\"?",
        "config/letters/default/sv/replied.txt:4: \"persn\" is not known here. Did you mean "
        "\"person\"?",
        "config/letters/default/sv/replied.html:2: src=\"…\" on <img> would be fetched",
        "config/letters/default/sv/replied.html:2: {{{text}}} would let",
        "config/letters/acme/en/solved.html:0: has no text part: write solved.txt beside it",
        "config/letters/acme/en/closed.txt:1: the subject is missing",
        "config/letters/acme/en/reopened.txt:0: the text is missing",
        "config/letters/acme/en/digest.txt:3: \"reference\" is not known here",
        "config/letters/acme/se/replied.txt:0: \"se\" is no language",
        "config/letters/acme/sv/repiled.txt:0: is no letter. Did you mean replied.txt?",
        "config/letters/acme/layout.html:0: never says {{{ending}}}",
        "config/letters/acme/sv/latin.txt:0: is no letter.",
        "config/letters/acme/sv/closed.txt:0: is not UTF-8", "config/letters/readme.txt:0: lies"}) {
    EXPECT_THAT(all, HasSubstr(expected));
  }
  EXPECT_EQ(book.findings().size(), 14U) << all;
  EXPECT_EQ(book.write(reply("acme")).text, LetterBook().write(reply("acme")).text);
  EXPECT_EQ(book.write(reply("acme")).html, LetterBook().write(reply("acme")).html);
}

TEST(Book, ListsWhatIsOverriddenAndWhatIsBroken) {
  const LetterBook book({},
                        {{"default/sv/replied.txt", "Subject: x\n\ny"},
                         {"acme/en/closed.txt", "Subject: {{x}}\n\ny"}},
                        "letters");
  int built_in = 0, own = 0, broken = 0;
  for (const auto& entry : book.entries()) {
    if (entry.own) {
      ++own;
      EXPECT_EQ(entry.kind + entry.language + entry.customer, "repliedsv");
    } else if (!entry.problem.empty()) {
      ++broken;
      EXPECT_EQ(entry.kind + entry.language + entry.customer, "closedenacme");
      EXPECT_THAT(entry.problem, HasSubstr("letters/acme/en/closed.txt:1: "));
    } else {
      ++built_in;
    }
  }
  EXPECT_EQ(own, 1);
  EXPECT_EQ(broken, 1);
  EXPECT_EQ(built_in, 23);  // 12 kinds in two languages, one of them overridden
}

TEST(Book, ALetterOfAnIncidentIsUsedOnlyForWhatItHasWordsFor) {
  const std::string words = "Subject: Vårt fel: {{subject}}\n\n{{^over}}Våra ord.{{/over}}";
  const LetterBook book({},
                        {{"acme/sv/major_incident.txt", words},
                         {"acme/sv/major_incident.html", "<p>Våra ord.</p>"},
                         {"default/sv/major_incident.txt", words + "{{#over}}Slut.{{/over}}"}},
                        "letters");
  LetterFacts facts = sample_facts(Kind::major_incident, "sv");
  facts.customer = "acme";
  EXPECT_THAT(book.write(facts).html, HasSubstr("Våra ord."));
  facts.phase = LetterFacts::Phase::over;  // the HTML of acme has no words for it
  EXPECT_THAT(book.write(facts).text, HasSubstr("Slut."));
  facts.phase = LetterFacts::Phase::planned;
  EXPECT_EQ(book.write(facts).text, LetterBook().write(facts).text);
  std::string all;
  for (const auto& finding : book.findings()) {
    EXPECT_TRUE(finding.in_use);
    all += finding.file + ": " + finding.detail + "\n";
  }
  EXPECT_THAT(all, HasSubstr("letters/acme/sv/major_incident.txt: never asks for {{#over}} in both "
                             "its parts: of one that is over the built-in letter is sent"));
  EXPECT_EQ(book.findings().size(), 5U) << all;
}

TEST(Book, NothingIsQuotedIfThePolicySaysSo) {
  const LetterFacts facts = reply("");
  EXPECT_THAT(LetterBook().write(facts).text, HasSubstr("> Skrivaren skriver bara halva"));
  LetterPolicy none;
  none.quote_last = false;
  EXPECT_THAT(LetterBook(none).write(facts).text, Not(HasSubstr("> ")));
  EXPECT_THAT(LetterBook(none).write(facts).html, Not(HasSubstr("blockquote")));
}

TEST(Book, TheDeskDoesNotSignTwice) {
  LetterFacts facts = reply("");
  facts.author = facts.desk_name;
  EXPECT_THAT(LetterBook().write(facts).text,
              HasSubstr("Vänliga hälsningar\nServicedesk\n\nVill du"));
}

TEST(Book, ALongQuoteIsCut) {
  LetterFacts facts = reply("");
  facts.quoted_text.clear();
  for (int i = 0; i < 400; ++i) facts.quoted_text += "rad " + std::to_string(i) + "\n";
  const LetterText letter = LetterBook().write(facts);
  EXPECT_THAT(letter.text, HasSubstr("> rad 13\n> […]"));
  EXPECT_THAT(letter.text, Not(HasSubstr("rad 14")));
}

TEST(Book, ThePreheaderIsTheFirstWordsAfterTheGreeting) {
  EXPECT_THAT(LetterBook().write(reply("")).html, HasSubstr("mso-hide:all\">Vi har bytt trumman"));
}

TEST(Book, TheFilesOfAFolderAreReadAndOddOnesAreTold) {
  const auto folder = std::filesystem::temp_directory_path() / "ombud-letters-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "acme" / "sv");
  std::ofstream(folder / "acme" / "sv" / "closed.txt") << "Subject: x\n\ny\n";
  std::ofstream(folder / "acme" / "sv" / ".closed.txt.swp") << "x";
  std::ofstream(folder / "acme" / "sv" / "solved.txt") << std::string(kTemplateBytesMax + 1, 'x');
  std::vector<LetterFinding> findings;
  const LetterFiles files = read_letter_files(folder, "config/letters", findings);
  EXPECT_EQ(files.size(), 1U);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].file, "config/letters/acme/sv/solved.txt");
  EXPECT_TRUE(read_letter_files(folder / "nothing", "x", findings).empty());
  std::filesystem::remove_all(folder);
}

TEST(Book, TheBuiltInFilesAreAStartingPointThatIsRight) {
  LetterFiles own;
  for (const auto& [path, text] : built_in_letters()) own["default/" + path] = text;
  const LetterBook book({}, own, "letters");
  EXPECT_TRUE(book.findings().empty());
  EXPECT_EQ(book.write(reply("x")).html, LetterBook().write(reply("x")).html);
}

TEST(Book, AnotherBookTakesItsPlaceAtOnce) {
  LiveLetters live(std::make_shared<const LetterBook>());
  const auto before = live.book();
  live.replace(std::make_shared<const LetterBook>(
      LetterPolicy(), one("default/sv/replied.txt", "Subject: Ny\n\nx"), "letters"));
  EXPECT_EQ(live.write(reply("")).subject, "Ny");
  EXPECT_NE(before->write(reply("")).subject, "Ny");
}

}  // namespace
}  // namespace ombud::notify
