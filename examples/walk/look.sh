# What can be seen from outside: the desk's view of a ticket, and each supplier's own. Sourced by examples/quickstart.

ticket_json() { anna ticket show "$1" --json; }
ticket_is() { # TICKET STATUS
  same "$2" "$(ticket_json "$1" | jq -r .status)"
}
delegation_is() { # TICKET STATE
  same "$2" "$(ticket_json "$1" | jq -r '.delegations[0].state')"
}
# The number of the only ticket with this subject; fails if there is none or more than one.
ticket_about() {
  anna ticket list --json | jq -re --arg subject "$1" '[.items[] | select(.subject == $subject) | .reference]
    | if length == 1 then .[0] else error("there are \(length)") end'
}
# Messages as the desk sees them, with who wrote them.
messages() { ticket_json "$1" | jq -r '.messages[] | "\(.from): \(.text)"'; }
has_message() { # TICKET FROM TEXT
  ticket_json "$1" | jq -e --arg from "$2" --arg text "$3" 'any(.messages[]; .from == $from and (.text | contains($text)))'
}
message_number() { # TICKET FROM TEXT
  ticket_json "$1" | jq -r --arg from "$2" --arg text "$3" '.messages[] | select(.from == $from and (.text | contains($text))) | .id'
}

# The users' mailbox: mails to one address whose text holds some words.
mails_to() { asks "$MAILBOX_CONTROL" /demo/mails | jq --arg to "$1" '[.[] | select(.to == $to)]'; }
got_mail() { mails_to "$1" | jq -e --arg text "$2" 'any(.[]; .text | contains($text))'; }
mail_number() { mails_to "$1" | jq -r --arg text "$2" 'map(select(.text | contains($text))) | .[0].number'; }
mail_text() { mails_to "$1" | jq -r --arg text "$2" 'map(select(.text | contains($text))) | .[0] | "Subject: \(.subject)\n\n\(.text)"'; }
user_answers() { # ADDRESS WORDS-OF-THE-MAIL TEXT
  tells "$MAILBOX_CONTROL" "/demo/mails/$(mail_number "$1" "$2")/reply" "$(jq -n --arg text "$3" '{text: $text}')"
}

# Skrivarpartner's Redmine.
issues() { asks "$REST" /demo/issues; }
issue_count() { issues | jq '.issues | length'; }
# The first line of everything that was written there, in order. (Below it stand quoted mails and references.)
notes() {
  issues | jq -r --argjson id "$1" '.issues[] | select(.id == $id) | .journals[] | .notes // "" | select(. != "") | split("\n")[0]'
}
issue_status() { issues | jq -r --argjson id "$1" '.issues[] | select(.id == $id) | .status.name'; }
holding() { asks "$1" /demo/faults | jq -e '.holding >= 1'; }
dropped() { asks "$1" /demo/faults | jq -e '.dropped >= 1'; }

# Drift's queue.
queue_tickets() { asks "$QUEUE_CONTROL" /demo/tickets; }
# Kontorsvakt's mailbox.
supplier_mails() { asks "$MAIL_CONTROL" /demo/mails; }

host_pid() { operator supplier show "$1" --json | jq -r .host.pid; }
deliveries() { operator delivery list --ticket "$1" --json | jq '[.items[]]'; }
all_done() { deliveries "$1" | jq -e 'all(.[]; .state == "done")'; }
notices_done() { operator delivery list --link mail-to-users --json | jq -e 'all(.items[]; .state == "done")'; }
in_doubt() { operator delivery list --link "$1" --trouble --json | jq -e 'any(.items[]; .doubt)'; }
