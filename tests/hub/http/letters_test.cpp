// Letters shown before they are sent, and files by the signed links in them.
#include <gmock/gmock.h>

#include "hub.hpp"

namespace ombud::http::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class LettersTest : public HubTest {
 protected:
  // The token of a link to a file that erik uploaded, at another moment than now.
  std::string link(std::int64_t attachment, Millis ago = Millis(0)) const {
    return hub_.file_links.url_of(attachment, hub_.clock.now() - ago)
        .substr(std::string("https://desk.example").size());
  }
  std::int64_t upload(const std::string& query = "", const std::string& who = "erik") {
    const auto answer = hub_.send(
        "POST", "/api/v1/tickets/" + ticket_ + "/attachments?name=bild%22%0d.html" + query, who,
        "<script>", {{"Content-Type", "text/html"}});
    EXPECT_EQ(answer->status, 201) << answer->body;
    return answer->json()["id"].integer();
  }
  std::string ticket_ = hub_.new_ticket("Skrivaren <b>skriver</b> inte");
};

TEST_F(LettersTest, EveryKindIsListedAndAFileOfTheOperatorsIsTold) {
  const auto list = hub_.expect(200, "GET", "/api/v1/letters", "olof");
  ASSERT_EQ(list["items"].size(), 24U);
  EXPECT_EQ(list["items"].at(0)["source"].text(), "built in");
  hub_.letters->replace(std::make_shared<const notify::LetterBook>(
      notify::LetterPolicy(),
      notify::LetterFiles{{"alfa/sv/solved.txt", "Subject: x\n\nKlart, {{person}}."},
                          {"alfa/sv/closed.txt", "Subject: {{x}}\n\nx"}},
      "config/letters"));
  const auto own = hub_.expect(200, "GET", "/api/v1/letters", "olof");
  ASSERT_EQ(own["items"].size(), 26U);
  EXPECT_EQ(own["items"].at(24)["customer"].text(), "alfa");
  EXPECT_EQ(own["items"].at(24)["source"].text(), "file");
  EXPECT_THAT(std::string(own["items"].at(25)["problem"].text()),
              HasSubstr("config/letters/alfa/sv/closed.txt:1"));
  const auto solved =
      hub_.expect(200, "GET", "/api/v1/letters/solved/preview?customer=alfa", "olof");
  EXPECT_THAT(std::string(solved["text"].text()), StartsWith("Klart, Eva Ek."));
}

TEST_F(LettersTest, APreviewIsAboutMadeUpWordsOrAboutATicket) {
  const auto made_up =
      hub_.expect(200, "GET", "/api/v1/letters/replied/preview?language=en", "olof");
  EXPECT_THAT(std::string(made_up["text"].text()), StartsWith("Hello Eve Oakes,"));
  hub_.expect(201, "POST", "/api/v1/tickets/" + ticket_ + "/messages", "anna",
              R"({"text":"Ny toner är på väg."})");
  const auto real =
      hub_.expect(200, "GET", "/api/v1/letters/replied/preview?ticket=" + ticket_, "olof");
  EXPECT_THAT(std::string(real["subject"].text()), HasSubstr("Skrivaren <b>skriver</b> inte"));
  EXPECT_THAT(std::string(real["text"].text()), HasSubstr("Ny toner är på väg."));
  for (const char* kind : {"registered", "digest", "major_incident", "approval_decided"}) {
    hub_.expect(200, "GET", "/api/v1/letters/" + std::string(kind) + "/preview?ticket=" + ticket_,
                "olof");
  }
  hub_.expect(404, "GET", "/api/v1/letters/nothing/preview", "olof");
  hub_.expect(404, "GET", "/api/v1/letters/replied/preview?ticket=99999", "olof");
  hub_.expect(400, "GET", "/api/v1/letters/replied/preview?language=de", "olof");
  hub_.expect(403, "GET", "/api/v1/letters", "anna");
  hub_.expect(403, "GET", "/api/v1/letters/replied/preview", "erik");
}

TEST_F(LettersTest, TheHtmlIsForAFrameThatCanDoNothing) {
  const auto html =
      hub_.send("GET", "/api/v1/letters/replied/preview.html?ticket=" + ticket_, "olof");
  ASSERT_EQ(html->status, 200);
  EXPECT_EQ(html->header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(html->header("content-security-policy"), StartsWith("sandbox; default-src 'none'"));
  EXPECT_THAT(html->header("content-security-policy"), HasSubstr("frame-ancestors 'self'"));
  EXPECT_THAT(html->body, HasSubstr("Skrivaren &lt;b&gt;skriver&lt;/b&gt; inte"));
}

TEST_F(LettersTest, AFileIsSavedByItsLinkWithoutSigningIn) {
  const auto file = hub_.send("GET", link(upload()));
  ASSERT_EQ(file->status, 200) << file->body;
  EXPECT_EQ(file->body, "<script>");
  EXPECT_EQ(file->header("content-disposition"), "attachment; filename*=UTF-8''bild%22_.html");
  EXPECT_EQ(file->header("x-content-type-options"), "nosniff");
  EXPECT_THAT(file->header("content-security-policy"), HasSubstr("sandbox"));
  EXPECT_EQ(file->header("cache-control"), "no-store");
}

TEST_F(LettersTest, ALinkThatIsOldForgedOrOfAHiddenFileSaysNothing) {
  const std::int64_t seen = upload(), hidden = upload("&internal=true", "anna");
  const std::string good = link(seen);
  std::vector<std::string> bad{link(seen, std::chrono::hours(24) * 30),
                               link(hidden),
                               link(987654),
                               good + "0",
                               good.substr(0, good.size() - 1),
                               "/files/" + std::to_string(seen),
                               "/files/..",
                               "/files/" + std::string(1000, '1'),
                               "/files/1.ffffffffffffffffff." + std::string(32, '0'),
                               "/files/-1.1." + std::string(32, '0')};
  for (std::size_t at = 7; at < good.size(); ++at) {  // every character counts
    std::string other = good;
    other[at] = other[at] == '1' ? '2' : '1';
    bad.push_back(other);
  }
  for (const std::string& target : bad) {
    const auto answer = hub_.send("GET", target);
    ASSERT_TRUE(answer) << target;
    EXPECT_EQ(answer->status, 404) << target;
    EXPECT_THAT(answer->body, Not(HasSubstr("<script>")));
  }
  const auto page = hub_.send("GET", bad.front(), "", "", {{"Accept", "text/html"}});
  EXPECT_EQ(page->status, 404);
  EXPECT_THAT(page->body, HasSubstr("Länken gäller inte"));
}

}  // namespace
}  // namespace ombud::http::test
