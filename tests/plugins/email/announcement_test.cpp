// Which mails of a supplier announce something, and that none about a ticket does.
#include "email/announcement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "email/decode.hpp"

namespace ombud::email {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

Settings settings() {
  Settings s;
  s.domain = "ombud.example";
  s.kinds = {{"underhåll", "maintenance"}, {"driftstörning", "outage"}};
  s.states = {{"avslutad", "over"}, {"pågår", "ongoing"}};
  return s;
}

std::string mail(const std::string& subject, const std::string& more = "",
                 const std::string& id = "m1") {
  return "Message-ID: <" + id + "@byggit.example>\r\nFrom: drift@byggit.example\r\n" + more +
         "Date: Sun, 22 Nov 2026 11:00:00 +0100\r\nSubject: " + subject +
         "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nServern startas om.\r\n";
}

json::Document announced(const std::string& raw) {
  const auto text = announcement_in(raw, settings());
  return text ? json::parse(*text).value() : json::Document{};
}

TEST(Announcement, AMailWhoseSubjectHasTheWordIsOneAndItsNumberIsItsId) {
  const auto first = announced(mail("PLANERAT UNDERHÅLL CHG0012345"));
  EXPECT_EQ(first["schema"].text(), "ombud.announcement/1");
  EXPECT_EQ(first["remote_id"].text(), "CHG0012345");
  EXPECT_EQ(first["kind"].text(), "maintenance");
  EXPECT_EQ(first["state"].text(), "announced");
  EXPECT_EQ(first["updated_at"].text(), "2026-11-22T10:00:00.000Z");
  EXPECT_THAT(std::string(first["text"].text()), HasSubstr("Servern startas om."));
  const auto later = announced(mail("Avslutad: underhåll CHG0012345", "", "m2"));
  EXPECT_EQ(later["remote_id"].text(), "CHG0012345") << "the same, told on";
  EXPECT_EQ(later["state"].text(), "over");
}

TEST(Announcement, WithoutANumberTheThreadIsItsId) {
  EXPECT_EQ(announced(mail("Driftstörning"))["remote_id"].text(), "<m1@byggit.example>");
  EXPECT_EQ(announced(mail("Re: Driftstörning pågår", "References: <m1@byggit.example>\r\n",
                           "m2"))["remote_id"]
                .text(),
            "<m1@byggit.example>");
}

TEST(Announcement, OtherMailIsNone) {
  EXPECT_FALSE(announcement_in(mail("Faktura"), settings()));
  EXPECT_FALSE(announcement_in(mail("Underhåll"), Settings{}));
  EXPECT_FALSE(announcement_in(mail("[OMB-12] underhåll"), settings())) << "about our ticket";
  EXPECT_FALSE(
      announcement_in(mail("Underhåll", "In-Reply-To: <abc@ombud.example>\r\n"), settings()));
  EXPECT_FALSE(announcement_in(mail("Underhåll", "Return-Path: <>\r\n"), settings()));
  EXPECT_FALSE(announcement_in("", settings()));
  // And nothing that arrives passes unseen.
  EXPECT_THAT(changes_of(mail("Faktura"), settings()), SizeIs(1));
  EXPECT_THAT(changes_of(mail("Underhåll"), settings()).at(0), HasSubstr("ombud.announcement/1"));
}

}  // namespace
}  // namespace ombud::email
