// Webhooks: who really sent them, and what they tell.
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kEvents = R"(
when = "answer.kind != 'ping'"
ticket = { external_id = "{answer.ticket.id}", correlation = "{answer.ticket.key}" }
[[webhook.event]]
when = "answer.comment"
type = "comment"
id = "c-{answer.comment.id}"
at = "{answer.comment.at}"
object_id = "{answer.comment.id}"
text = "{answer.comment.html|html_text|without_markers}"
public = "not answer.comment.internal"
[[webhook.event]]
when = "answer.ticket.state"
type = "status"
id = "s-{answer.ticket.id}-{answer.comment.at}"
at = "{answer.comment.at}"
status = "{answer.ticket.state|lower|default:'in_progress'}"
)";
constexpr const char* kBody =
    R"({"ticket":{"id":7,"key":"01abc","state":"Resolved"},"comment":{"id":9,"at":"2026-11-22 09:30:00","html":"Klart<br>nu","internal":false}})";

class RestWebhook : public Scripted {
 protected:
  void signed_by(const std::string& rules) { profile("[webhook]\n" + rules + kEvents); }
  Status decode(const std::string& headers, const std::string& body = kBody) {
    outcome_ = bench_->decode(headers, body);
    return outcome_.status;
  }
  BenchOutcome outcome_;
};

TEST_F(RestWebhook, BecomesChangesOldestFirst) {
  signed_by("");
  ASSERT_EQ(decode("{}"), Status::ok) << outcome_.message;
  ASSERT_EQ(outcome_.documents.size(), 2U);
  const json::Document comment = parsed(outcome_.documents[0]);
  EXPECT_EQ(comment["external_id"].text(), "7");
  EXPECT_EQ(comment["correlation"].text(), "01abc");
  EXPECT_EQ(comment["at"].text(), "2026-11-22T09:30:00.000Z");
  EXPECT_EQ(comment["comment"]["text"].text(), "Klart\nnu");
  EXPECT_TRUE(comment["comment"]["public"].boolean());
  EXPECT_EQ(parsed(outcome_.documents[1])["status"].text(), "resolved");
  EXPECT_EQ(decode("{}", R"({"kind":"ping"})"), Status::ok);
  EXPECT_THAT(outcome_.documents, IsEmpty());
  EXPECT_EQ(decode("{}", "<html>"), Status::permanent);
}

TEST_F(RestWebhook, IsTakenOnlyWithTheRightSignature) {
  // Made with openssl dgst -hmac s3cret.
  signed_by(
      "signature = \"hmac-sha256\"\nheader = \"X-Sig\"\nprefix = \"sha256=\"\nsecret = \"key\"\n");
  EXPECT_EQ(decode("{}"), Status::auth);
  EXPECT_THAT(outcome_.message, HasSubstr("settings.key"));
  const std::string ping = R"({"kind":"ping"})";
  EXPECT_EQ(
      decode(
          R"({"X-SIG":"sha256=104d1d032797f4f44fee2e436b8efae8947314efa78abf3a9ac0b1c7589cd9e2"})",
          ping),
      Status::ok)
      << outcome_.message;
  EXPECT_EQ(
      decode(
          R"({"X-SIG":"sha256=104d1d032797f4f44fee2e436b8efae8947314efa78abf3a9ac0b1c7589cd9e2"})",
          ping + " "),
      Status::auth);
}

TEST_F(RestWebhook, MayBeSignedInOtherWays) {
  const std::string ping = R"({"kind":"ping"})";
  signed_by(
      "signature = \"hmac-sha1\"\nheader = \"X-Sig\"\nprefix = \"sha1=\"\nsecret = \"key\"\n");
  EXPECT_EQ(decode(R"({"X-Sig":"sha1=160052fc74a3b80a35e8f55c55b170df65dc2226"})", ping),
            Status::ok);
  signed_by(
      "signature = \"hmac-sha256\"\nencoding = \"base64\"\nheader = \"X-Sig\"\nsecret = "
      "\"key\"\nsigned = \"{header.x-time}{raw}\"\n");
  EXPECT_EQ(
      decode(R"({"X-Time":"17","X-Sig":"73BhsoV2FlS1jV1VHzQbKHxGNq2mtDgOogFvrA2gFHo="})", ping),
      Status::ok);
  EXPECT_EQ(
      decode(R"({"X-Time":"18","X-Sig":"73BhsoV2FlS1jV1VHzQbKHxGNq2mtDgOogFvrA2gFHo="})", ping),
      Status::auth);
  signed_by("signature = \"token\"\nheader = \"X-Token\"\nsecret = \"key\"\n");
  EXPECT_EQ(decode(R"({"X-Token":"s3cret"})", ping), Status::ok);
  EXPECT_EQ(decode(R"({"X-Token":"s3cre"})", ping), Status::auth);
  signed_by("signature = \"basic\"\nuser = \"user\"\nsecret = \"key\"\n");
  EXPECT_EQ(decode(R"({"Authorization":"Basic ZGVzazpzM2NyZXQ="})", ping), Status::ok);
  EXPECT_EQ(decode(R"({"Authorization":"Basic ZGVzazpzM2NyZXU="})", ping), Status::auth);
}

}  // namespace
}  // namespace ombud::test
