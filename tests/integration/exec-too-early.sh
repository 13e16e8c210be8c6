#!/bin/bash
# While `run` sets its container up, which then has the host's files still, nobody else gets into it.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle early "$(shell_command 'exec sleep 1000')"
mkfifo "$WORK/gate"
edit_config '.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "read -r line <\($gate)"]}]' --arg gate "$WORK/gate"
brig run --bundle "$BUNDLE" early &
run=$!
# The hook runs in the container, before that has its own root.
hook_runs() { [ -e "$ROOT/early/state.json" ] && [ "$(brig ps --format json early | jq length)" = 2 ]; }
wait_until hook_runs
wait_until grep -q '"pid":[1-9]' "$ROOT/early/state.json"
refuse "still being created" brig exec early cat "$WORK/early/config.json"
refuse "still being created" brig exec --detach --ignore-paused early true
assert_eq status creating "$(container_status early)"
echo go >gate
wait_until has_status early running
succeed brig exec early ls /
assert_lacks "what exec sees" work "$stdout"
succeed brig delete --force early
wait $run || true
