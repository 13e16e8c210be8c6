#!/bin/bash
# `run` ends with the status of the container's process, 128 + N when signal N killed it.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle status "$(shell_command 'exit 0')"
capture brig run --bundle "$BUNDLE" status
assert_status 0

edit_config "$(shell_command 'echo out; echo err >&2; exit 37')"
capture brig run --bundle "$BUNDLE" status
assert_status 37
assert_eq "standard output" out "$stdout"
assert_eq "standard error" err "$stderr"

# A pid namespace's init ignores signals it has no handler for, so a child of it dies here.
edit_config "$(shell_command 'sh -c "kill -KILL \$\$"; exit $?')"
capture brig run --bundle "$BUNDLE" status
assert_status 137
