#!/bin/bash
# Without --root an unprivileged user's containers are in $XDG_RUNTIME_DIR/brig, which has the sticky
# bit so that cleaners of temporary files leave it alone.
. "$(dirname "$0")/lib.sh"
be_user single

make_user_bundle own "$(shell_command 'exec sleep 1000')"
mkdir -m 700 "$WORK/run"
chown $USER_ID "$WORK/run"
# shellcheck disable=SC2317 # start_container calls it
brig() { user env XDG_RUNTIME_DIR="$WORK/run" "$RUNTIME" "$@"; }
succeed brig list
assert_eq "without a folder" 1 "$(wc -l <<<"$stdout")"
start_container own
assert_eq "mode" 1700 "$(stat -c %a "$WORK/run/brig")"
succeed brig list --quiet
assert_eq "list" own "$stdout"
# Another command finds it, root does not.
succeed brig exec own true
refuse "container does not exist: own" "$RUNTIME" --root "$ROOT" state own
succeed brig delete --force own
rmdir "$WORK/run/brig"

# Nothing tells where: one line with the remedy.
# shellcheck disable=SC2317 # refuse calls it
brig() { user "$RUNTIME" "$@"; }
refuse "XDG_RUNTIME_DIR" brig run --bundle "$BUNDLE" own
assert_contains remedy "--root" "$stderr"
# Somebody else's, as `su` leaves it behind.
# shellcheck disable=SC2317 # start_container calls it
brig() { user env XDG_RUNTIME_DIR="$WORK/run" "$RUNTIME" "$@"; }
chown 0 "$WORK/run"
refuse "permission denied" brig run --bundle "$BUNDLE" own
assert_contains remedy "XDG_RUNTIME_DIR" "$stderr"
