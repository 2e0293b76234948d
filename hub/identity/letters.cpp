#include "identity/letters.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "identity/accounts.hpp"
#include "identity/limits.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud::identity {
namespace {

// {0} person, {1} desk, {2} link, {3} days, minutes, or the last day of a token, {4} its name.
struct Words {
  std::string_view invitation_subject, invitation, reset_subject, reset, token_subject, token;
};
constexpr Words kSwedish{
    "Välkommen till {1}",
    "Hej {0}!\n\nDu har fått ett konto hos {1}. Välj ditt lösenord här inom {3} dagar:\n\n{2}\n\n"
    "Vänliga hälsningar\n{1}\n",
    "Nytt lösenord hos {1}",
    "Hej {0}!\n\nNågon, förmodligen du, har bett om ett nytt lösenord hos {1}. Välj det här inom "
    "{3} "
    "minuter:\n\n{2}\n\nVar det inte du behöver du inte göra något: ditt lösenord gäller som "
    "förut.\n\nVänliga hälsningar\n{1}\n",
    "Ny API-nyckel hos {1}",
    "Hej {0}!\n\nEn API-nyckel, ”{4}”, har skapats för ditt konto hos {1}. Den gäller till {3}.\n\n"
    "Var det du behöver du inte göra något. Var det inte du: återkalla nyckeln här och byt "
    "lösenord:\n\n{2}\n\nVänliga hälsningar\n{1}\n"};
constexpr Words kEnglish{
    "Welcome to {1}",
    "Hello {0},\n\nYou have an account at {1}. Choose your password here within {3} "
    "days:\n\n{2}\n\nKind regards\n{1}\n",
    "New password at {1}",
    "Hello {0},\n\nSomebody, probably you, asked for a new password at {1}. Choose it here within "
    "{3} "
    "minutes:\n\n{2}\n\nIf it was not you there is nothing to do: your password stays as it "
    "is.\n\nKind regards\n{1}\n",
    "New API token at {1}",
    "Hello {0},\n\nAn API token, “{4}”, was made for your account at {1}. It works until {3}.\n\n"
    "If it was you there is nothing to do. If it was not, revoke the token here and change your "
    "password:\n\n{2}\n\nKind regards\n{1}\n"};

// What a person wrote, on one line of a letter.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

// `choose` picks subject and text from the words of his language.
template <class Choose>
bool send(Tx& tx, const Account& account, Choose choose, std::string_view url,
          std::string_view until, std::string_view thing, const FrameLetter& frame) {
  const auto link = notices_link(tx);
  if (!link) return false;
  const std::string language = language_of(tx, account);
  const auto form = choose(language == "en" ? kEnglish : kSwedish);
  const std::string desk = desk_identity(tx).name;
  const std::string thing_line = one_line(thing);
  const auto say = [&](std::string_view words) {
    return fmt::format(fmt::runtime(words), account.name, desk, url, until, thing_line);
  };
  const std::string subject = say(form.first), text = say(form.second);
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

}  // namespace

bool send_letter(Tx& tx, const Account& account, Letter letter, std::string_view url,
                 const FrameLetter& frame) {
  const bool invites = letter == Letter::invitation;
  const std::int64_t within = invites ? kInvitationFor / kDay : kResetFor / kMinute;
  const auto choose = [invites](const Words& words) {
    return invites ? std::pair(words.invitation_subject, words.invitation)
                   : std::pair(words.reset_subject, words.reset);
  };
  return send(tx, account, choose, url, std::to_string(within), {}, frame);
}

bool send_token_letter(Tx& tx, const Account& account, const AccountToken& token,
                       std::string_view url, const FrameLetter& frame) {
  const auto choose = [](const Words& words) {
    return std::pair(words.token_subject, words.token);
  };
  constexpr std::size_t kDateCharacters = 10;  // "2027-02-21"
  const std::string until =
      to_rfc3339(token.expires_at.value_or(tx.at())).substr(0, kDateCharacters);
  return send(tx, account, choose, url, until, token.name, frame);
}

}  // namespace ombud::identity
