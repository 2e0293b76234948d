#include "identity/letters.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "identity/accounts.hpp"
#include "identity/limits.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud::identity {
namespace {

// {0} person, {1} desk, {2} link, {3} days or minutes.
struct Words {
  std::string_view invitation_subject, invitation, reset_subject, reset;
};
constexpr Words kSwedish{
    "Välkommen till {1}",
    "Hej {0}!\n\nDu har fått ett konto hos {1}. Välj ditt lösenord här inom {3} dagar:\n\n{2}\n\n"
    "Vänliga hälsningar\n{1}\n",
    "Nytt lösenord hos {1}",
    "Hej {0}!\n\nNågon, förmodligen du, har bett om ett nytt lösenord hos {1}. Välj det här inom "
    "{3} "
    "minuter:\n\n{2}\n\nVar det inte du behöver du inte göra något: ditt lösenord gäller som "
    "förut.\n\nVänliga hälsningar\n{1}\n"};
constexpr Words kEnglish{
    "Welcome to {1}",
    "Hello {0},\n\nYou have an account at {1}. Choose your password here within {3} "
    "days:\n\n{2}\n\nKind regards\n{1}\n",
    "New password at {1}",
    "Hello {0},\n\nSomebody, probably you, asked for a new password at {1}. Choose it here within "
    "{3} "
    "minutes:\n\n{2}\n\nIf it was not you there is nothing to do: your password stays as it "
    "is.\n\nKind regards\n{1}\n"};

}  // namespace

bool send_letter(Tx& tx, const Account& account, Letter letter, std::string_view url,
                 const FrameLetter& frame) {
  const auto link = notices_link(tx);
  if (!link) return false;
  const std::string language = language_of(tx, account);
  const Words& words = language == "en" ? kEnglish : kSwedish;
  const std::string desk = desk_identity(tx).name;
  const bool invites = letter == Letter::invitation;
  const std::int64_t within = invites ? kInvitationFor / kDay : kResetFor / kMinute;
  const auto say = [&](std::string_view form) {
    return fmt::format(fmt::runtime(form), account.name, desk, url, within);
  };
  const std::string subject = say(invites ? words.invitation_subject : words.reset_subject);
  const std::string text = say(invites ? words.invitation : words.reset);
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.notice/1")
      .field("reference", "")
      .begin_object("to")
      .field("name", account.name)
      .field("address", account.email)
      .end_object()
      .field("subject", subject)
      .field("text", text)
      .field("language", language)
      .field("automatic", true);
  if (frame) out.field("html", frame(language, desk, subject, text));
  out.end_object();
  enqueue(tx, lane_of_letter(tx, *link), {"put_ticket", out.take(), "", 0});
  return true;
}

}  // namespace ombud::identity
