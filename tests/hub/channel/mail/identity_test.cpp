// One mail is known again on whatever ways it came, and two mails are never taken for one.
#include "channel/mail/identity.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "channel/mail/mime/message.hpp"

namespace ombud::mail {
namespace {

const std::string kMail =
    "From: Erik <erik@alfa.example>\r\nTo: desk@ombud.example\r\nCc: b@alfa.example\r\n"
    "Subject: Skrivaren\r\n piper\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\n"
    "Message-ID: <1@alfa.example>\r\nContent-Type: text/plain\r\n\r\nHej!\r\nDen piper.\r\n";

std::string content(const std::string& raw) {
  return identify(raw).content;
}
std::string with(const std::string& old, const std::string& fresh) {
  std::string mail = kMail;
  return mail.replace(mail.find(old), old.size(), fresh);
}

TEST(MailIdentity, WhatServersOnTheWayWriteChangesNothing) {
  EXPECT_EQ(
      content("Received: from a by b\r\n\tfor <x@y>; Mon\r\nDelivered-To: it@ombud.example\r\n"
              "Authentication-Results: mx; spf=pass\r\nX-Spam-Score: 1\r\nDKIM-Signature: v=1\r\n"
              "Return-Path: <erik@alfa.example>\r\nList-Id: <all.alfa>\r\n" +
              kMail),
      content(kMail));
  EXPECT_NE(identify("X-Spam-Score: 1\r\n" + kMail).bytes, identify(kMail).bytes);
  // Fields in another order, folded otherwise, with other line ends, an empty line more at the end.
  EXPECT_EQ(content("SUBJECT:  Skrivaren piper\nFrom: Erik <erik@alfa.example>\n"
                    "To: desk@ombud.example\nCc: b@alfa.example\n"
                    "Date: Mon, 23 Nov 2026 08:00:00 +0100\nContent-Type:\n text/plain\n"
                    "Message-ID: <1@alfa.example>\n\nHej!\nDen piper.\n\n"),
            content(kMail));
}

TEST(MailIdentity, WhateverTheSenderWroteOtherwiseIsAnotherMailThoughItsMessageIdIsTheSame) {
  for (const auto& [old, fresh] : std::initializer_list<std::pair<std::string, std::string>>{
           {"erik@", "eva@"},
           {"desk@", "it@"},
           {"b@alfa", "c@alfa"},
           {"Skrivaren", "Fikat"},
           {"08:00", "08:01"},
           {"text/plain", "text/html"},
           {"Hej!", "Nej!"},
           {"Hej!\r\n", "Hej!\r\n\r\n"},
           {"Hej!\r\nDen", "Hej! Den"},
           {"\r\nContent-Type: text/plain\r\n\r\n", "\r\n\r\nContent-Type: text/plain\r\n\r\n"}}) {
    EXPECT_NE(content(with(old, fresh)), content(kMail)) << old;
  }
}

TEST(MailIdentity, WithoutAMessageIdTheWayThatItCameTellsMailsApart) {
  const std::string alarm = "From: a@b.example\r\nSubject: Toner\r\n\r\nToner slut.\r\n";
  const auto at = [&](const std::string& hour) {
    return "Received: by printer; " + hour + "\r\n" + alarm;
  };
  EXPECT_NE(content(at("9")), content(at("10")));
  EXPECT_NE(identify(at("9")).bytes, identify(at("10")).bytes);
  // Two copies have their first server in common.
  EXPECT_EQ(content("Received: by mx1; 9:01\r\n" + at("9")),
            content("Received: by mx2; 9:02\r\n" + at("9")));
  EXPECT_NE(identify(alarm, "23-Nov-2026 09:00:00").content,
            identify(alarm, "23-Nov-2026 10:00:00").content);
  EXPECT_NE(identify(alarm, "23-Nov-2026 09:00:00").bytes,
            identify(alarm, "23-Nov-2026 10:00:00").bytes);
  EXPECT_EQ(identify(at("9"), "a").content, identify(at("9"), "b").content);
}

TEST(MailIdentity, OneWithNeitherMessageIdNorWayNorDateSaysSo) {
  const std::string alarm = "From: a@b.example\r\nSubject: Toner\r\n\r\nToner slut.\r\n";
  EXPECT_TRUE(identify(alarm).undated);
  EXPECT_FALSE(identify(alarm, "23-Nov-2026 09:00:00").undated);
  for (const std::string more : {"Received: by printer; 9\r\n", "Message-ID: <1@b.example>\r\n",
                                 "DATE: Mon, 23 Nov 2026 08:00:00 +0100\r\n"}) {
    EXPECT_FALSE(identify(more + alarm).undated) << more;
  }
}

// However a mail is cut into pieces, and whether it lies in memory or in a file.
TEST(MailIdentity, IsTheSameByPiecesAndFromAFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("ombud-identity-" + std::to_string(::getpid()));
  const std::string blanks(200'000, ' ');
  for (const std::string& mail :
       {kMail, "Received: from x\r\n by y;\r\n\tMon\r\n" + kMail,
        "Subject: a\n\nReceived: no header\r\n" + std::string(300, 'x') + "\r\r\n \r\nz \r",
        std::string("Return-Path: <a@b>"), std::string("\r"), std::string(), std::string("\n\n\na"),
        "X-Long: " + std::string(500, 'y') + "\r\nMessage-ID: <a@b>\r\n\r\nhej",
        kMail + blanks + "\r\n" + blanks + "x" + blanks,
        "X-Endless: " + std::string(kHeaderSectionBytesMax + 100, 'y') + "\r\n\r\nhej"}) {
    const Identity whole = identify(mail);
    const auto expect_same = [&](const Identity& other, const std::string& how) {
      EXPECT_EQ(other.bytes, whole.bytes) << how;
      EXPECT_EQ(other.content, whole.content) << how;
      EXPECT_EQ(other.message_id, whole.message_id) << how;
    };
    for (const std::size_t piece : {1U, 2U, 7U, 64U, 1000U, 65'536U}) {
      if (mail.size() / piece > 2'000) continue;
      Identifier identifier;
      for (std::size_t at = 0; at < mail.size(); at += piece) {
        identifier.update(std::string_view(mail).substr(at, piece));
      }
      expect_same(identifier.finish(), std::to_string(piece) + " of " + mail.substr(0, 80));
    }
    std::ofstream(path, std::ios::binary) << mail;
    expect_same(identify_file(path.string()), "the file of " + mail.substr(0, 80));
    std::filesystem::remove(path);
  }
  EXPECT_THROW(identify_file("/nonexistent/mail"), std::runtime_error);
}

TEST(MailIdentity, TakesAnything) {
  for (const std::string& odd : {std::string(), std::string("\r\n"), std::string("\n\n\n"),
                                 std::string(":"), std::string(" \t"), std::string("\0\0", 2),
                                 std::string("Subject"), std::string("Subject:\r\n ")}) {
    EXPECT_EQ(content(odd).size(), 64U);
  }
  EXPECT_NE(content("From: x"), content("From: y"));
  EXPECT_NE(content(" x\n\nbody"), content(" y\n\nbody"));
}

}  // namespace
}  // namespace ombud::mail
