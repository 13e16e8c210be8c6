#!/bin/bash
# --version has the lines that callers read; every command has its --help; mistakes are named.
. "$(dirname "$0")/lib.sh"

succeed brig --version
assert_matches "first line" '^brig version [0-9]+\.[0-9]+' "$(head -n 1 <<<"$stdout")"
assert_matches "commit" $'\ncommit: ' "$stdout"
assert_matches "spec" $'\nspec: 1\\.[0-9]+\\.[0-9]+' "$stdout"
first=$stdout
succeed brig -v
assert_eq "-v" "$first" "$stdout"
succeed brig --help
help=$stdout
for command in create start state kill delete run exec list ps pause resume update events spec features checkpoint restore; do
  assert_matches "help" " $command +[a-z]" "$help"
  succeed brig $command --help
  assert_contains "help of $command" "$command" "$stdout"
  succeed brig $command -h
done
assert_eq "standard error" "" "$stderr"
refuse nosuch brig nosuch
refuse -nosuch brig run --nosuch x
refuse bundle brig run --bundle
refuse "not supported" brig checkpoint x
refuse "not supported" brig restore x
