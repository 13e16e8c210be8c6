#!/bin/bash
# Thousands of mounts, an environment of a megabyte: they work, or one line says which limit they meet.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c '.process.args = ["true"]'
cp "$BUNDLE/config.json" original.json
# with FILTER TEXT
with() {
  jq "$1" original.json >"$BUNDLE/config.json"
  edit_config "$(shell_command "$2")"
}

count='grep -c " /many/" /proc/self/mountinfo'
with '.mounts += [range(3000) | {destination: "/many/\(.)", type: "tmpfs", source: "tmpfs", options: ["size=4k"]}]' "$count"
succeed brig run --bundle "$BUNDLE" c
assert_eq "mounts of tmpfs" 3000 "$stdout"
with '.mounts += [range(3000) | {destination: "/many/\(.)", type: "bind", source: "/proc", options: ["rbind", "ro"]}]' "$count"
succeed brig run --bundle "$BUNDLE" c
[ "$stdout" -ge 3000 ] || fail "binds: $stdout"
# One after the other on the same place.
with '.mounts += [range(2000) | {destination: "/many/one", type: "tmpfs", source: "tmpfs"}]' "$count"
succeed brig run --bundle "$BUNDLE" c
assert_eq "mounts on each other" 2000 "$stdout"
# The last one cannot be: nothing is left of the others.
with '.mounts += [range(2000) | {destination: "/many/\(.)", type: "tmpfs", source: "tmpfs"}] + [{destination: "/x", type: "nosuchfs", source: "x"}]' "$count"
refuse_within 30 'unknown file system type \"nosuchfs\"' brig run --bundle "$BUNDLE" c
assert_contains "error" "mounts[2007] (/x)" "$stderr"
assert_eq "state" "" "$(ls -A "$ROOT")"
# Nothing of this takes a descriptor for each.
with 'del(.process.rlimits) | .mounts += [range(500) | {destination: "/many/file-\(.)", type: "bind", source: "/etc/passwd", options: ["bind"]}]' "$count"
succeed bash -c 'ulimit -n 256; exec "$@"' - "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" c
assert_eq "binds with 256 descriptors" 500 "$stdout"

# The kernel takes 128 KiB in a variable, and 2 MiB of all with a stack limit of 8 MiB.
size='env | grep ^LARGE | wc -c'
variables() { echo ".process.env += [range($1) | \"LARGE\\(.)=\" + (\"x\" * $2)] | .process.rlimits = [{type: \"RLIMIT_STACK\", soft: 8388608, hard: 8388608}]"; }
with "$(variables 1000 1000)" "$size"
succeed brig run --bundle "$BUNDLE" c
[ "$stdout" -gt 1000000 ] || fail "the program sees $stdout bytes"
seen=$stdout
with "$(variables 10 100000)" "$size"
succeed brig run --bundle "$BUNDLE" c
[ "$stdout" -gt 1000000 ] || fail "the program sees $stdout bytes"
for big in "3000 1000" "1 200000"; do
  # shellcheck disable=SC2086 # words
  with "$(variables $big)" "$size"
  refuse_within 20 'argument list too long' brig run --bundle "$BUNDLE" c
  assert_eq "state" "" "$(ls -A "$ROOT")"
done

# exec: by a file, and by options.
jq '.process.args = ["sleep", "1000"]' original.json >"$BUNDLE/config.json"
start_container c
jq ".process |= ({process: .} | $(variables 1000 1000) | .process) | .process | .args = [\"sh\", \"-c\", \"$size\"]" original.json >process.json
succeed brig exec --process process.json c
assert_eq "environment of exec" "$seen" "$stdout"
options=()
for ((i = 0; i < 10; i++)); do options+=(--env "LARGE$i=$(head -c 100000 /dev/zero | tr '\0' x)"); done
succeed brig exec "${options[@]}" c sh -c "$size"
[ "$stdout" -gt 1000000 ] || fail "the program of exec sees $stdout bytes"
jq '.env += [range(3000) | "MORE\(.)=" + ("x" * 1000)]' process.json >larger.json
refuse_within 20 'argument list too long' brig exec --process larger.json c
assert_status 255
succeed brig delete --force c

# A caller with an environment of a megabyte.
jq '.hooks = {createRuntime: [{path: "/bin/true"}]}' original.json >"$BUNDLE/config.json"
succeed env "${options[@]/#--env/A=}" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" c
