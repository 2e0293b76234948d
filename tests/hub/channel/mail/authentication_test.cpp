// Which Authentication-Results count, and what they mean for who wrote a mail.
#include "channel/mail/authentication.hpp"

#include <gtest/gtest.h>

namespace ombud::mail {
namespace {

const std::vector<std::string> kTrusted{"mx.desk.example"};
constexpr const char* kBorder =
    "Received: from out.alfa.example (out.alfa.example [192.0.2.7])\r\n"
    "\tby mx.desk.example (Postfix) with ESMTPS id 4X; Mon, 23 Nov 2026 09:00:00 +0100\r\n";
constexpr const char* kLetter =
    "From: Erik Ek <erik.ek@alfa.example>\r\nSubject: Hej\r\n\r\nHej!\r\n";

std::string result(const std::string& results, const std::string& server = "mx.desk.example") {
  return "Authentication-Results: " + server + ";\r\n\t" + results + "\r\n";
}

MailAuthentication found(const std::string& raw, const std::string& from = "erik.ek@alfa.example") {
  return authenticate(header_fields(raw), from, kTrusted);
}

TEST(AuthenticationTest, WhatOurServerWroteOnTopCounts) {
  const auto good =
      found(result("dmarc=pass (p=reject) header.from=alfa.example") +
            result("spf=pass smtp.mailfrom=erik.ek@alfa.example;\r\n"
                   " dkim=pass (2048-bit key) header.d=alfa.example header.b=\"a=\"") +
            kBorder + kLetter);
  EXPECT_EQ(good.verdict, "pass");
  EXPECT_EQ(good.spf, "pass");
  EXPECT_EQ(good.dkim, "pass");
  EXPECT_EQ(good.dmarc, "pass");
  const auto bad = found(
      result("spf=softfail smtp.mailfrom=x@evil.example; dmarc=fail header.from=alfa.example") +
      kBorder + kLetter);
  EXPECT_EQ(bad.verdict, "fail");
  EXPECT_EQ(bad.spf, "softfail");
  EXPECT_EQ(found(std::string(kBorder) + kLetter).verdict, "none");
}

TEST(AuthenticationTest, BelowItsOwnReceivedItCountsTooIfNothingStandsAbove) {
  EXPECT_EQ(
      found(std::string(kBorder) + result("dmarc=fail header.from=alfa.example") + kLetter).verdict,
      "fail");
  // Hops inside the house are passed over.
  const std::string inside =
      "Received: from mx.desk.example (localhost [127.0.0.1]) by imap.desk.example with LMTP\r\n"
      "Received: from localhost (localhost [127.0.0.1]) by mx.desk.example (filter)\r\n";
  EXPECT_EQ(found(inside + result("dmarc=pass") + kBorder + kLetter).verdict, "pass");
}

TEST(AuthenticationTest, AForgedFieldFurtherDownCountsForNothing) {
  const std::string forged = result(
      "spf=pass smtp.mailfrom=erik.ek@alfa.example; dkim=pass "
      "header.d=alfa.example; dmarc=pass header.from=alfa.example");
  const std::string far =
      "Received: from laptop by out.alfa.example with ESMTPSA; Mon, 23 Nov 2026 08:59:00 +0100\r\n";
  // Nothing of ours, or ours above it: below a foreign hop it is never looked at.
  EXPECT_EQ(found(kBorder + far + forged + kLetter).verdict, "none");
  EXPECT_EQ(found(result("dmarc=fail") + kBorder + forged + kLetter).verdict, "fail");
  EXPECT_EQ(found(kBorder + result("dmarc=fail") + forged + kLetter).verdict, "fail");
  // In the sender's own header, below any field of his.
  EXPECT_EQ(found(std::string(kBorder) + "Subject: x\r\n" + forged + kLetter).verdict, "none");
  // A hop that says it was ours does not carry the forged field up: what ours wrote stands above.
  const std::string lying = "Received: from mx.desk.example by mx.desk.example (Postfix); now\r\n";
  EXPECT_EQ(found(result("dmarc=fail") + kBorder + lying + forged + kLetter).verdict, "fail");
  EXPECT_EQ(found(kBorder + lying + forged + kLetter).verdict, "none");
}

TEST(AuthenticationTest, ASmuggledMethodDoesNotAddToWhatTheServerSaid) {
  // The server speaks of SPF alone; the sender adds a DKIM that would carry the day.
  const auto smuggled = found(std::string(kBorder) +
                              result("spf=fail smtp.mailfrom=erik.ek@alfa.example; dkim=none") +
                              result("dkim=pass header.d=alfa.example") + kLetter);
  EXPECT_EQ(smuggled.verdict, "fail");
  EXPECT_EQ(smuggled.dkim, "none");
}

TEST(AuthenticationTest, BelowTheBorderOnlyTheTopmostFieldCounts) {
  const std::string forged = result("dmarc=pass header.from=alfa.example");
  EXPECT_NE(found(kBorder + result("spf=fail") + forged + kLetter).verdict, "pass");
  EXPECT_EQ(found(kBorder + result("spf=fail") + forged + kLetter).dmarc, "");
}

TEST(AuthenticationTest, AGreetingWithOurNameDoesNotBringTheSenderInside) {
  const std::string forged = result("dmarc=pass header.from=alfa.example");
  const std::string below = kBorder + forged + kLetter;
  const auto verdict = [&](const std::string& from) {
    return found("Received: from " + from + " by mx.desk.example with ESMTP; now\r\nX-A: b\r\n" +
                 "Subject: x\r\n" + below)
        .verdict;
  };
  for (const char* outside :
       {"mx.desk.example (out.evil.example [192.0.2.9])", "localhost (unknown [192.0.2.9])",
        "[127.0.0.1] (unknown [192.0.2.9])", "[192.0.2.9] (helo=mx.desk.example)",
        "[192.0.2.9] (helo=[127.0.0.1])", "[127.0.0.1] (192.0.2.9)", "mx.desk.example",
        "x (mx.desk.example [192.0.2.9] (may be forged))"}) {
    EXPECT_EQ(verdict(outside), "none") << outside;
  }
  for (const char* inside :
       {"mx.desk.example (mx.desk.example [192.0.2.1])", "x (unknown [10.0.0.7])",
        "x (unknown [172.20.0.7])", "localhost (localhost [IPv6:::1])"}) {
    EXPECT_EQ(verdict(inside), "pass") << inside;
  }
}

TEST(AuthenticationTest, OtherServersAndOtherSpellingsAreNotTrusted) {
  for (const char* server : {"mx.evil.example", "mx.desk.example.evil.example", "desk.example",
                             "\"mx.desk.example\" x", ""}) {
    const auto seen = found(result("dmarc=pass", server) + kBorder + kLetter);
    const bool quoted = std::string_view(server).starts_with('"');  // the same name, as allowed
    EXPECT_EQ(seen.verdict, quoted ? "pass" : "none") << server;
  }
  EXPECT_EQ(found(result("dmarc=pass", "MX.Desk.Example 1") + kBorder + kLetter).verdict, "pass");
  EXPECT_EQ(authenticate(header_fields(result("dmarc=pass") + kBorder + kLetter),
                         "erik.ek@alfa.example", {})
                .verdict,
            "none");
}

TEST(AuthenticationTest, WordsInCommentsAndQuotesAreNotResults) {
  EXPECT_EQ(found(result("spf=fail (a; dmarc=pass) smtp.mailfrom=\"x; dmarc=pass\"@evil.example; "
                         "dmarc=fail (; dmarc=pass)") +
                  kBorder + kLetter)
                .verdict,
            "fail");
  // A comment that the sender closed early: of two words of one server the worse counts.
  EXPECT_EQ(
      found(result("spf=none (x); dmarc=pass (y) is no sender; dmarc=fail") + kBorder + kLetter)
          .verdict,
      "fail");
  EXPECT_EQ(found(result("spf=none (never closed; dmarc=pass") + kBorder + kLetter).verdict,
            "none");
  EXPECT_EQ(found(result("dmarc=\"pass") + kBorder + kLetter).verdict, "none");
}

TEST(AuthenticationTest, WithoutDmarcTheDomainsMustAgree) {
  const auto verdict = [](const std::string& results) {
    return found(result(results) + kBorder + kLetter).verdict;
  };
  EXPECT_EQ(verdict("dkim=pass header.d=alfa.example; dmarc=none"), "pass");
  EXPECT_EQ(verdict("dkim=pass header.i=@mail.alfa.example"), "pass");
  EXPECT_EQ(verdict("dkim=pass header.d=evil.example"), "none");
  EXPECT_EQ(verdict("dkim=pass header.d=example"), "none");
  EXPECT_EQ(verdict("dkim=pass header.d=notalfa.example"), "none");
  EXPECT_EQ(verdict("spf=pass smtp.mailfrom=bounce@news.alfa.example"), "pass");
  EXPECT_EQ(verdict("spf=pass smtp.mailfrom=evil.example"), "none");
  EXPECT_EQ(verdict("spf=fail smtp.mailfrom=erik.ek@alfa.example"), "fail");
  EXPECT_EQ(verdict("spf=fail smtp.mailfrom=list@lists.example"), "none");
  EXPECT_EQ(verdict("dkim=fail header.d=alfa.example"), "fail");
  EXPECT_EQ(verdict("dkim=fail header.d=alfa.example; dkim=pass header.d=alfa.example"), "pass");
  EXPECT_EQ(verdict("dkim=temperror header.d=alfa.example; dmarc=temperror"), "none");
  EXPECT_EQ(verdict("none"), "none");
}

TEST(AuthenticationTest, AMailOfTwoSendersOrOfAnotherOneThanWasJudgedIsFalse) {
  EXPECT_EQ(found(result("dmarc=pass header.from=evil.example") + kBorder + kLetter).verdict,
            "fail");
  EXPECT_EQ(found(result("dmarc=pass") + kBorder + "From: x@evil.example\r\n" + kLetter).verdict,
            "fail");
  EXPECT_EQ(found(result("dmarc=pass") + kBorder + kLetter, "").verdict, "none");
}

TEST(AuthenticationTest, AnAddressThatIsNotTheOneOfFromNeedsAProofOfItsOwn) {
  const auto verdict = [](const std::string& above) {
    const std::string raw =
        above + kBorder + "From: Erik Ek\r\nSender: erik.ek@alfa.example\r\n\r\n";
    return authenticate(header_fields(raw), "erik.ek@alfa.example", kTrusted, false).verdict;
  };
  EXPECT_EQ(verdict(""), "fail");
  EXPECT_EQ(verdict(result("dmarc=pass")), "fail");
  EXPECT_EQ(verdict(result("spf=pass smtp.mailfrom=x@evil.example; dkim=none")), "fail");
  EXPECT_EQ(verdict(result("spf=pass smtp.mailfrom=erik.ek@alfa.example; dmarc=none")), "pass");
  EXPECT_EQ(verdict(result("dkim=pass header.d=alfa.example")), "pass");
  EXPECT_EQ(authenticate({}, "erik.ek@alfa.example", {}, false).verdict, "none");
}

TEST(AuthenticationTest, ReadsAnyBytes) {
  std::string raw;
  for (int i = 0; i < 256; ++i) raw += static_cast<char>(i);
  for (const std::string& value :
       {raw, std::string(100'000, '('), std::string(100'000, ';'), std::string(100'000, '='),
        std::string(";;;==;=;a=;=b;a==b"), std::string("\""), std::string("\\"), std::string()}) {
    EXPECT_NE(found("Authentication-Results: mx.desk.example; " + value + "\r\n\r\n").verdict,
              "pass");
    EXPECT_NE(found("Received: " + value + "\r\n" + result(value) + "\r\n").verdict, "pass");
  }
}

}  // namespace
}  // namespace ombud::mail
