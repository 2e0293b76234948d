#include "http/pages.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "hub.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using ::testing::HasSubstr;
using ::testing::Not;

void write(const std::string& file, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

// What a build leaves behind, beside a file that is nobody's business.
struct Built {
  TemporaryDirectory around;
  std::string folder = around.path + "/web";
  Built() {
    write(around.path + "/secret.txt", "the key");
    write(folder + "/index.html", "<!doctype html><title>Desk</title>");
    write(folder + "/index.html.br", "index as br");
    write(folder + "/index.html.gz", "index as gz");
    write(folder + "/assets/app-1f2e.js", "let desk");
    write(folder + "/assets/app-1f2e.js.gz", "app as gz");
    write(folder + "/assets/app-1f2e.css", "a{}");
    write(folder + "/manifest.webmanifest", "{}");
    write(folder + "/icon.svg", "<svg/>");
  }
};

struct PagesTest : testing::Test {
  Built built;
  Hub hub{{}, built.folder};
  Answer get(const std::string& target, Headers headers = {}, const std::string& method = "GET") {
    auto answer = hub.send(method, target, "", "", std::move(headers));
    if (!answer) ADD_FAILURE() << target << ": no answer";
    return answer.value_or(Answer{});
  }
  const Headers kBrowser{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"},
                         {"Accept-Encoding", "gzip, deflate, br"}};
};

TEST_F(PagesTest, OneDocumentServesEveryAddressOfAPage) {
  for (const char* page : {"/", "/sign-in", "/reset?token=x", "/account", "/tickets", "/tickets/17",
                           "/desk/tickets/OMB-1?view=mine", "/ops", "/statistics", "/guidance/3",
                           "/new/incident", "/%C3%A5", "/apiary", "/index.html"}) {
    const auto answer = get(page, kBrowser);
    EXPECT_EQ(answer.status, 200) << page;
    EXPECT_EQ(answer.body, "index as br") << page;
    EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.header("content-encoding"), "br");
    EXPECT_EQ(answer.header("cache-control"), "no-cache");
    EXPECT_EQ(answer.header("vary"), "Accept-Encoding");
  }
}

TEST_F(PagesTest, WhatIsForProgramsOrHasAnEndingIsNoPage) {
  for (const char* other :
       {"/api", "/api/v1/nothing", "/hooks/x", "/tmf-api", "/auth/oidc", "/readyz/x", "/metrics/",
        "/assets", "/assets/", "/assets/app-0000.js", "/assets/old/page", "/robots.txt",
        "/tickets/report.pdf", "/index.html.br", "/.git/config", "/.env"}) {
    const auto answer = get(other, kBrowser);
    EXPECT_EQ(answer.status, 404) << other;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json") << other;
  }
}

TEST_F(PagesTest, AProgramThatMistypesAnAddressGetsAProblemAndNoPage) {
  for (const Headers& headers :
       {Headers{}, Headers{{"Accept", "*/*"}}, Headers{{"Accept", "application/json"}},
        Headers{{"Accept", "text/html;q=0, */*"}}}) {
    EXPECT_EQ(get("/tickets", headers).status, 404);
    EXPECT_EQ(get("/", headers).status, 200);
  }
  EXPECT_EQ(get("/tickets", kBrowser, "POST").status, 404);
  const auto posted = get("/", kBrowser, "POST");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.header("allow"), "GET, HEAD");
}

TEST_F(PagesTest, NothingOutsideTheFolderCanBeReached) {
  for (const char* path : {"/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt",
                           "/assets/..%2f..%2fsecret.txt", "//secret.txt", "/..\\secret.txt",
                           "/assets/./app-1f2e.js", "//assets/app-1f2e.js", "/etc/passwd.txt"}) {
    const auto answer = get(path, kBrowser);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("the key")));
  }
}

