# Chapter 4: a ticket that goes to a supplier by plain mail, which cannot be asked. Sourced by examples/quickstart.

doubtful() { operator delivery list --link kontorsvakt --trouble --json | jq -r '.items[] | select(.doubt) | .id'; }

walk_mail() {
  local eva=eva@acme.example subject="Passerkortet fungerar inte på kvällen" ticket delegation delivery theirs
  chapter "A key card, and a supplier that has nothing but a mailbox"

  tell Eva "has another problem. This one is Kontorsvakt's, who work by mail."
  send_mail card.eml $eva || { FAILED=$((FAILED + 1)); give_up; }
  await 15 "her mail has become a ticket" ticket_about "$subject"
  ticket=$(ticket_about "$subject")
  tell Anna "hands it over. Kontorsvakt's mail server takes the mail, and is shot before it can say so."
  also "A mailbox of somebody else cannot be searched, and a mail that is sent twice is two mails. So here the hub" \
    "promises less: never lost, in order, and never doubled silently. What it cannot know it asks a person."
  tells "$MAIL_CONTROL" /demo/faults '{"hold_answers":1}'
  type_as anna ticket delegate "$ticket"
  await 15 "the mail is kept over there, the answer is still to come" holding "$MAIL_CONTROL"
  tell "kill -9" "of Kontorsvakt's mail server. Then it is started again."
  kill_hard mail
  start_mail; await_mail
  await 20 "the hub says that it does not know" in_doubt kontorsvakt
  type_as operator delivery list --trouble
  delivery=$(doubtful)
  tell Operator "asks Kontorsvakt. They look: yes, it came."
  supplier_mails | jq -r '.[] | "\(.number)  \(.subject)"' | quote
  theirs=$(supplier_mails | jq -r '.[0].message_id')
  type_as operator delivery confirm "$delivery" --external-id "$theirs" --reason "Kontorsvakt har mejlet."
  await 20 "the hub goes on" delegation_is "$ticket" acknowledged
  prove "Kontorsvakt has one mail" same 1 "$(supplier_mails | jq length)"
  supplier_mails | jq -r '.[0] | "Subject: \(.subject)\n\n\(.text)"' | head -n 16 | quote
  prove "Eva's name, address and number are not in it" eval "supplier_mails | lacks 'Eva Ek' $eva '070-000 00 01'"

  tell Anna "asks them something. This time the line breaks and the mail is gone: again nobody can know."
  delegation=$(ticket_json "$ticket" | jq -r '.delegations[0].id')
  tells "$MAIL_CONTROL" /demo/faults '{"lose_mails":1}'
  type_as anna delegation message "$delegation" "Kan ni hinna före kl. 17?"
  await 20 "the hub says that it does not know" in_doubt kontorsvakt
  delivery=$(doubtful)
  tell Operator "asks again. No, nothing came. So it is sent again, knowingly."
  prove "Kontorsvakt has one mail still" same 1 "$(supplier_mails | jq length)"
  type_as operator delivery retry "$delivery" --reason "Kontorsvakt har inte fått det."
  await 20 "now it is there" eval "supplier_mails | jq -e 'any(.[]; .text | contains(\"Kan ni hinna före kl. 17?\"))'"

  tell Lena "at Kontorsvakt answers by mail. A word at the top says how far they are."
  tells "$MAIL_CONTROL" /demo/mails/1/reply '{"text":"#löst\nKortet saknade behörighet efter kl. 18. Det är ändrat."}'
  await 20 "her answer is in the ticket" has_message "$ticket" supplier "saknade behörighet"
  await 20 "Kontorsvakt's part is resolved" delegation_is "$ticket" resolved
  prove "and their signature and our quoted mail are not" eval \
    "ticket_json $ticket | jq -e 'all(.messages[]; .text | contains(\"> \") | not)'"
  tell Anna "accepts, tells Eva, and closes."
  type_as anna delegation accept "$delegation"
  type_as anna ticket resolve "$ticket" --text "Ditt kort gäller nu även på kvällen."
  type_as anna ticket close "$ticket"
  await 15 "Eva has it in writing" got_mail $eva "Ditt kort gäller nu"
  await 20 "Kontorsvakt has been told that it is closed" delegation_is "$ticket" closed
  prove "Kontorsvakt got three mails, each once: hand-over, question, end" same 3 \
    "$(supplier_mails | jq '[.[] | select(.copy_of == null)] | length')"
}
