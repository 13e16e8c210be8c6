#!/bin/bash
# Clocks that are years ahead of the machine's, as after a long suspension: containers live and deadlines hold. (The
# time of day, which is the only clock that can be set: tests/vm/limits/set-up.sh; that no deadline is of it:
# tests/check-layers.)
. "$(dirname "$0")/lib.sh"
need_root
[ -e /proc/self/ns/time ] || skip "needs time namespaces"
ahead=(unshare --time --monotonic 1000000000 --boottime 1000000000)
"${ahead[@]}" true 2>/dev/null || skip "needs unshare --time"

make_bundle c "$(shell_command 'exec sleep 1000')"
ahead() { "${ahead[@]}" "$RUNTIME" --root "$ROOT" "$@"; }
[ "$("${ahead[@]}" cut -d . -f 1 /proc/uptime)" -gt 1000000000 ] || fail "the clock is not ahead"
status_ahead() { [ "$(ahead state c | jq -r .status)" = "$1" ]; }

succeed ahead create --bundle "$BUNDLE" c
wait_until status_ahead created
succeed ahead start c
succeed ahead exec c true
assert_eq "uptime in the container" yes "$(ahead exec c cut -d . -f 1 /proc/uptime | awk '{ print ($1 > 1000000000 ? "yes" : $1) }')"
status_ahead running || fail "status: $(ahead state c)"
succeed ahead kill c KILL
wait_until status_ahead stopped
succeed ahead delete c
edit_config '.hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1}]'
refuse_within 30 "hook ran past specified timeout of 1.0s" ahead create --bundle "$BUNDLE" c
assert_eq "state" "" "$(ls -A "$ROOT")"
