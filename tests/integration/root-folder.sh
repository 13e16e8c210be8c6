#!/bin/bash
# --root is made when it is missing, keeps containers of different roots apart, and is for root only.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle roots "$(shell_command 'exec sleep 1000')"
succeed "$RUNTIME" --root "$WORK/new/root" create --bundle "$BUNDLE" roots
assert_eq "mode of the container's folder" 711 "$(stat -c %a "$WORK/new/root/roots")"
refuse "does not exist" brig state roots
edit_config '.linux.cgroupsPath = $path' --arg path "/$TEST_CGROUP/other"
succeed brig create --bundle "$BUNDLE" roots
[ "$(container_pid roots)" != "$("$RUNTIME" --root="$WORK/new/root" state roots | jq .pid)" ] || fail "the two roots share a container"
succeed "$RUNTIME" --root "$WORK/new/root" delete --force roots
assert_eq "state folders" "" "$(ls -A "$WORK/new/root")"
assert_eq "the other one" created "$(container_status roots)"
succeed brig delete --force roots
refuse "" "$RUNTIME" --root / list
touch "$WORK/file"
refuse "$WORK/file" "$RUNTIME" --root "$WORK/file" create --bundle "$BUNDLE" roots
