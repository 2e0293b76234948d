// Every mail of the corpus gives what stands beside it, and rules hold for all mails whatever they
// contain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/bytes.hpp"
#include "channel/mail/mime/blocks.hpp"
#include "channel/mail/mime/structure.hpp"
#include "hub/channel/mail/mime/corpus.hpp"
#include "hub/channel/mail/mime/expectation.hpp"
#include "hub/channel/mail/mime/invariants.hpp"
#include "support/memory_store.hpp"

namespace ombud::mail {
namespace {

using test::corpus_mail;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::string> expected_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(test::corpus_folder())) {
    if (entry.path().extension() == ".expect") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Corpus, EachMailGivesWhatItsReaderShouldSee) {
  const std::vector<std::string> names = expected_names();
  ASSERT_GE(names.size(), 150U);
  for (const std::string& name : names) {
    std::ifstream file(test::corpus_folder() / (name + ".expect"));
    const test::Expectation expected = test::read_expectation(file);
    for (const std::string& difference :
         test::differences(expected, parse_mail(corpus_mail(name)))) {
      ADD_FAILURE() << name << ": " << difference;
    }
  }
}

TEST(Corpus, RulesThatHoldForEveryMail) {
  for (const std::string& name : test::corpus_names()) {
    for (const std::string& broken : test::broken_rules(parse_mail(corpus_mail(name)))) {
      ADD_FAILURE() << name << ": " << broken;
    }
  }
}

TEST(Corpus, RulesThatHoldForFiveThousandMutatedMails) {
  test::SeededRandom random(2026);
  std::vector<std::string> seeds;
  for (const std::string& name : test::corpus_names()) {
    std::string mail = corpus_mail(name);
    if (mail.size() < 20'000) seeds.push_back(std::move(mail));
  }
  constexpr std::string_view kWords[] = {"\r\n",
                                         "\r\n\r\n",
                                         "--b1\r\n",
                                         "<div>",
                                         "</div>",
                                         "<table>",
                                         "<td>",
                                         "<blockquote>",
                                         "<a href=\"",
                                         "\">",
                                         "<!--",
                                         "&#",
                                         "&lt;",
                                         "<style>",
                                         "<pre>",
                                         "style=\"display:none\"",
                                         "cid:",
                                         "data:image/png;base64,",
                                         "> ",
                                         "-- \r\n",
                                         "From: x\r\n",
                                         "\x1B$B",
                                         "+AGE-",
                                         "=?utf-8?Q?",
                                         "begin 644 x\r\n",
                                         "=ybegin line=1 size=1 name=x\r\n",
                                         "\xC2\x85",
                                         "BEGIN:VEVENT\r\n",
                                         "-----BEGIN PGP MESSAGE-----\r\n",
                                         "<li>",
                                         "<img src="};
  for (int i = 0; i < 5000; ++i) {
    std::string raw = seeds[random.below(seeds.size())];
    const std::uint64_t changes = 1 + random.below(10);
    for (std::uint64_t c = 0; c < changes && !raw.empty(); ++c) {
      const std::size_t at = random.below(raw.size());
      switch (random.below(5)) {
        case 0:
          raw[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          raw.erase(at, random.below(60));
          break;
        case 2:
          raw.insert(at, kWords[random.below(std::size(kWords))]);
          break;
        case 3:
          raw.insert(at, raw.substr(random.below(raw.size()), random.below(300)));
          break;
        case 4:
          raw.resize(at);
          break;
      }
    }
    for (const std::string& broken : test::broken_rules(parse_mail(raw))) {
      ADD_FAILURE() << "mutation " << i << ": " << broken;
    }
    if (HasFailure()) break;
  }
}

// --- mails that are too large to keep as files

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

ParsedMail html_mail(const std::string& html) {
  return parse_mail(
      "From: a@b.example\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html);
}

void expect_rules(const ParsedMail& mail) {
  EXPECT_THAT(test::broken_rules(mail), IsEmpty());
}

TEST(Corpus, ElementsInsideEachOtherAHundredThousandTimes) {
  const ParsedMail mail = html_mail(repeated("<div>", 100'000) + "djupt");
  EXPECT_EQ(mail.text, "djupt");
  EXPECT_EQ(mail.blocks, "");
  EXPECT_TRUE(mail.flags.cut);
  ASSERT_THAT(mail.remarks, SizeIs(1));
  EXPECT_THAT(mail.remarks[0], HasSubstr("too large or too deeply nested"));
}

TEST(Corpus, QuotesInsideEachOtherBeyondTheTreeKeepTheirWords) {
  const ParsedMail mail =
      html_mail(repeated("<blockquote>", 60) + "inne" + repeated("</blockquote>", 60));
  EXPECT_THAT(mail.text, HasSubstr("inne"));
  EXPECT_THAT(mail.blocks, HasSubstr("inne"));
  EXPECT_FALSE(mail.flags.cut);
  expect_rules(mail);
}

TEST(Corpus, ListsAndTablesInsideEachOtherKeepTheirWords) {
  const ParsedMail lists = html_mail(repeated("<ul><li>x", 60) + "inne");
  EXPECT_THAT(lists.blocks, HasSubstr("inne"));
  expect_rules(lists);
  // At every depth, also where a list fits and its items would not.
  for (std::size_t around = 0; around < 24; ++around) {
    const ParsedMail mixed =
        html_mail(repeated("<blockquote>", around) + "<li>" + repeated("<ol>", 12) + "inne");
    EXPECT_THAT(mixed.blocks, HasSubstr("inne")) << around;
    expect_rules(mixed);
  }
  const ParsedMail tables =
      html_mail(repeated("<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>", 40) + "inne");
  EXPECT_THAT(tables.blocks, HasSubstr("inne"));
  expect_rules(tables);
}

TEST(Corpus, AnAttributeOfTenMegabytes) {
  const ParsedMail mail = html_mail("<p>f\xC3\xB6re</p><a href=\"" + std::string(10U << 20U, 'a') +
                                    "\">l\xC3\xA4nk</a><p>efter</p>");
  EXPECT_THAT(mail.text, HasSubstr("f\xC3\xB6re"));
  EXPECT_TRUE(mail.flags.cut);
  EXPECT_EQ(mail.blocks, "");
}

TEST(Corpus, AHundredThousandElementsThatNobodyCloses) {
  const ParsedMail mail = html_mail(repeated("<p><b><td>x ", 50'000));
  EXPECT_TRUE(mail.flags.cut);
  EXPECT_THAT(mail.text, HasSubstr("x"));
  expect_rules(mail);
}

TEST(Corpus, MoreBlocksThanATreeTakesAreShownAsText) {
  const ParsedMail mail = html_mail(repeated("<p>rad</p>", 15'000) + "<p>sista</p>");
  EXPECT_EQ(mail.blocks, "");
  EXPECT_TRUE(mail.flags.cut);
  EXPECT_TRUE(mail.text.ends_with("sista"));
  ASSERT_THAT(mail.remarks, SizeIs(1));
  EXPECT_THAT(mail.remarks[0], HasSubstr("shown as plain text only"));
}

TEST(Corpus, EndTagsThatNothingOpened) {
  const ParsedMail mail = html_mail(repeated("</i></table></li>", 100'000) + "<p>kvar</p>");
  EXPECT_EQ(mail.text, "kvar");
  expect_rules(mail);
}

TEST(Corpus, TenThousandRecipients) {
  std::string raw = "From: a@b.example\r\nSubject: x\r\nTo: ";
  for (int i = 0; i < 10'000; ++i)
    raw += "Person " + std::to_string(i) + " <p" + std::to_string(i) + "@b.example>,\r\n ";
  const ParsedMail mail = parse_mail(raw + "z@b.example\r\n\r\nHej\r\n");
  EXPECT_THAT(mail.to, SizeIs(500));
  EXPECT_EQ(mail.text, "Hej");
  ASSERT_THAT(mail.remarks, SizeIs(1));
  EXPECT_THAT(mail.remarks[0], HasSubstr("more than 500 recipients"));
}

TEST(Corpus, HeadersWithoutEnd) {
  std::string raw = "From: a@b.example\r\nSubject: x\r\n";
  for (int i = 0; i < 50'000; ++i) raw += "X-H" + std::to_string(i) + ": y\r\n";
  const ParsedMail mail = parse_mail(raw);
  EXPECT_EQ(mail.subject, "x");
  EXPECT_EQ(mail.text, "");
  const ParsedMail one = parse_mail("Subject: " + std::string(5U << 20U, 'x'));
  EXPECT_LE(one.subject.size(), kHeaderBytesMax);
  expect_rules(one);
}

TEST(Corpus, AMultipartThatDoesNotEnd) {
  std::string raw = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  raw += "--b\r\nContent-Type: text/plain\r\n\r\nHej\r\n" + repeated("--b\r\n\r\n", 100'000);
  const ParsedMail mail = parse_mail(raw);
  EXPECT_EQ(mail.text, "Hej");
  EXPECT_TRUE(mail.flags.cut);
  EXPECT_THAT(mail.remarks, ::testing::Contains(HasSubstr("more than 1000 parts")));
}

TEST(Corpus, GroupsOfAddressesInsideEachOther) {
  const ParsedMail mail =
      parse_mail("From: a@b.example\r\nTo: " + repeated("a:b:", 1'000'000) + "\r\n\r\nHej\r\n");
  EXPECT_EQ(mail.text, "Hej");
  EXPECT_TRUE(mail.flags.cut);
}

TEST(Corpus, AMillionPartsAndAMillionHeaderFieldsTakeLittleMemory) {
  const ParsedMail parts =
      parse_mail("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
                 repeated("--b\r\n\r\nx\r\n", 1'000'000));
  EXPECT_TRUE(parts.flags.cut);
  EXPECT_THAT(parts.remarks, ::testing::Contains(HasSubstr("more parts and header fields")));
  const ParsedMail fields =
      parse_mail("From: a@b.example\r\n" + repeated("X: y\r\n", 1'000'000) + "\r\nHej\r\n");
  EXPECT_EQ(fields.from.address, "a@b.example");
  EXPECT_TRUE(fields.text_in_file);
  ASSERT_THAT(fields.attachments, SizeIs(1));
  EXPECT_TRUE(fields.attachments[0].bytes.ends_with("Hej\r\n"));
  EXPECT_TRUE(fields.flags.cut);
}

TEST(Structure, KeepsWhatIsWithinTheLimits) {
  for (const std::string& name : test::corpus_names()) {
    EXPECT_EQ(bounded_structure(corpus_mail(name)), std::nullopt) << name;
  }
  EXPECT_EQ(bounded_structure(""), std::nullopt);
  const std::string many = repeated("--\n", kBoundaryLinesMax);
  EXPECT_EQ(bounded_structure(many), std::nullopt);
  EXPECT_EQ(bounded_structure(many + "--\n\n--\nx"), many + " --\n\n --\nx");
  const std::string header = repeated("A: b\n", kHeaderLinesMax);
  EXPECT_EQ(bounded_structure(header + "\nx\ny"), std::nullopt);
  EXPECT_EQ(bounded_structure(header + "C: d\nE: f\n\nx"), header + "\nC: d\nE: f\n\nx");
  const std::string groups = "To: " + repeated("a:", kAddressGroupsMax - 1);
  EXPECT_EQ(bounded_structure(groups + "\nCc: a:b;"), std::nullopt);
  EXPECT_EQ(bounded_structure(groups + "\n b:c:\nCc: a:b;"), groups + "\n b c \nCc: a:b;");
}

TEST(Corpus, FilesBeyondTheLimitAreNamedAndLeftInTheOriginal) {
  std::string raw =
      "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nHej\r\n";
  for (int i = 0; i < 3; ++i) {
    raw += "--b\r\nContent-Type: application/x-y; name=f" + std::to_string(i) + "\r\n\r\n" +
           std::string(1000, 'x') + "\r\n";
  }
  ParseLimits limits;
  limits.decoded_bytes_max = 2500;
  const ParsedMail mail = parse_mail(raw + "--b--\r\n", limits);
  EXPECT_THAT(mail.attachments, SizeIs(2));
  EXPECT_TRUE(mail.flags.cut);
  ASSERT_THAT(mail.remarks, SizeIs(1));
  EXPECT_THAT(mail.remarks[0], HasSubstr("\"f2\" is only in the original"));
}

TEST(Corpus, ATextOfManyLinesIsShownWhole) {
  const ParsedMail mail =
      parse_mail("From: a@b.example\r\n\r\nHej\r\n" + repeated("> rad\r\n", 60'000));
  EXPECT_EQ(mail.shown, "");
  EXPECT_EQ(mail.text.size(), 3 + 60'000 * 6U);
}

TEST(Blocks, ImagesGetTheIdsOfTheirAttachments) {
  const std::string tree =
      R"([{"t":"p","c":[{"t":"img","attachment":1,"alt":"a"},{"t":"img","attachment":0,"alt":"b"},)"
      R"({"t":"img","attachment":null,"alt":"c","source":"x.example"}]}])";
  EXPECT_EQ(blocks_with_ids(tree, {std::nullopt, 17}),
            R"([{"t":"p","c":[{"t":"img","attachment":17,"alt":"a"},)"
            R"({"t":"img","attachment":null,"alt":"b"},)"
            R"({"t":"img","attachment":null,"alt":"c","source":"x.example"}]}])");
  EXPECT_EQ(blocks_with_ids("[", {}), "");
}

}  // namespace
}  // namespace ombud::mail
