#include "notify/sentences.hpp"

#include <fmt/format.h>

namespace ombud::notify {
namespace {

// {0}: the ticket's reference.
struct Forms {
  std::string_view swedish, english;
};

Forms forms_of(Kind kind, LetterFacts::Phase incident) {
  switch (kind) {
    case Kind::registered:
      return {"Vi har tagit emot ärende {0}.", "We have received ticket {0}."};
    case Kind::replied:
      return {"Servicedesken har svarat i ärende {0}.",
              "The service desk has answered in ticket {0}."};
    case Kind::status_changed:
      return {"Vi arbetar med ärende {0}.", "We are working on ticket {0}."};
    case Kind::waiting_for_you:
      return {"Vi väntar på ditt svar i ärende {0}.",
              "We are waiting for your answer in ticket {0}."};
    case Kind::approval_needed:
      return {"Beställning {0} väntar på ditt godkännande.",
              "Order {0} is waiting for your approval."};
    case Kind::approval_decided:
      return {"Beställning {0} har fått ett svar.", "Order {0} has been answered."};
    case Kind::solved:
      return {"Vi bedömer att ärende {0} är löst.", "We believe that ticket {0} is solved."};
    case Kind::closed:
      return {"Ärende {0} är avslutat.", "Ticket {0} is closed."};
    case Kind::reopened:
      return {"Ärende {0} är öppnat igen.", "Ticket {0} is open again."};
    case Kind::added:
      return {"Du är nu med i ärende {0}.", "You now take part in ticket {0}."};
    case Kind::major_incident:
      switch (incident) {
        case LetterFacts::Phase::under_way:
          return {"En större incident pågår.", "There is a major incident."};
        case LetterFacts::Phase::planned:
          return {"Ett avbrott är planerat.", "An outage is planned."};
        case LetterFacts::Phase::over:
          return {"Den större incidenten är över.", "The major incident is over."};
        case LetterFacts::Phase::cancelled:
          return {"Det planerade avbrottet är inställt.", "The planned outage has been cancelled."};
      }
      return {};
  }
  return {};
}

}  // namespace

std::string sentence_of(Kind kind, std::string_view language, std::string_view reference,
                        LetterFacts::Phase incident) {
  const Forms forms = forms_of(kind, incident);
  return fmt::format(fmt::runtime(language == "en" ? forms.english : forms.swedish), reference);
}

LetterFacts::Phase incident_phase(Phase phase, const Announcement* told, Instant at) {
  if (phase == Phase::over) {
    return told != nullptr && never_began(*told) ? LetterFacts::Phase::cancelled
                                                 : LetterFacts::Phase::over;
  }
  const bool planned =
      phase == Phase::started && told != nullptr &&
      (told->starts_at ? at < *told->starts_at : told->state == NoticeState::announced);
  return planned ? LetterFacts::Phase::planned : LetterFacts::Phase::under_way;
}

std::string_view status_words(TicketStatus status, std::string_view language) {
  const bool english = language == "en";
  switch (status) {
    case TicketStatus::fresh:
      return english ? "received" : "mottaget";
    case TicketStatus::in_progress:
    case TicketStatus::waiting_supplier:  // who works on it is not the user's business
      return english ? "being worked on" : "under arbete";
    case TicketStatus::waiting_user:
      return english ? "waiting for you" : "väntar på dig";
    case TicketStatus::resolved:
      return english ? "solved" : "löst";
    case TicketStatus::closed:
      return english ? "closed" : "avslutat";
  }
  return {};
}

}  // namespace ombud::notify
