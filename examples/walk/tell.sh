# How the quickstart speaks: numbered steps, what is awaited, what is proved. Sourced by examples/quickstart.

STEP=0 FAILED=0

chapter() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }

# tell WHO WHAT…: one numbered step.
tell() {
  STEP=$((STEP + 1))
  printf '\n%s%2d  %s%s  %s\n' "$BOLD" "$STEP" "$1" "$PLAIN" "${*:2}" | fold -s -w 96 | sed -e '3,$s/^/    /' -e 's/ *$//'
}
also() { printf '%s\n' "$*" | fold -s -w 94 | sed 's/^/    /'; }

# quote: shows standard input as it stands, set off from our own words.
quote() { sed "s/^/    ${DIM}│${PLAIN} /"; }

milliseconds() { local now=${EPOCHREALTIME/[.,]/}; echo $((now / 1000)); }

# await SECONDS WHAT COMMAND…: until the command succeeds. Says what is waited for, and for how long it was.
await() {
  local what=$2 began until; began=$(milliseconds); until=$((began + $1 * 1000)); shift 2
  [ -t 1 ] && printf '    %s… waiting: %s%s' "$DIM" "$what" "$PLAIN"
  until "$@" >"$DIR/awaited" 2>&1; do
    if [ "$(milliseconds)" -gt "$until" ]; then
      [ -t 1 ] && printf '\r\e[K'
      printf '    %s✗ %s: did not happen in time%s\n' "$RED" "$what" "$PLAIN"
      head -c 600 "$DIR/awaited" | quote
      give_up
    fi
    sleep 0.1
  done
  [ -t 1 ] && printf '\r\e[K'
  printf '    %s✓%s %s %s(%d.%d s)%s\n' "$GREEN" "$PLAIN" "$what" "$DIM" \
    $((($(milliseconds) - began) / 1000)) $((($(milliseconds) - began) % 1000 / 100)) "$PLAIN"
}

# prove CLAIM COMMAND…: the claim holds if the command succeeds.
prove() {
  local claim=$1; shift
  if "$@" >"$DIR/proof" 2>&1; then
    printf '    %s✓%s %s\n' "$GREEN" "$PLAIN" "$claim"
  else
    FAILED=$((FAILED + 1))
    printf '    %s✗ %s: not so%s\n' "$RED" "$claim" "$PLAIN"
    head -c 2000 "$DIR/proof" | quote
  fi
}

# same EXPECTED FOUND: equal texts; shows both if not.
same() { [ "$1" = "$2" ] || { printf 'expected:\n%s\nfound:\n%s\n' "$1" "$2"; return 1; }; }
# lacks WORD… : none of them stands in standard input.
lacks() {
  local text word; text=$(cat)
  for word in "$@"; do
    ! grep -qiF -- "$word" <<<"$text" || { printf '"%s" stands in it:\n%s\n' "$word" "$text"; return 1; }
  done
}

give_up() {
  printf '\n%sThe walk stops here.%s Its files stay in %s\n' "$RED" "$PLAIN" "$DIR"
  local name log
  for name in "${!PID[@]}"; do
    kill -0 "${PID[$name]}" 2>/dev/null || echo "The process \"$name\" has ended, and not by this script."
  done
  for log in "$DIR"/log/*.log; do
    [ -s "$log" ] && { echo "Last lines of $log:"; tail -n 5 "$log" | cut -c1-400 | quote; }
  done
  KEEP_FILES=yes
  leave_running 1
  exit 1
}
