#!/usr/bin/env bash
# Installed below a prefix, Ombud needs nothing of its build: a desk is made, a supplier's file begun, the hub serves its
# pages; and from the build tree the same works by PATH alone.
#   install_test.sh BUILD
set -euo pipefail
build=$1
scratch=$(mktemp -d)
hub=
trap '[ -z "$hub" ] || kill "$hub" 2>/dev/null; rm -rf "$scratch"' EXIT
unset OMBUD_CONNECTORS OMBUD_CONFIG OMBUD_DATA OMBUD_URL OMBUD_TOKEN
fail() { echo "not so: $*"; exit 1; }
wants() { grep -q -- "$2" "$1" || { cat "$1"; fail "\"$2\" stands in $1"; }; }

prefix=$scratch/usr
(umask 022; cmake --install "$build" --prefix "$prefix" >"$scratch/installed")
for file in bin/ombud bin/ombud-host lib/ombud/connectors/rest/rest.so lib/ombud/connectors/rest/profiles/redmine.toml \
  lib/ombud/connectors/email/connector.json share/doc/ombud/README.md share/doc/ombud/config/ombud.toml \
  share/doc/ombud/config/suppliers/mail-to-users.toml.example; do
  [ -s "$prefix/$file" ] || fail "$file is installed"
done
[ ! -e "$prefix/include" ] || fail "the SDK comes only when it is asked for"
[ -z "$(find "$prefix" ! -perm -o+r)" ] || fail "the service's own user can read all of it"
unit=$prefix/share/doc/ombud/ombud.service
wants "$unit" "ExecStart=$prefix/bin/ombud serve"
! grep -n '@prefix@' "$unit" || fail "the unit knows where the program lies"

# try BIN FOLDER: what README says under "Run it".
try() {
  local PATH=$1:$PATH
  ombud init "$2" >"$scratch/said"
  cd "$2"
  ombud supplier new >"$scratch/said" 2>&1 || { cat "$scratch/said"; fail "connectors are found"; }
  wants "$scratch/said" redmine
  ombud supplier new redmine --name acme >"$scratch/said"
  sed -i 's/^# listen = "127.0.0.1:8080".*/listen = "127.0.0.1:0"/' config/ombud.toml
  ombud check --offline >"$scratch/said" 2>&1 || true
  wants "$scratch/said" "acme.toml"
  ! grep -n "no folder" "$scratch/said" || fail "the connector that the file names is found"
  ombud serve 2>"$scratch/log" &
  hub=$!
  grep -q -m1 '"the hub serves"' <(tail -n +1 -f --pid="$hub" "$scratch/log" 2>/dev/null) || { cat "$scratch/log"; fail "the hub serves"; }
  ombud supplier list >"$scratch/said" || fail "the hub is found"
  if [ -d "$3" ]; then
    curl -fsS -H 'Accept: text/html' "$(sed 's/.*"url":"\([^"]*\)".*/\1/' data/run/local.json)/desk" >"$scratch/page"
    wants "$scratch/page" '<html'
  fi
  kill "$hub"; wait "$hub" || fail "the hub ends well"
  hub=
}
try "$prefix/bin" "$scratch/installed-desk" "$prefix/share/ombud/web"
try "$build/bin" "$scratch/built-desk" "$build/share/ombud/web"
echo "An installed hub and a built one serve."
