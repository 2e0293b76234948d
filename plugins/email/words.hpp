// Every sentence that this connector writes to a supplier, in Swedish and English, in one place.
#pragma once

#include <string_view>

#include "email/settings.hpp"

namespace ombud::email {

enum class Text {
  greeting,
  hand_over,  // before the facts of a new ticket
  label_reference,
  label_kind,
  label_priority,
  label_service,
  label_customer,
  label_user,
  label_opened,
  label_due,
  label_status,
  label_description,
  how_to_answer,  // {commands} is replaced
  kind_incident,
  kind_order,
  kind_question,
  priority_low,
  priority_normal,
  priority_high,
  priority_urgent,
  now_new,  // what a supplier should know when the ticket gets this status
  now_in_progress,
  now_waiting,
  now_resolved,
  now_closed,
  now_withdrawn,
  update_subject,  // when the document carries no subject
  update_facts,    // before the facts of a known ticket
  comment_from,    // {author} is replaced
  comment_private,
  attachment_text,  // {name} and {size} are replaced
};

std::string_view say(Text text, Language language);

}  // namespace ombud::email
