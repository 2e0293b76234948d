#!/usr/bin/env bash
# The ABI stands still: the probe is what v1.abi says, the layout is that of the first release, the
# headers compile alone, and every connector of this build exports one symbol.
set -euo pipefail
sdk=$1 probe=$2 build=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
complain() { echo "FAILED: $*" >&2; bad=1; }

headers=()
while IFS= read -r header; do headers+=("$header"); done < <(cd "$sdk/include" && find ombud -name '*.h*')
strict=(-Wall -Wextra -pedantic -Werror -fsyntax-only "-I$sdk/include")
for cc in gcc clang-16; do
  command -v "$cc" >/dev/null || { complain "$cc is not installed"; continue; }
  "$cc" -std=c11 "${strict[@]}" "$sdk/abi/layout.c" || complain "layout.c as C11 with $cc"
  "$cc" -std=c11 "${strict[@]}" -x c "$sdk/include/ombud/connector.h" -Wno-pragma-once-outside-header ||
    complain "connector.h alone as C11 with $cc"
done
for cxx in g++ clang++-16; do
  command -v "$cxx" >/dev/null || { complain "$cxx is not installed"; continue; }
  "$cxx" -std=c++20 "${strict[@]}" -x c++ "$sdk/abi/layout.c" || complain "layout.c as C++20 with $cxx"
  for header in "${headers[@]}"; do
    echo "#include <$header>" >"$scratch/alone.cpp"
    "$cxx" -std=c++20 "${strict[@]}" "$scratch/alone.cpp" || complain "$header alone as C++20 with $cxx"
  done
done

for library in "$build"/connectors/*/*.so; do
  [ -e "$library" ] || continue
  case $library in */loud.so) continue ;; esac  # exports more on purpose, for the host to refuse
  exported=$(nm -D --defined-only "$library" | awk '{print $3}')
  [ "$exported" = ombud_connector_entry ] || complain "$library exports: $exported"
done

if command -v abidiff >/dev/null; then
  abidiff --no-added-syms "$sdk/abi/v1.abi" "$probe" || complain "the ABI differs from sdk/abi/v1.abi (see sdk/abi/README.md)"
else
  echo "abidiff is not installed (package abigail-tools): the comparison with v1.abi is left out" >&2
  [ $bad = 0 ] && exit 77
fi
exit $bad
