#include "connector_host/protocol.hpp"

#include <gtest/gtest.h>

#include <random>

#include "connector_host/limits.hpp"

namespace ombud::wire {
namespace {

Message full_call() {
  Message message;
  message.kind = Kind::call;
  message.id = 0xFEDCBA9876543210U;
  message.call.operation = Operation::add_attachment;
  message.call.attempt = 7;
  message.call.correlation = "corr";
  message.call.external_id = "SUP-1";
  message.call.body = std::string("nul\0 and \xFF", 10);
  message.call.kind = "ticket";
  message.call.cursor = "after 9";
  message.call.headers_json = "{}";
  message.call.content_path = "/tmp/x";
  message.call.soft_deadline_ms = -5;
  return message;
}

Message full_reply() {
  Message message;
  message.kind = Kind::reply;
  message.id = 3;
  message.reply.status = Status::rate_limited;
  message.reply.supplier_code = -429;
  message.reply.retry_after_ms = 90'000;
  message.reply.message = "slow down";
  message.reply.documents = {"{}", "", std::string("\0\0", 2)};
  message.reply.exchanges = {
      {"POST", "https://a.example/x", 422, "A: b\n", "C: d\n", "{}", "no", "", 31, true},
      {"GET", "https://a.example/y", 0, "", "", "", "", "no connection", 5, false}};
  return message;
}

std::vector<Message> one_of_each() {
  std::vector<Message> all{full_call(), full_reply()};
  for (const Kind kind : {Kind::hello, Kind::started, Kind::cancel, Kind::stop, Kind::log}) {
    Message message;
    message.kind = kind;
    message.id = 9;
    if (kind == Kind::hello || kind == Kind::log) message.text = "{\"a\":1}";
    all.push_back(message);
  }
  return all;
}

TEST(Frames, CarryACallUnchanged) {
  const auto back = decode(encode(full_call()));
  ASSERT_TRUE(back);
  const Call &sent = full_call().call, &got = back->call;
  EXPECT_EQ(back->kind, Kind::call);
  EXPECT_EQ(back->id, full_call().id);
  EXPECT_EQ(got.operation, sent.operation);
  EXPECT_EQ(got.attempt, sent.attempt);
  EXPECT_EQ(got.correlation, sent.correlation);
  EXPECT_EQ(got.external_id, sent.external_id);
  EXPECT_EQ(got.body, sent.body);
  EXPECT_EQ(got.kind, sent.kind);
  EXPECT_EQ(got.cursor, sent.cursor);
  EXPECT_EQ(got.headers_json, sent.headers_json);
  EXPECT_EQ(got.content_path, sent.content_path);
  EXPECT_EQ(got.soft_deadline_ms, sent.soft_deadline_ms);
}

TEST(Frames, CarryAReplyUnchanged) {
  const auto back = decode(encode(full_reply()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->reply.status, Status::rate_limited);
  EXPECT_EQ(back->reply.supplier_code, -429);
  EXPECT_EQ(back->reply.retry_after_ms, 90'000);
  EXPECT_EQ(back->reply.message, "slow down");
  EXPECT_EQ(back->reply.documents, full_reply().reply.documents);
  ASSERT_EQ(back->reply.exchanges.size(), 2U);
  const Exchange& first = back->reply.exchanges.front();
  EXPECT_EQ(first.url, "https://a.example/x");
  EXPECT_EQ(first.status, 422);
  EXPECT_EQ(first.response_headers, "C: d\n");
  EXPECT_EQ(first.request_body, "{}");
  EXPECT_EQ(first.response_body, "no");
  EXPECT_EQ(first.ms, 31);
  EXPECT_TRUE(first.truncated);
  EXPECT_EQ(back->reply.exchanges.back().error, "no connection");
}

TEST(Frames, HaveOneFormOnly) {
  for (const Message& message : one_of_each()) {
    const std::string frame = encode(message);
    const auto back = decode(frame);
    ASSERT_TRUE(back);
    EXPECT_EQ(encode(*back), frame);
  }
}

TEST(Frames, CutShortAnywhereAreRefused) {
  for (const Message& message : one_of_each()) {
    const std::string frame = encode(message);
    for (std::size_t size = 0; size < frame.size(); ++size) {
      EXPECT_FALSE(decode(std::string_view(frame).substr(0, size))) << size;
    }
  }
}

TEST(Frames, WithAnythingAfterTheirEndAreRefused) {
  for (const Message& message : one_of_each()) EXPECT_FALSE(decode(encode(message) + '\0'));
}

TEST(Frames, OfAnotherVersionOrKindAreRefused) {
  for (const std::size_t at : {0U, 1U, 2U}) {
    std::string frame = encode(full_call());
    frame[at] = '\x7F';
    EXPECT_FALSE(decode(frame)) << at;
  }
}

TEST(Frames, WithAnUnknownOperationOrStatusAreRefused) {
  constexpr std::size_t kAfterHead = 11;
  std::string call = encode(full_call());
  call[kAfterHead] = 12;
  EXPECT_FALSE(decode(call));
  std::string reply = encode(full_reply());
  reply[kAfterHead] = 7;
  EXPECT_FALSE(decode(reply));
}

TEST(Frames, ThatAnnounceMoreThanTheyHoldAllocateNothing) {
  // The count of documents stands after status, code, delay and the empty message, before what was
  // seen of the server and the count of exchanges, which is the last.
  constexpr std::size_t kPeerBytes = 16, kCountBytes = 4;
  for (const std::size_t behind : {kPeerBytes + kCountBytes, std::size_t{0}}) {
    Message message;
    message.kind = Kind::reply;
    std::string frame = encode(message);
    const std::size_t end = frame.size() - behind;
    for (std::size_t i = end - kCountBytes; i < end; ++i) frame[i] = '\xFF';
    EXPECT_FALSE(decode(frame));
  }
}

TEST(Frames, LargerThanTheLimitAreRefused) {
  Message message;
  message.kind = Kind::log;
  message.text.assign(host_limits::kFrameBytesMax, 'x');
  EXPECT_FALSE(decode(encode(message)));
}

TEST(Frames, OfRandomBytesNeverBreakTheReader) {
  std::mt19937 random(17);  // NOLINT: the same bytes each time
  const std::vector<Message> all = one_of_each();
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string frame = encode(all[random() % all.size()]);
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
      frame[random() % frame.size()] = static_cast<char>(random());
    }
    const auto back = decode(frame);
    if (back) {
      ++accepted;
      EXPECT_EQ(encode(*back), frame);
    }
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, 20'000);
}

TEST(Operations, HaveNamesThatReadBack) {
  for (int i = 0; i < 8; ++i) {
    const auto operation = static_cast<Operation>(i);
    EXPECT_EQ(operation_from(to_text(operation)), operation);
  }
  EXPECT_EQ(operation_from("put_tickets"), std::nullopt);
}

TEST(Operations, ThatWriteAreThree) {
  int writes = 0;
  for (int i = 0; i < 8; ++i) writes += is_write(static_cast<Operation>(i)) ? 1 : 0;
  EXPECT_EQ(writes, 3);
  EXPECT_TRUE(is_write(Operation::put_ticket));
  EXPECT_FALSE(is_write(Operation::find));
}

}  // namespace
}  // namespace ombud::wire
