#!/bin/bash
# A foreground run in the host's pid namespace adopts the container's orphans; --no-subreaper leaves them.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle orphans 'del(.linux.namespaces[] | select(.type == "pid"))'
edit_config "$(shell_command '(sleep 1001 & echo $! >/orphan); while [ ! -e /end ]; do sleep 0.02; done')"
"$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" orphans >/dev/null 2>&1 </dev/null &
run=$!
parent_is() { [ "$(awk '/^PPid:/ { print $2 }' "/proc/$(<"$BUNDLE/rootfs/orphan")/status")" = "$1" ]; }
wait_until test -s "$BUNDLE/rootfs/orphan"
wait_until parent_is $run
touch "$BUNDLE/rootfs/end"
wait $run || fail "run ended with status $?"
wait_until no_processes

rm -f "$BUNDLE/rootfs/orphan" "$BUNDLE/rootfs/end"
"$RUNTIME" --root "$ROOT" run --no-subreaper --bundle "$BUNDLE" orphans >/dev/null 2>&1 </dev/null &
run=$!
wait_until test -s "$BUNDLE/rootfs/orphan"
wait_until parent_is $$
touch "$BUNDLE/rootfs/end"
wait $run || fail "run ended with status $?"
wait_until no_processes