TEST_F(PagesTest, AssetsAreKeptForEverAndTheRestIsAskedForAgain) {
  const auto script = get("/assets/app-1f2e.js");
  EXPECT_EQ(script.body, "let desk");
  EXPECT_EQ(script.header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(script.header("content-encoding"), "");
  EXPECT_EQ(script.header("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(script.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(get("/assets/app-1f2e.css").header("content-type"), "text/css; charset=utf-8");
  EXPECT_EQ(get("/manifest.webmanifest").header("content-type"), "application/manifest+json");
  EXPECT_EQ(get("/icon.svg").header("cache-control"), "no-cache");
}

TEST_F(PagesTest, EachFormHasATagOfItsOwnAndIsNotSentTwice) {
  const auto plain = get("/");
  const auto brotli = get("/", {{"Accept-Encoding", "br"}});
  EXPECT_NE(plain.header("etag"), brotli.header("etag"));
  const auto again =
      get("/", {{"Accept-Encoding", "br"}, {"If-None-Match", brotli.header("etag")}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.header("etag"), brotli.header("etag"));
  EXPECT_EQ(again.header("cache-control"), "no-cache");
  EXPECT_EQ(again.header("vary"), "Accept-Encoding");
  EXPECT_EQ(get("/", {{"If-None-Match", brotli.header("etag")}}).status, 200);
}

TEST_F(PagesTest, HeadAnswersLikeGetWithoutTheBody) {
  const auto head = get("/", kBrowser, "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "11");
  EXPECT_EQ(head.header("etag"), get("/", kBrowser).header("etag"));
}

TEST_F(PagesTest, NothingInlineAndNothingFromElsewhereMayRun) {
  for (const char* target : {"/", "/assets/app-1f2e.js", "/icon.svg"}) {
    const auto answer = get(target);
    const std::string policy = answer.header("content-security-policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self';"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(answer.header("referrer-policy"), "same-origin");
    EXPECT_EQ(answer.header("cross-origin-opener-policy"), "same-origin");
    EXPECT_THAT(answer.header("permissions-policy"), HasSubstr("camera=(self)"));
  }
}

TEST(NoPagesTest, AHubWithoutPagesSaysHowTheyAreBuilt) {
  Hub hub;
  const auto answer = hub.send("GET", "/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->header("content-type"), "text/plain; charset=utf-8");
  EXPECT_THAT(answer->body, HasSubstr("--target web"));
  EXPECT_EQ(hub.send("GET", "/readyz")->status, 200);
}

TEST(NoPagesTest, AFolderWithoutADocumentIsRefused) {
  TemporaryDirectory directory;
  write(directory.path + "/assets/app.js", "x");
  const auto pages = Pages::load(directory.path);
  ASSERT_FALSE(pages);
  EXPECT_THAT(pages.error().detail, HasSubstr("there is no index.html"));
  EXPECT_THAT(pages.error().detail, HasSubstr(directory.path));
}

TEST(CodingTest, TheHeaviestIsTakenAndBrotliFirstAmongEquals) {
  const auto best = [](std::string_view accepted) { return best_coding(accepted, true, true); };
  EXPECT_EQ(best("gzip, deflate, br"), Coding::brotli);
  EXPECT_EQ(best("br;q=0.5, gzip"), Coding::gzip);
  EXPECT_EQ(best("BR ; Q=0.8,gzip;q=0.8"), Coding::brotli);
  EXPECT_EQ(best("*"), Coding::brotli);
  EXPECT_EQ(best("br;q=0, *;q=0.1"), Coding::gzip);
  EXPECT_EQ(best("identity, gzip;q=0.5"), Coding::identity);
  EXPECT_EQ(best_coding("br, gzip;q=0.001", false, true), Coding::gzip);
  EXPECT_EQ(best_coding("br", false, true), Coding::identity);
}

TEST(CodingTest, WithoutAUsableChoiceItIsPlain) {
  for (const char* none : {"", "deflate", "br;q=0", "gzip;q=0.000", "br;q=2", "br;q=x",
                           "br;q=", "br;q=0.1234", "gzip;q=1x", "zstd, ;;;,,,", "*;q=0"}) {
    EXPECT_EQ(best_coding(none, true, true), Coding::identity) << none;
  }
}

}  // namespace
}  // namespace ombud::http::test
