// The example supplier itself: it keeps what it said it kept, and misleads as Redmine does.
#include <httplib.h>

#include <filesystem>
#include <fstream>

#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::HasSubstr;

class ExampleRedmine : public RedmineTest {
 protected:
  httplib::Client client(const std::string& key = "s3cret") const {
    httplib::Client made(url());
    made.set_url_encode(false);
    made.set_default_headers({{"X-Redmine-API-Key", key}});
    return made;
  }
};

TEST_F(ExampleRedmine, StillHasEverythingAfterItWasKilledInTheMiddleOfALine) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("example-redmine-" + std::to_string(::getpid()) + ".jsonl");
  const auto clock = [] { return std::int64_t{1'795'000'000}; };
  std::int64_t id = 0;
  {
    example_redmine::Model model(clock, "k", file);
    model.create(model.users()[1], parsed(R"({"project_id":"support","subject":"s"})").root(), id);
    model.comment(*model.issue(id), "Berit", "hej", true);
    model.attach(*model.issue(id), "Berit", "a.bin", "image/png", std::string("\0x", 2));
  }
  std::ofstream(file, std::ios::app) << R"({"issue":{"id":)";
  {
    example_redmine::Model model(clock, "k", file);
    model.comment(*model.issue(id), "Berit", "igen", false);
  }
  const example_redmine::Model model(clock, "k", file);
  const example_redmine::Issue& issue = model.issues().at(id);
  ASSERT_EQ(issue.journals.size(), 3U);
  EXPECT_EQ(model.user(issue.journals[0].user)->name, "Berit");
  EXPECT_TRUE(issue.journals[0].is_private);
  EXPECT_EQ(issue.journals[2].id, 3);
  EXPECT_EQ(model.attachment(issue.attachments.at(0))->content, std::string("\0x", 2));
  std::filesystem::remove(file);
}

TEST_F(ExampleRedmine, MisleadsAsRedmineDoes) {
  create();
  model_.set_status(issue("1"), "staff", 5);
  auto user = client();
  EXPECT_THAT(user.Get("/issues.json")->body, HasSubstr("\"total_count\":0"));
  EXPECT_THAT(user.Get("/issues.json?status_id=*")->body, HasSubstr("\"total_count\":1"));
  EXPECT_THAT(user.Get("/issues.json?status_id=*&cf_99=x")->body, HasSubstr("\"total_count\":1"));
  EXPECT_EQ(user.Get("/issues.json?cf_7=~")->status, 422);
  EXPECT_EQ(user.Get("/issues.json?updated_on=>=2026-01-01T00:00:00Z")->status, 400);
  EXPECT_EQ(user.Post("/uploads.json?filename=a", "x", "text/plain")->status, 406);
  EXPECT_EQ(user.Post("/issues.json", "{}", "application/json")->status, 422);
  auto stranger = client("wrong");
  EXPECT_EQ(stranger.Get("/issues.json?status_id=*")->status, 200);
  EXPECT_THAT(stranger.Get("/issues.json?status_id=*")->body, HasSubstr("\"total_count\":0"));
  EXPECT_EQ(stranger.Get("/issues/1.json")->status, 401);
}

TEST_F(ExampleRedmine, LetsADemoPlayTheSuppliersStaff) {
  create();
  auto demo = client("");
  const auto comment =
      demo.Post("/demo/issues/1/comment", R"({"text":"Vi tittar.","author":"Berit Berg"})", "");
  ASSERT_EQ(comment->status, 200);
  EXPECT_EQ(demo.Post("/demo/issues/1/status", R"({"status":"Resolved"})", "")->status, 200);
  EXPECT_EQ(demo.Post("/demo/issues/1/status", R"({"status":"Gone"})", "")->status, 422);
  EXPECT_EQ(demo.Post("/demo/issues/9/status", R"({"status":"New"})", "")->status, 404);
  const std::string all = demo.Get("/demo/issues")->body;
  EXPECT_THAT(all, HasSubstr("Berit Berg"));
  EXPECT_THAT(all, HasSubstr("\"Resolved\""));
}

}  // namespace
}  // namespace ombud::test
