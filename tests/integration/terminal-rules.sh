#!/bin/bash
# Who needs a console socket: create and --detach with a terminal, and nobody without one.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle tty '.process.args = ["true"] | .process.terminal = true'
refuse "cannot allocate tty" brig create --bundle "$BUNDLE" tty
assert_contains "error" "without setting console socket" "$stderr"
refuse "cannot allocate tty" brig run --detach --bundle "$BUNDLE" tty
refuse "cannot use console socket" brig run --console-socket "$WORK/socket" --bundle "$BUNDLE" tty
edit_config '.process.terminal = false'
refuse "cannot use console socket" brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" tty
assert_eq "state" "" "$(ls -A "$ROOT")"
edit_config '.process.terminal = true'
refuse "$WORK/socket" brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" tty
touch socket
refuse "$WORK/socket" brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" tty
