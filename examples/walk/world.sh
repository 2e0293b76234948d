# The hub, the suppliers and the users' mailbox as processes of one directory. Sourced by examples/quickstart.

declare -A PID=()   # by name: hub, rest, queue, mail, mailbox
PORT_NEXT=8080

# A port of this machine that nobody listens on, into the variable named.
free_port() {
  while (exec 3<>"/dev/tcp/127.0.0.1/$PORT_NEXT") 2>/dev/null; do
    PORT_NEXT=$((PORT_NEXT + 1))
    [ "$PORT_NEXT" -lt 8999 ] || fail "no free port between 8080 and 8999 on 127.0.0.1"
  done
  printf -v "$1" %d "$PORT_NEXT"
  PORT_NEXT=$((PORT_NEXT + 1))
}

# The keys are those of ZeroMQ's own manual (zmq_curve): fit for an example, known to everybody.
write_world() {
  free_port HTTP; free_port SMTP; free_port REST; free_port QUEUE; free_port QUEUE_CONTROL
  free_port MAIL; free_port MAIL_CONTROL; free_port MAILBOX; free_port MAILBOX_CONTROL
  mkdir -p "$DIR"/{config/suppliers/secrets,data,suppliers,log}
  chmod 700 "$DIR"
  (umask 077
   echo "example-key" >"$DIR/config/suppliers/secrets/skrivarpartner-api-key"
   echo 'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs' >"$DIR/config/suppliers/secrets/drift-curve-key"
   echo 'JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6' >"$DIR/suppliers/queue-curve-key")
  cat >"$DIR/config/ombud.toml" <<END
[desk]
name = "Servicedesk"
email = "desk@desk.example"
domain = "desk.example"

[http]
listen = "127.0.0.1:$HTTP"

[mail]                     # users' mail comes straight here; behind Postfix it would be "lmtp"
listen = "127.0.0.1:$SMTP"
protocol = "smtp"
addresses = ["support@desk.example", "desk@desk.example"]

[data]
directory = "../data"

[delivery]                 # brisk, so that nobody has to wait in front of the screen
poll_every = "1s"
soft_deadline = "10s"
settle = "500ms"
drain_grace = "3s"
END
  cat >"$DIR/config/suppliers/skrivarpartner.toml" <<END
supplier = "Skrivarpartner AB"
connector = "rest"

[settings]
profile = "redmine"
url = "http://127.0.0.1:$REST"
api_key = { file = "secrets/skrivarpartner-api-key" }
project = "support"
correlation_field = 7
poll_overlap_seconds = 2
END
  cat >"$DIR/config/suppliers/drift.toml" <<END
supplier = "Drift AB"
connector = "queue"

[settings]
endpoint = "tcp://127.0.0.1:$QUEUE"
desk = "desk.example"
server_public_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
secret_key = { file = "secrets/drift-curve-key" }
resend_after_ms = 1000
END
  cat >"$DIR/config/suppliers/kontorsvakt.toml" <<END
supplier = "Kontorsvakt AB"
connector = "email"

[settings]
to = "arenden@kontorsvakt.example"
from = "desk@desk.example"
from_name = "Servicedesk"
domain = "desk.example"
language = "sv"

[settings.smtp]
host = "127.0.0.1"
port = $MAIL
security = "none"

[mail]
addresses = ["arenden@kontorsvakt.example"]
END
  cat >"$DIR/config/suppliers/mail-to-users.toml" <<END
supplier = "Mail to users"
connector = "email"
kind = "notices"

[settings]
from = "support@desk.example"
from_name = "Servicedesk"
domain = "desk.example"

[settings.smtp]
host = "127.0.0.1"
port = $MAILBOX
security = "none"
END
}

# launch NAME COMMAND…: in the background, its output in log/NAME.log, its number in PID.
launch() {
  local name=$1; shift
  # With --keep they outlive the terminal, which says goodbye with SIGHUP.
  (trap '' HUP; exec "$@") >>"$DIR/log/$name.log" 2>&1 </dev/null &
  PID[$name]=$!
}
kill_hard() { kill -9 "${PID[$1]}"; wait "${PID[$1]}" 2>/dev/null || true; unset "PID[$1]"; }

