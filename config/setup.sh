# Sourced by examples/quickstart and tests/run: brings a fresh Debian 12 to where it can build Ombud, and
# builds it. Says what it does; installs only what is missing.

OMBUD_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Colour only where somebody looks at it.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
  BOLD= DIM= RED= GREEN= PLAIN=
fi

step() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*"; }
fail() { printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2; exit 1; }

# as_root COMMAND …: with sudo if this is not root.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "installing packages needs root: run this as root, or install sudo"
  fi
}

# need_packages LIST …: installs what config/packages/LIST.txt names and is not there. A second word in a line is a
# command that does as well.
need_packages() {
  local list missing=() package command
  for list in "$@"; do
    while read -r package command; do
      [ -z "$command" ] || ! command -v "$command" >/dev/null || continue
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done < <(grep -v '^#' "$OMBUD_ROOT/config/packages/$list.txt")
  done
  [ ${#missing[@]} = 0 ] && return 0
  command -v apt-get >/dev/null || fail "this script installs Debian packages; on another system install by hand: ${missing[*]}"
  step "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  local log; log=$(mktemp)
  if ! { as_root apt-get -q update && \
         as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 \
           --no-install-recommends install "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "the packages could not be installed; the whole log is in $log"
  fi
  rm -f "$log"
}

# build PRESET [TARGET …]: configures if needed and builds, with ninja's own progress line.
build() {
  local preset=$1; shift
  local dir="$OMBUD_ROOT/.build/$preset" log; log=$(mktemp)
  if [ ! -f "$dir/build.ninja" ]; then
    step "Configuring ($preset)"
    (cd "$OMBUD_ROOT" && cmake --preset "$preset") >"$log" 2>&1 || { tail -n 30 "$log" >&2; fail "cmake failed; the whole log is in $log"; }
  fi
  rm -f "$log"
  step "Building ($preset)${*:+: $*}"
  # On a terminal ninja keeps one line up to date; elsewhere it would write thousands.
  local quiet=(--quiet)
  [ -t 1 ] && quiet=()
  (cd "$OMBUD_ROOT" && cmake --build --preset "$preset" ${*:+--target "$@"} -- "${quiet[@]}") || fail "the build ($preset) failed"
}
