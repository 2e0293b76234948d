#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RedmineAttachment : public RedmineTest {
 protected:
  BenchOutcome send(const std::string& name, const std::string& content) {
    return bench_->add_attachment({.correlation = "a1",
                                   .body = attachment_json(name, content.size()),
                                   .external_id = ticket_,
                                   .content = content,
                                   .content_piece = 3});
  }
  std::string ticket_ = create();
};

TEST_F(RedmineAttachment, IsUploadedAsBytesAndHungBelowTheIssue) {
  const std::string content(
      "R\xC3\xB6"
      "d\0lampa",
      10);
  const BenchOutcome sent = send("röd lampa.txt", content);
  ASSERT_EQ(sent.status, Status::ok) << sent.message;
  ASSERT_EQ(issue(ticket_).attachments.size(), 1U);
  const auto* file = model_.attachment(issue(ticket_).attachments[0]);
  EXPECT_EQ(file->name, "röd lampa.txt");
  EXPECT_EQ(file->media_type, "text/plain");
  EXPECT_EQ(file->content, content);
  EXPECT_EQ(external_id(sent), std::to_string(file->id));
}

TEST_F(RedmineAttachment, TravelsWithTheOneContentTypeThatRedmineTakes) {
  // Any other is answered with 406, as the supplier itself shows here.
  send("a.txt", "x");
  for (const BenchRequest& request : bench_->requests()) {
    if (!request.target.starts_with("/uploads.json")) continue;
    EXPECT_EQ(request.headers.at("content-type"), "application/octet-stream");
  }
  bench_->on_request([](const BenchRequest& request) {
    return request.target.starts_with("/uploads.json") ? answer(406) : pass();
  });
  EXPECT_EQ(send("a.txt", "x").status, Status::permanent);
}

TEST_F(RedmineAttachment, IsFoundByItsMarker) {
  const std::string id = external_id(send("a.txt", "x"));
  EXPECT_EQ(external_id(bench_->find("attachment", {.correlation = "a1", .external_id = ticket_})),
            id);
  EXPECT_THAT(bench_->find("attachment", {.correlation = "a2", .external_id = ticket_}).documents,
              IsEmpty());
}

TEST_F(RedmineAttachment, OverTheLinksLimitIsRefusedBeforeAByteIsSent) {
  bench_ = bench_with(R"(,"attachment_max_bytes":4)");
  const BenchOutcome sent = send("a.txt", "12345");
  EXPECT_EQ(sent.status, Status::permanent);
  EXPECT_THAT(sent.message, HasSubstr("attachment_max_bytes"));
  EXPECT_THAT(bench_->requests(), IsEmpty());
}

TEST_F(RedmineAttachment, ThatIsLargerThanItsDocumentSaysIsRefusedToo) {
  bench_ = bench_with(R"(,"attachment_max_bytes":4)");
  const BenchOutcome sent = bench_->add_attachment({.correlation = "a1",
                                                    .body = attachment_json("a.txt", 1),
                                                    .external_id = ticket_,
                                                    .content = "12345"});
  EXPECT_EQ(sent.status, Status::permanent);
}

TEST_F(RedmineAttachment, OverTheSuppliersLimitIsRefusedInItsWords) {
  bench_ = bench_with(R"(,"attachment_max_bytes":10000000)");
  const BenchOutcome sent = send("a.txt", std::string(5'242'881, 'x'));
  EXPECT_EQ(sent.status, Status::permanent);
  EXPECT_THAT(sent.message, HasSubstr("maximum allowed file size"));
}

TEST_F(RedmineAttachment, WhoseUploadWasLostLeavesNothingVisible) {
  bench_->on_request([](const BenchRequest& request) {
    return request.target.starts_with("/uploads.json") ? drop_after() : pass();
  });
  EXPECT_EQ(send("a.txt", "x").status, Status::retry);
  EXPECT_THAT(issue(ticket_).attachments, IsEmpty());
}

TEST_F(RedmineAttachment, OfTheSupplierIsFetchedByItsNumber) {
  model_.attach(issue(ticket_), "staff", "logg.txt", "text/plain", "allt är bra");
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 1U);
  const json::View attachment = seen.events[0]["attachment"];
  EXPECT_EQ(attachment["name"].text(), "logg.txt");
  EXPECT_EQ(attachment["size"].integer(), 12);
  EXPECT_TRUE(attachment["public"].boolean());
  const BenchOutcome fetched = bench_->attachment(attachment["reference"].dump());
  ASSERT_EQ(fetched.status, Status::ok) << fetched.message;
  EXPECT_EQ(fetched.joined(), "allt är bra");
}

TEST_F(RedmineAttachment, IsNeverFetchedFromAnotherAddressThanRedmines) {
  bench_->forget_requests();
  bench_->attachment(R"({"id":1,"content_url":"http://evil.example/x"})");
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_THAT(request.url, ::testing::StartsWith(url() + "/attachments/download/"));
  }
  EXPECT_EQ(bench_->attachment(R"({"content_url":"http://evil.example/x"})").status,
            Status::permanent);
}

TEST_F(RedmineAttachment, ThatRedmineRefusesToGiveIsNoContent) {
  const BenchOutcome fetched = bench_->attachment(R"({"id":99})");
  EXPECT_EQ(fetched.status, Status::permanent);
  EXPECT_THAT(fetched.documents, IsEmpty());
}

}  // namespace
}  // namespace ombud::test