start_rest() { launch rest "$BIN/example-redmine" --port "$REST" --data "$DIR/suppliers/rest.jsonl" --key example-key; }
start_queue() {
  launch queue "$BIN/example-queue-supplier" --bind "tcp://127.0.0.1:$QUEUE" --data "$DIR/suppliers/queue.jsonl" \
    --control "$QUEUE_CONTROL" --curve-secret-key "$DIR/suppliers/queue-curve-key" \
    --allow 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID'
}
start_mail() {
  launch mail "$BIN/example-mail-supplier" --listen "$MAIL" --reply-to "127.0.0.1:$SMTP" \
    --data "$DIR/suppliers/mail.jsonl" --control "$MAIL_CONTROL" --name "Kontorsvakt AB"
}
start_mailbox() {
  launch mailbox "$BIN/example-mail-supplier" --listen "$MAILBOX" --reply-to "127.0.0.1:$SMTP" \
    --data "$DIR/suppliers/mailbox.jsonl" --control "$MAILBOX_CONTROL" --name "En användare"
}
start_hub() { launch hub "$BIN/ombud" serve --config "$DIR/config"; }

alive() { kill -0 "${PID[$1]}" 2>/dev/null || { tail -n 3 "$DIR/log/$1.log"; return 1; }; }
# The process itself must answer; if it ended, there is no use in waiting.
answers() {
  alive "$1" || give_up
  curl -fsS --max-time 2 -o "$DIR/answered" "$2"
}
await_hub() { await 20 "the hub answers at http://127.0.0.1:$HTTP" answers hub "http://127.0.0.1:$HTTP/readyz"; }
await_rest() { await 10 "Skrivarpartner's server answers" answers rest "http://127.0.0.1:$REST/demo/issues"; }
await_queue() { await 10 "Drift's server answers" answers queue "http://127.0.0.1:$QUEUE_CONTROL/demo/tickets"; }
await_mail() { await 10 "Kontorsvakt's mail server answers" answers mail "http://127.0.0.1:$MAIL_CONTROL/demo/mails"; }

# stop NAME…: asks to end, waits, and ends by force what does not.
stop() {
  local name
  for name in "$@"; do [ -z "${PID[$name]:-}" ] || kill -TERM "${PID[$name]}" 2>/dev/null || true; done
  for name in "$@"; do
    [ -n "${PID[$name]:-}" ] || continue
    local left=150
    while kill -0 "${PID[$name]}" 2>/dev/null && [ $((left -= 1)) -gt 0 ]; do sleep 0.1; done
    kill -9 "${PID[$name]}" 2>/dev/null || true
    wait "${PID[$name]}" 2>/dev/null || true
    unset "PID[$name]"
  done
}

# ombud as a person at the keyboard uses it; these three differ in whose rights they have.
ombud() { "$BIN/ombud" --config "$DIR/config" "$@"; }
anna() { OMBUD_URL="http://127.0.0.1:$HTTP" OMBUD_TOKEN=$ANNA ombud "$@"; }
operator() { OMBUD_URL="http://127.0.0.1:$HTTP" OMBUD_TOKEN=$OPERATOR ombud "$@"; }
# type WHO COMMAND…: shows the command and what it answers.
type_as() {
  local who=$1; shift
  local word line="ombud"
  for word in "$@"; do
    case $word in
      *[!a-zA-Z0-9_./:=@-]*) line+=" \"$word\"" ;;
      *) line+=" $word" ;;
    esac
  done
  printf '    %s$ %s%s\n' "$DIM" "$line" "$PLAIN"
  "$who" "$@" >"$DIR/answer" 2>&1 || { quote <"$DIR/answer"; FAILED=$((FAILED + 1)); return 0; }
  quote <"$DIR/answer"
}

# send_mail FILE FROM: by SMTP, as any mail program would.
send_mail() {
  curl -fsS --max-time 20 --crlf "smtp://127.0.0.1:$SMTP" --mail-from "$2" --mail-rcpt support@desk.example \
    --upload-file "$OMBUD_ROOT/examples/mail/$1"
}
# tells PORT PATH JSON: a person at a supplier, or a fault.
tells() { curl -fsS --max-time 10 -o "$DIR/told" -H 'Content-Type: application/json' --data "$3" "http://127.0.0.1:$1$2"; }
asks() { curl -fsS --max-time 10 "http://127.0.0.1:$1$2"; }
