#!/bin/bash
# hostname is set in the container's UTS namespace and nowhere else.
. "$(dirname "$0")/lib.sh"
need_root

before=$(hostname)
make_bundle uts "$(shell_command 'hostname')"
edit_config '.hostname = "brig-test-host"'
succeed brig run --bundle "$BUNDLE" uts
assert_eq "hostname inside" brig-test-host "$stdout"
assert_eq "hostname outside" "$before" "$(hostname)"

# Without a UTS namespace it would change the host's name.
edit_config 'del(.linux.namespaces[] | select(.type == "uts"))'
capture brig run --bundle "$BUNDLE" uts
[ $status != 0 ] || fail "a hostname without a UTS namespace was accepted"
assert_eq "hostname outside, after the refusal" "$before" "$(hostname)"
