// The rules that can be broken, one a build. OMBUD_SIN names it; the test names the case that
// tells.
#pragma once

enum class Sin {
  none,
  exports_two,          // a second symbol
  unlike_manifest,      // another version than connector.json
  answers_any_id,       // compares the beginning of an extension id
  leaks_instance,       // forgets what create made
  takes_any_settings,   // does not refuse what cannot work
  secret_in_clear,      // the schema does not mark the token
  cuts_texts,           // long texts are cut, and nobody is told
  makes_missing,        // an update of a ticket that is not there makes one
  shows_private,        // posts for everybody what is not public
  finds_beginnings,     // takes the beginning of a correlation for all of it
  finds_quotes,         // takes somebody's quotation for our comment
  keeps_pointer,        // looks at a loan after the call
  runs_ahead,           // its cursor passes what it has not read
  renames_events,       // another event_id each time
  hides_echo,           // does not say what is our own
  pushes_on,            // does not hear the sink say stop
  forgets_second_page,  // reads one page
  cuts_talks,           // tells a hundred comments of one ticket and no more
  accepts_forged,       // does not look at a webhook's mark
  throws_across,        // an exception leaves a slot
  claims_retry,         // says "surely not applied" after it was
  sends_twice,          // sends again by itself when the answer is lost
  denies_when_hidden,   // "not there" though it could not look
  gives_up,             // permanent where waiting would do
  ignores_retry_after,  // does not pass on how long to wait
  ignores_cancel,       // goes on trying
  trusts_addresses,     // sends its token wherever an answer points
  trusts_answers,       // an answer without its members is a crash
  needs_log,            // no log, no life
  starts_thread,        // a thread that stays
  grows,                // keeps something of every poll
};
