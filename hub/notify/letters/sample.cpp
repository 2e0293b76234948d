#include "notify/letters/sample.hpp"

#include "notify/letters/words.hpp"

namespace ombud::notify {
namespace {

constexpr Instant kMorning{Millis{1'795'426'200'000}};  // 2026-11-23 10:30 in Stockholm
constexpr Millis kHour{3'600'000};

struct Words {
  const char *person, *approver, *desk, *subject, *reply, *reason, *refusal, *order, *incident,
      *status, *said, *url;
};
constexpr Words kSwedish{
    "Eva Ek",
    "Karin Chef",
    "Servicedesk",
    "Skrivaren på plan 3 skriver bara halva sidor",
    "Vi har bytt trumman och skrivit ut en provsida som ser bra ut.\n\nProva gärna själv. Syns det "
    "fortfarande streck, ta en bild och svara här. Så byter du papper: "
    "https://desk.example/guider/skrivare",
    "Min gamla skärm flimrar, och jag sitter vid den hela dagen.",
    "Vi har redan tre likadana i lager. Hör med receptionen.",
    "Ny skärm, 27 tum, till plats 412",
    "Mejlen är långsam sedan klockan 9. Leverantören felsöker. Nästa besked kommer senast 11.30.",
    "under arbete",
    "Hej!\nSkrivaren skriver bara halva sidor sedan i morse.\nKan ni titta på den?\n/Eva",
    "https://desk.example/tickets/1042"};
constexpr Words kEnglish{
    "Eve Oakes",
    "Karen Chief",
    "Service desk",
    "The printer on floor 3 prints half pages",
    "We have changed the drum, and a test page looks fine.\n\nPlease try it yourself. If there are "
    "still stripes, take a picture and answer here. How to change paper: "
    "https://desk.example/guides/printer",
    "My old screen flickers, and I sit in front of it all day.",
    "We have three of these in stock already. Please ask the reception.",
    "New screen, 27 inches, for desk 412",
    "Mail has been slow since 9. The supplier is looking into it. The next news is due by 11:30.",
    "being worked on",
    "Hello,\nthe printer has printed half pages since this morning.\nCould you have a look?\nEve",
    "https://desk.example/tickets/1042"};

const Words& words_of(std::string_view language) {
  return language == "en" ? kEnglish : kSwedish;
}

}  // namespace

std::optional<Kind> kind_from(std::string_view text) {
  for (int kind = 0; kind <= static_cast<int>(Kind::major_incident); ++kind) {
    if (to_text(static_cast<Kind>(kind)) == text) return static_cast<Kind>(kind);
  }
  return std::nullopt;
}

LetterFacts sample_facts(Kind kind, std::string_view language) {
  const Words& words = words_of(language);
  LetterFacts facts;
  facts.kind = kind;
  facts.language = language == "en" ? "en" : "sv";
  facts.person_name = words.person;
  facts.desk_name = words.desk;
  facts.reference = "OMB-1042";
  facts.subject = words.subject;
  facts.url = words.url;
  facts.settings_url = "https://desk.example/notifications?token=sample";
  const bool answers = kind == Kind::replied || kind == Kind::waiting_for_you ||
                       kind == Kind::solved || kind == Kind::reopened;
  if (answers) {
    facts.text = words.reply;
    facts.author = "Anna Alm";
    facts.quoted_text = words.said;
    facts.quoted_author = words.person;
    facts.quoted_at = kMorning;
  }
  if (kind == Kind::replied) {
    facts.files = {{"provsida.pdf", 184'300, ""},
                   {"film.mp4", 48'211'004, "https://desk.example/files/sample"}};
  }
  if (kind == Kind::status_changed) facts.status = words.status;
  if (kind == Kind::approval_needed) {
    facts.subject = words.order;
    facts.text = words.reason;
    facts.author = words.person;
    facts.person_name = words.approver;
    facts.answer_by = kMorning + 7 * 24 * kHour;
  }
  if (kind == Kind::approval_decided) {
    facts.subject = words.order;
    facts.text = words.refusal;
    facts.author = words.approver;
    facts.approved = false;
  }
  if (kind == Kind::added) facts.author = "Anna Alm";
  if (kind == Kind::major_incident) {
    facts.reference.clear();
    facts.subject = facts.language == "en" ? "Mail is slow" : "Långsam mejl";
    facts.text = words.incident;
  }
  return facts;
}

DigestFacts sample_digest(std::string_view language) {
  const Words& words = words_of(language);
  DigestFacts facts;
  facts.language = language == "en" ? "en" : "sv";
  facts.person_name = words.person;
  facts.desk_name = words.desk;
  facts.url = "https://desk.example/";
  facts.settings_url = "https://desk.example/notifications?token=sample";
  facts.items = {
      {Kind::replied, "OMB-1042", words.subject, words.reply, words.url, kMorning},
      {Kind::status_changed, "OMB-1039", words.order, words.status, words.url, kMorning + kHour},
      {Kind::solved, "OMB-1017", words.subject, "", words.url, kMorning + 4 * kHour}};
  return facts;
}

}  // namespace ombud::notify
