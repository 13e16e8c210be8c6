#!/bin/bash
# NOTIFY_SOCKET: the container gets a socket of its own, and READY=1 sent to it reaches the caller's.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle notified "$(shell_command 'echo $NOTIFY_SOCKET; ls -d $NOTIFY_SOCKET; exit 0')"
# A folder that the caller's socket would be in; nobody needs to listen for this.
capture env NOTIFY_SOCKET="$WORK/caller.sock" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" notified
assert_status 0
assert_matches "the container's socket" '^/run/notify/' "$stdout"
assert_lacks "the caller's socket" "$WORK" "$stdout"
assert_eq "the socket is there" "$(head -n 1 <<<"$stdout")" "$(tail -n 1 <<<"$stdout")"
succeed brig run --bundle "$BUNDLE" notified
assert_eq "without one" "" "$(head -n 1 <<<"$stdout")"
