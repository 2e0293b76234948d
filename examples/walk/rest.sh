# Chapter 2: a ticket that a supplier with a REST interface works on. Sourced by examples/quickstart.

walk_rest() {
  local eva=eva@acme.example subject="Skrivaren på plan 3 äter papper" ticket delegation relays
  chapter "A printer, and a supplier with a REST interface (Redmine)"

  tell Eva "works at Acme AB. Her printer eats paper, so she writes to support@desk.example: a Swedish subject, a" \
    "picture, and under it her name, address and phone number, as people do."
  sed -n '/^From:/p;/^Subject:/p;/^Content-Type: image/p;/^eva@/p' "$OMBUD_ROOT/examples/mail/printer.eml" | quote
  also "(The desk's own mail to users is paused meanwhile, to show one thing at a time.)"
  type_as operator supplier pause mail-to-users --reason "one thing at a time"
  send_mail printer.eml $eva || { FAILED=$((FAILED + 1)); give_up; }
  also "The hub answered \"250\": from here on the mail must not be lost, whatever happens. So:"
  tell "kill -9" "of the hub, in the very moment after its \"250\". Then it is started again."
  kill_hard hub
  start_hub; await_hub
  await 10 "the mail has become a ticket" ticket_about "$subject"
  ticket=$(ticket_about "$subject")
  prove "exactly one ticket, $ticket, with her picture, byte for byte" same \
    "1 $(grep -A99 'name="skrivare.png"' "$OMBUD_ROOT/examples/mail/printer.eml" | sed '1,/^$/d;/^--/,$d' | base64 -d | sha256sum | cut -d' ' -f1)" \
    "$(anna ticket list --customer acme --json | jq '.items | length') $(ticket_json "$ticket" | jq -r '.attachments[0].sha256')"
  type_as operator supplier resume mail-to-users
  await 15 "Eva has the desk's receipt in her mailbox" got_mail $eva "vi har tagit emot"
  mail_text $eva "vi har tagit emot" | head -n 6 | quote

  tell Anna "is the desk's agent. What falls under the agreement between Acme and Skrivarpartner may leave, and" \
    "nothing else: she looks at it before anything is sent."
  type_as anna ticket delegate "$ticket" --preview
  prove "neither Eva's name nor her address nor her number is in it" eval \
    "anna ticket delegate $ticket --preview --json | lacks 'Eva Ek' $eva '070-000 00 01' 0700000001"

  tell Anna "hands the ticket over. It stays hers: the supplier gets a copy."
  also "Meanwhile the supplier's server is set to stop dead right after it has taken the ticket, before it can say so." \
    "A hub that just tried again would have the ticket made twice; one that did not would risk losing it."
  tells "$REST" /demo/faults '{"hold_answers":1}'
  type_as anna ticket delegate "$ticket" --brief "Ni har servicen på den här skrivaren. Byt det som behövs."
  await 10 "Skrivarpartner has stored the ticket, its answer is still to come" holding "$REST"
  tell "kill -9" "of the supplier's server. Then it is started again."
  kill_hard rest
  start_rest; await_rest
  await 30 "the hub has looked for its reference over there, and found it" delegation_is "$ticket" acknowledged
  prove "Skrivarpartner has one ticket, not two" same 1 "$(issue_count)"
  await 20 "the picture is there too" eval "issues | jq -e '.issues[0].attachments | length == 1'"
  also "This is what Skrivarpartner sees:"
  issues | jq -r '.issues[0] | "#\(.id) \(.subject)  [\(.status.name)]\n\(.description)\nFile: \(.attachments[0].filename), \(.attachments[0].filesize) bytes"' | quote
  prove "Eva's name, address and number are not among it" eval "issues | lacks 'Eva Ek' $eva '070-000 00 01' 0700000001"

  tell Sven "at Skrivarpartner comments in their own system, and begins to work."
  tells "$REST" /demo/issues/1/comment '{"text":"Fixeringsenheten är trasig. Vi kommer i morgon. Vilken tid passar?","author":"Sven Supplier","private":false}'
  tells "$REST" /demo/issues/1/status '{"status":"In Progress","author":"Sven Supplier"}'
  await 15 "his comment is in the ticket" has_message "$ticket" supplier "Fixeringsenheten"
  await 15 "the desk sees that work goes on" delegation_is "$ticket" in_progress
  tell Anna "tells Eva, in the desk's words and name. Eva never has to know who does the work."
  relays=$(message_number "$ticket" supplier Fixeringsenheten)
  type_as anna ticket reply "$ticket" --relays "$relays" "Hej Eva! En reservdel är trasig och byts i morgon. Vilken tid passar dig?"
  await 15 "the mail is in Eva's mailbox" got_mail $eva "En reservdel är trasig"
  prove "Skrivarpartner and Sven are not named in it" eval "mail_text $eva 'En reservdel' | lacks Skrivarpartner Sven"
  tell Eva "answers that mail, as one does."
  user_answers $eva "En reservdel" "Före tio går bra."
  await 15 "her answer is in the same ticket" has_message "$ticket" user "Före tio går bra."
  await 15 "and Skrivarpartner has it, since the agreement shares messages" eval "notes 1 | grep -q 'Före tio går bra'"

  tell Anna "adds a word for the supplier. At its worst moment, with the note stored there and the answer still" \
    "to come, the process that talks to Skrivarpartner is shot."
  delegation=$(ticket_json "$ticket" | jq -r '.delegations[0].id')
  tells "$REST" /demo/faults '{"hold_answers":1}'
  type_as anna delegation message "$delegation" "Anmäl er i receptionen, tack."
  await 15 "the note is stored over there, its answer is still to come" holding "$REST"
  tell "kill -9" "of the connector's process. Nothing else notices."
  kill -9 "$(host_pid skrivarpartner)"
  tells "$REST" /demo/faults '{"hold_answers":0}'
  await 30 "a new process has looked, and found the note" all_done "$ticket"
  prove "the note is there once, and everything in order" same \
    $'Fixeringsenheten är trasig. Vi kommer i morgon. Vilken tid passar?\nFöre tio går bra.\nAnmäl er i receptionen, tack.' "$(notes 1)"

  tell Sven "has replaced the part and sets his ticket to Resolved."
  tells "$REST" /demo/issues/1/status '{"status":"Resolved","author":"Sven Supplier"}'
  await 15 "the supplier's part is resolved" delegation_is "$ticket" resolved
  prove "but the ticket is not: only the desk decides that" ticket_is "$ticket" in_progress
  tell Anna "has checked. She accepts, tells Eva, and closes."
  type_as anna delegation accept "$delegation" --reason "Provat: fungerar."
  type_as anna ticket resolve "$ticket" --text "Reservdelen är bytt och skrivaren fungerar igen."
  await 15 "Eva has it in writing" got_mail $eva "Reservdelen är bytt"
  type_as anna ticket close "$ticket" --reason "Eva är nöjd."
  await 20 "Skrivarpartner's copy is closed" eval "same Closed \"\$(issue_status 1)\""
  prove "the delegation is closed" delegation_is "$ticket" closed
  await 15 "Eva is told that her ticket is closed" got_mail $eva "är nu avslutat"
  prove "Eva got four mails, each once: receipt, question, solution, end" same 4 "$(mails_to $eva | jq length)"
}
