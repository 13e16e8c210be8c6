#!/bin/bash
# run --detach returns when the program runs; run --keep leaves the stopped container.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle detach "$(shell_command 'echo out; exec sleep 1000')"
succeed brig run --detach --pid-file "$WORK/pid" --bundle "$BUNDLE" detach
assert_eq status running "$(container_status detach)"
assert_eq "pid file" "$(container_pid detach)" "$(<pid)"
wait_until grep -q out "$WORK/stdout"
# Nobody of brig stays: its parent is the init of this pid namespace.
assert_eq "parent" $$ "$(awk '/^PPid:/ { print $2 }' "/proc/$(<pid)/status")"
succeed brig delete --force detach

edit_config "$(shell_command 'exit 5')"
succeed brig run --detach --bundle "$BUNDLE" detach
wait_until has_status detach stopped
succeed brig delete detach

capture brig run --keep --bundle "$BUNDLE" detach
assert_status 5
assert_eq "kept" stopped "$(container_status detach)"
succeed brig delete detach
capture brig run --bundle "$BUNDLE" detach
assert_status 5
refuse "does not exist" brig state detach
# Not when it could not be started at all.
edit_config '.process.args = ["/no/such"]'
capture brig run --keep --bundle "$BUNDLE" detach
assert_eq "status" 1 "$status"
brig delete --force detach
