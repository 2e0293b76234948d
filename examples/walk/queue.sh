# Chapter 3: a ticket that goes to a supplier by message queue, by itself. Sourced by examples/quickstart.

# The first line of everything that was written to Drift.
entries() { queue_tickets | jq -r '.[0].entries[] | select(.schema == "ombud.comment/1") | .text | split("\n")[0]'; }

walk_queue() {
  local omar=omar@granby.example subject="VPN släpper hela tiden" ticket delegation
  chapter "A network, and a supplier with a message queue (ZeroMQ)"

  tell Omar "at Granby kommun writes too. Granby's agreement with Drift AB says: hand over at once, and pass on to the" \
    "user what Drift writes. So nobody at the desk has to do anything."
  also "Drift's answers are set to get lost, and when Drift has stored the ticket, the hub is shot."
  tells "$QUEUE_CONTROL" /demo/faults '{"drop_answers":1000}'
  send_mail vpn.eml $omar || { FAILED=$((FAILED + 1)); give_up; }
  await 15 "Drift has stored the ticket, its answer was lost" dropped "$QUEUE_CONTROL"
  await 15 "Omar has his receipt" got_mail $omar "vi har tagit emot"
  await 5 "and the hub knows that he has" notices_done
  tell "kill -9" "of the hub, which does not know. Then it is started again."
  kill_hard hub
  tells "$QUEUE_CONTROL" /demo/faults '{"drop_answers":0}'
  start_hub; await_hub
  await 10 "the ticket is there" ticket_about "$subject"
  ticket=$(ticket_about "$subject")
  await 30 "the hub has sent it again under the same id, Drift has recognised it" delegation_is "$ticket" acknowledged
  prove "Drift has one ticket, not two" same 1 "$(queue_tickets | jq length)"
  queue_tickets | jq -r '.[0] | "\(.id)  \(.document.subject)\n\(.document.description)"' | quote
  prove "Omar's name, address and number are not in it" eval "queue_tickets | lacks Öberg $omar '+46 70 000 00 02'"

  tell Drift "comments and works."
  tells "$QUEUE_CONTROL" /demo/tickets/Q-1/comment '{"text":"Ett certifikat har gått ut. Startar ni om datorn om en timme är det nya på plats.","public":true}'
  tells "$QUEUE_CONTROL" /demo/tickets/Q-1/status '{"status":"in_progress","status_text":"Pågår"}'
  await 15 "Omar has it in his mailbox, from the desk" got_mail $omar "Ett certifikat har gått ut"
  prove "Drift is not named in it" eval "mail_text $omar certifikat | lacks 'Drift'"
  tell Omar "answers. Drift stores his answer, and its program is shot before it can say so."
  tells "$QUEUE_CONTROL" /demo/faults '{"drop_answers":1000}'
  user_answers $omar certifikat "Nu fungerar det, tack!"
  await 20 "Drift has stored it, its answer was lost" eval "dropped $QUEUE_CONTROL && [ \"\$(entries)\" = 'Nu fungerar det, tack!' ]"
  tell "kill -9" "of Drift's program. Then it is started again."
  kill_hard queue
  start_queue; await_queue
  await 40 "the hub has asked again, Drift has answered from memory" all_done "$ticket"
  prove "his answer is there once" same "Nu fungerar det, tack!" "$(entries)"

  tell Drift "says it is solved. Anna accepts and closes."
  tells "$QUEUE_CONTROL" /demo/tickets/Q-1/status '{"status":"resolved","status_text":"Klart"}'
  await 30 "Drift's part is resolved" delegation_is "$ticket" resolved
  delegation=$(ticket_json "$ticket" | jq -r '.delegations[0].id')
  type_as anna delegation accept "$delegation"
  type_as anna ticket resolve "$ticket" --text "Ett nytt certifikat är på plats."
  type_as anna ticket close "$ticket"
  await 20 "Drift's copy is closed" eval "same closed \"\$(queue_tickets | jq -r '.[0].document.status')\""
  await 15 "Omar has it in writing" got_mail $omar "Ett nytt certifikat är på plats"
  prove "the delegation is closed" delegation_is "$ticket" closed
  await 15 "Omar is told that his ticket is closed" got_mail $omar "är nu avslutat"
  prove "Omar got four mails, each once: receipt, question, solution, end" same 4 "$(mails_to $omar | jq length)"
}
