#!/bin/bash
# Standard streams that are closed, full, or pipes that nobody reads (any more): commands do what they should, say so
# where anybody can hear it, and leave nothing behind.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
cp "$BUNDLE/config.json" original.json
nothing_left() {
  assert_eq "$1: state" "" "$(ls -A "$ROOT")"
  assert_eq "$1: cgroups" "" "$(list_cgroups)"
  wait_until no_processes
}

# Closed: of a container too, whose program finds three open descriptors.
code=0
brig create --bundle "$BUNDLE" c <&- >&- 2>&- || code=$?
assert_eq "create" 0 $code
for descriptor in 0 1 2; do
  assert_eq "descriptor $descriptor" /dev/null "$(readlink "/proc/$(container_pid c)/fd/$descriptor")"
done
for command in "start c" "state c" list "exec c true" "ps --format json c" "kill c KILL"; do
  # shellcheck disable=SC2086 # words
  brig $command <&- >&- 2>&- || code=$?
  assert_eq "$command" 0 $code
done
wait_until has_status c stopped
brig create --bundle "$BUNDLE" c <&- >&- 2>&- || code=$?
assert_eq "a create that fails" 1 $code
brig delete c <&- >&- 2>&- || code=$?
assert_eq "status after delete" 1 $code
nothing_left closed
edit_config '.process.args = ["sh", "-c", "exit 7"]'
code=0
brig run --bundle "$BUNDLE" c <&- >&- 2>&- || code=$?
assert_eq "run" 7 $code
nothing_left "run with closed streams"

# Nobody reads: what is said in the midst of a command does not kill it.
cp original.json "$BUNDLE/config.json"
# unread COMMAND...: with pipes without a reader as standard output and error; sets $code.
unread() {
  local ends
  mkfifo pipe
  exec {ends}<>pipe
  # shellcheck disable=SC2094 # nobody is to read it
  exec {output}>pipe
  exec {ends}<&-
  rm pipe
  code=0
  brig "$@" </dev/null >&"$output" 2>&1 {output}>&- || code=$?
  exec {output}>&-
}
edit_config '.hooks = {createRuntime: [{path: "/bin/false"}], poststop: [{path: "/bin/false"}, {path: "/bin/touch", args: ["touch", $file]}]}' --arg file "$WORK/poststop"
unread create --bundle "$BUNDLE" c
assert_eq "a create that fails, with warnings" 1 $code
[ -e poststop ] || fail "the second poststop hook did not run"
nothing_left "failed create"
cp original.json "$BUNDLE/config.json"
edit_config '.process.capabilities.bounding += ["CAP_OF_TOMORROW"] | .hooks.poststop = [{path: "/bin/false"}]'
unread create --bundle "$BUNDLE" c
assert_eq "a create with a warning" 0 $code
assert_eq "status" created "$(container_status c)"
unread start c
assert_eq "start" 0 $code
unread exec c true
assert_eq "exec" 0 $code
unread list
# As any program whose output nobody wants.
assert_eq "list" 141 $code
unread delete --force c
assert_eq "delete with a warning" 0 $code
nothing_left "delete"
# The container's program gets the signal, not brig.
cp original.json "$BUNDLE/config.json"
edit_config "$(shell_command 'while echo text; do :; done; exit 9')"
unread run --bundle "$BUNDLE" c
assert_matches "run of a program that nobody reads" '^(9|141)$' $code
nothing_left "run"

# A device that is full.
cp original.json "$BUNDLE/config.json"
succeed brig create --bundle "$BUNDLE" c
for command in "state c" list "list -q" "ps c" features; do
  code=0
  # shellcheck disable=SC2086 # words
  brig $command >/dev/full 2>err || code=$?
  assert_eq "$command" 1 $code
  assert_contains "$command" "write to standard output: no space left on device" "$(<err)"
  assert_eq "$command: lines" 1 "$(wc -l <err)"
done
code=0
brig state nosuch 2>/dev/full || code=$?
assert_eq "an error that cannot be told" 1 $code

# A pipe that is full: who writes waits for the reader, holding up nobody else, and ends with him.
for command in "state c" "state nosuch"; do
  mkfifo pipe
  exec 7<>pipe
  dd if=/dev/zero of=pipe bs=65536 count=1 oflag=nonblock status=none
  # shellcheck disable=SC2086 # words
  "$RUNTIME" --root "$ROOT" $command </dev/null >&7 2>&7 7<&- &
  waits=$!
  blocked() { grep -q '^pipe\|anon_pipe' "/proc/$waits/wchan"; }
  [ "$(cat /proc/$$/wchan 2>/dev/null)" = 0 ] || wait_until blocked
  succeed brig state c
  succeed brig exec c true
  dd if=pipe of=filler bs=65536 count=1 iflag=fullblock status=none
  code=0
  wait $waits || code=$?
  if [ "$command" = "state c" ]; then assert_eq "$command" 0 $code; else assert_eq "$command" 1 $code; fi
  exec 7<&-
  rm pipe
done

# Standard input that never ends is nobody's to read.
mkfifo pipe
exec 7<>pipe
brig start c <&7 || fail "start"
brig exec c true <&7 || fail "exec"
exec 7<&-
succeed brig delete --force c
nothing_left end
