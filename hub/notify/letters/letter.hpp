// What a letter of the desk to one person is made from, and what comes out. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace ombud::notify {

// One thing that a person is told, as a letter and in the portal.
enum class Kind {
  registered,
  replied,
  status_changed,
  waiting_for_you,
  approval_needed,
  approval_decided,
  solved,
  closed,
  reopened,
  added,  // to a ticket, as a participant
  major_incident,
};

// All texts are as people wrote them: the letter escapes what its form needs.
struct LetterFacts {
  Kind kind = Kind::registered;
  std::string customer;         // key: whose templates
  std::string language = "sv";  // "sv" or "en"
  std::string zone = "Europe/Stockholm";
  std::string person_name;
  std::string desk_name;
  std::string reference;  // "OMB-17"; empty in what is about no ticket
  std::string subject;    // the ticket's, or the notice's title
  std::string text;       // what is said: an answer, a solution, a reason; may be empty
  // Who of the desk said it; of an order who asks for it, or who decided it; may be empty.
  std::string author;
  // Of an order whom `author` asks for, or in whose place he decided; empty: himself.
  std::string for_whom;
  std::optional<Instant> answer_by;  // approval_needed, and registered if it waits for a yes
  bool reminder = false;             // approval_needed: he was asked before
  std::string status;                // word of the ticket's status in that language; may be empty
  std::string url;           // where to read and answer it; empty: no portal address is known
  std::string settings_url;  // where to choose what one is told; may be empty
  // What the person wrote last, quoted below by the quoting policy; may be empty.
  std::string quoted_text;
  std::string quoted_author;
  std::optional<Instant> quoted_at;
  struct File {
    std::string name;
    std::int64_t bytes = 0;
    std::string url;  // a link that expires; empty: the file goes with the letter
  };
  std::vector<File> files;
  std::optional<bool> approved;  // approval_decided: yes or no; none is neither
  // registered: an order that waits for a yes of its own organisation. Of whom: names with commas
  // and an "or"; empty: there is nobody to name.
  bool waits = false;
  std::string approvers;
  // major_incident: what is to be said of it. cancelled: planned, and it will not happen.
  enum class Phase { under_way, planned, over, cancelled };
  Phase phase = Phase::under_way;
  std::optional<Instant> begins_at, ends_at;
};

struct LetterText {
  std::string subject;
  std::string text;  // plain text, \n as line ends
  std::string html;  // a whole document; empty: the letter has no HTML part
};

// One mail that gathers what waited for the hour that a person chose.
struct DigestFacts {
  std::string customer, language = "sv", zone = "Europe/Stockholm";
  std::string person_name, desk_name, url, settings_url;
  struct Item {
    Kind kind = Kind::registered;
    std::string reference, subject, text, url;
    Instant at;
  };
  std::vector<Item> items;  // oldest first, at least one
};

// The templates of one configuration, compiled. Immutable; any thread.
class Letters {
 public:
  virtual ~Letters() = default;
  virtual LetterText write(const LetterFacts& facts) const = 0;
  virtual LetterText write_digest(const DigestFacts& facts) const = 0;
};

}  // namespace ombud::notify
