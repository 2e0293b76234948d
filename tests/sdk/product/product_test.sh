#!/usr/bin/env bash
# The SDK as others get it: installed under a prefix, and used from outside the tree with nothing else.
#   product_test.sh SOURCE BUILD example <folder>    an example builds and passes the kit
#   product_test.sh SOURCE BUILD rust                the Rust connector, where rustc is installed
#   product_test.sh SOURCE BUILD tutorial            sdk/README.md, followed word for word
set -euo pipefail
source=$1 build=$2 what=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export SDK=$scratch/sdk
cmake --install "$build" --component sdk --prefix "$SDK" >/dev/null
cd "$scratch"

example() { # FOLDER
  cp -r "$source/examples/$1" example
  cmake -S example -B example/build -DCMAKE_PREFIX_PATH="$SDK" >configure.log || { cat configure.log; exit 1; }
  cmake --build example/build
  ctest --test-dir example/build --output-on-failure --no-tests=error
}

# Writes each fenced block that names a file, runs those marked "run", and wants those marked "fails"
# to fail, in their order.
tutorial() {
  awk -v out="$scratch/steps" '
    /^```[a-z]+ / && !inside { inside = 1; ++step; target = out "/" sprintf("%02d", step); print $2 > (target ".name"); next }
    /^```$/ && inside { inside = 0; close(target); next }
    inside { print > target }' "$source/sdk/README.md"
  for step in steps/??; do
    name=$(cat "$step.name")
    case $name in
      run) echo "== $step: run"; bash -euo pipefail "$step" ;;
      fails)
        echo "== $step: must fail"
        if bash -euo pipefail "$step" >fails.log 2>&1; then cat fails.log; echo "it did not fail"; exit 1; fi
        grep -q '^failed *faults.http-504-applied' fails.log || { cat fails.log; exit 1; }
        if [ "$(grep -c '^failed\|^crashed' fails.log)" != 1 ]; then cat fails.log; exit 1; fi
        # Its last line repeats it.
        last=$(tail -n 1 fails.log)
        if eval "$last" >again.log 2>&1; then cat again.log; exit 1; fi
        grep -q '^failed *faults.http-504-applied' again.log ;;
      *)
        mkdir -p "$(dirname "$name")"; cp "$step" "$name"; echo "== $step: $name"
        # The example is what the tutorial builds: one text, told twice.
        diff "$source/examples/minimal-connector/$(basename "$name")" "$step" ;;
    esac
  done
  [ -n "${name:-}" ] || { echo "the README holds no steps"; exit 1; }
}

case $what in
  example) example "$4" ;;
  tutorial) mkdir steps; tutorial ;;
  rust)
    command -v rustc >/dev/null || { echo "rustc is not installed: the Rust connector is left out"; exit 77; }
    cp -r "$source/examples/c-connector" example
    example/rust/build example/out
    cmake -S example -B example/build -DCMAKE_PREFIX_PATH="$SDK" >configure.log || { cat configure.log; exit 1; }
    cmake --build example/build --target dialect_plain_desk
    "$SDK/bin/ombud-conform" example/out/plain_desk.so --dialect example/build/dialects/plain_desk.so ;;
  *) echo "unknown: $what"; exit 2 ;;
esac
