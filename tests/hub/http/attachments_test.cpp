// Files as browsers send them and show them.
#include <gmock/gmock.h>

#include "desk/limits.hpp"
#include "hub.hpp"

namespace ombud::http::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class AttachmentsTest : public HubTest {
 protected:
  std::string upload(const std::string& media_type) {
    const auto answer = hub_.send("POST", path_, "erik", "bytes", {{"Content-Type", media_type}});
    EXPECT_EQ(answer->status, 201) << answer->body;
    return "/api/v1/attachments/" + std::to_string(answer->json()["id"].integer());
  }
  std::string ticket_ = hub_.new_ticket();
  std::string path_ = "/api/v1/tickets/" + ticket_ + "/attachments?name=bild.png";
};

TEST_F(AttachmentsTest, PicturesMayBeShownAndNothingElse) {
  for (const char* picture : {"image/png", "image/jpeg", "image/gif", "image/webp"}) {
    const std::string file = upload(picture);
    const auto shown = hub_.send("GET", file + "?inline=true", "erik");
    EXPECT_EQ(shown->status, 200);
    EXPECT_THAT(shown->header("content-disposition"), StartsWith("inline;")) << picture;
    EXPECT_EQ(shown->header("content-type"), picture);
    EXPECT_EQ(shown->header("x-content-type-options"), "nosniff");
    EXPECT_EQ(shown->header("cross-origin-resource-policy"), "same-origin");
    EXPECT_THAT(hub_.send("GET", file, "erik")->header("content-disposition"),
                StartsWith("attachment;"));
  }
  for (const char* other :
       {"image/svg+xml", "text/html", "application/pdf", "image/png, text/html", "IMAGE/SVG+XML",
        "image/png;x=\"text/html\"", "text/xml", "image/x-png"}) {
    const auto shown = hub_.send("GET", upload(other) + "?inline=true", "erik");
    EXPECT_THAT(shown->header("content-disposition"), StartsWith("attachment;")) << other;
    EXPECT_THAT(shown->header("content-security-policy"), HasSubstr("sandbox"));
  }
  hub_.expect(400, "GET", upload("image/png") + "?inline=yes", "erik");
}

TEST_F(AttachmentsTest, TheLargestFileComesInOnAConnectionThatIsKept) {
  const std::string head = "POST " + path_ +
                           " HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer erik\r\nContent-Type: "
                           "image/jpeg\r\n";
  const std::string bytes(static_cast<std::size_t>(desk::kAttachmentBytesMax), 'x');
  Client client(hub_.port);
  client.send(head + "Content-Length: " + std::to_string(bytes.size()) + "\r\n\r\n");
  client.send(bytes);
  const auto whole = client.receive();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->status, 201);
  EXPECT_EQ(whole->json()["bytes"].integer(), desk::kAttachmentBytesMax);

  client.send(head + "Transfer-Encoding: chunked\r\n\r\n");
  constexpr std::size_t kChunk = 64U << 10U;
  for (std::size_t at = 0; at < bytes.size(); at += kChunk) {
    client.send("10000\r\n" + bytes.substr(at, kChunk) + "\r\n");
  }
  client.send("0\r\n\r\n");
  const auto chunked = client.receive();
  ASSERT_TRUE(chunked);
  EXPECT_EQ(chunked->status, 201);

  client.send(head + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.take(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(client.receive()->status, 201);
}

TEST_F(AttachmentsTest, ATooLargeFileIsRefusedBeforeItComes) {
  Client client(hub_.port);
  client.send("POST " + path_ +
              " HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer erik\r\nContent-Type: "
              "image/jpeg\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(desk::kAttachmentBytesMax + 1) + "\r\n\r\n");
  const auto refused = client.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 413);
  EXPECT_EQ(refused->header("connection"), "close");
}

}  // namespace
}  // namespace ombud::http::test
