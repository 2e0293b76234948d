#include "email/words.hpp"

namespace ombud::email {
namespace {

struct Pair {
  std::string_view sv;
  std::string_view en;
};

Pair pair_of(Text text) {
  switch (text) {
    case Text::greeting:
      return {"Hej,", "Hello,"};
    case Text::hand_over:
      return {"vi lämnar över ett ärende till er. Det här är vad vi vet:",
              "we are handing a ticket over to you. This is what we know:"};
    case Text::label_reference:
      return {"Ärende", "Ticket"};
    case Text::label_kind:
      return {"Typ", "Kind"};
    case Text::label_priority:
      return {"Prioritet", "Priority"};
    case Text::label_service:
      return {"Tjänst", "Service"};
    case Text::label_customer:
      return {"Kund", "Customer"};
    case Text::label_user:
      return {"Användare", "User"};
    case Text::label_opened:
      return {"Registrerat", "Registered"};
    case Text::label_due:
      return {"Överenskommen lösningstid", "Agreed to be solved by"};
    case Text::label_status:
      return {"Status", "Status"};
    case Text::label_description:
      return {"Beskrivning", "Description"};
    case Text::how_to_answer:
      return {
          "Svara på det här mejlet, så hamnar svaret i ärendet. Låt ärendenumret stå kvar i "
          "ämnesraden.\nSkriv ett av dessa ord överst i svaret när läget ändras: {commands}.\n"
          "All kontakt med användaren går genom oss.",
          "Reply to this mail and your answer reaches the ticket. Leave the ticket number in the "
          "subject.\nWrite one of these words at the top of the reply when things change: "
          "{commands}.\nAll contact with the user goes through us."};
    case Text::kind_incident:
      return {"Incident", "Incident"};
    case Text::kind_order:
      return {"Beställning", "Order"};
    case Text::kind_question:
      return {"Fråga", "Question"};
    case Text::priority_low:
      return {"Låg", "Low"};
    case Text::priority_normal:
      return {"Normal", "Normal"};
    case Text::priority_high:
      return {"Hög", "High"};
    case Text::priority_urgent:
      return {"Brådskande", "Urgent"};
    case Text::now_new:
      return {"Ärendet väntar på att ni börjar arbeta med det.",
              "The ticket is waiting for you to start on it."};
    case Text::now_in_progress:
      return {"Ärendet pågår. Fortsätt arbetet.", "The ticket is in progress. Please carry on."};
    case Text::now_waiting:
      return {"Ärendet väntar på svar från användaren. Vi återkommer.",
              "The ticket is waiting for the user to answer. We will get back to you."};
    case Text::now_resolved:
      return {"Vi räknar ärendet som löst och stämmer av med användaren.",
              "We regard the ticket as solved and are checking with the user."};
    case Text::now_closed:
      return {"Ärendet är avslutat. Ni behöver inte göra något mer.",
              "The ticket is closed. There is nothing more for you to do."};
    case Text::now_withdrawn:
      return {"Vi tar tillbaka ärendet. Avbryt arbetet med det.",
              "We are withdrawing the ticket. Please stop working on it."};
    case Text::update_subject:
      return {"Nytt i ärendet", "News in the ticket"};
    case Text::update_facts:
      return {"Så här ser ärendet ut nu:", "This is how the ticket stands now:"};
    case Text::comment_from:
      return {"{author} skriver:", "{author} writes:"};
    case Text::comment_private:
      return {"(Internt mellan oss och er: visa det inte för användaren.)",
              "(Between you and us: please do not show it to the user.)"};
    case Text::attachment_text:
      return {"Bifogat till ärendet: {name} ({size}).", "Attached to the ticket: {name} ({size})."};
  }
  return {"", ""};
}

}  // namespace

std::string_view say(Text text, Language language) {
  const Pair pair = pair_of(text);
  return language == Language::sv ? pair.sv : pair.en;
}

}  // namespace ombud::email
