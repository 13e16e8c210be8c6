#!/bin/bash
# A failing hook ends the container as runtime.md says for its kind: destroyed, with poststop run.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle failing "$(shell_command 'exec sleep 1000')"
mkdir -m 777 "$BUNDLE/rootfs/log"
cp "$BUNDLE/config.json" original.json
# with KIND: a hook of that kind that fails, and one of poststop that says that it ran.
with() {
  cp original.json "$BUNDLE/config.json"
  rm -f stopped
  edit_config '.hooks = {($kind): [{path: "/bin/sh", args: ["sh", "-c", "echo reason >&2; exit 3"]}],
    poststop: [{path: "/bin/touch", args: ["touch", $file]}]}' --arg kind "$1" --arg file "$WORK/stopped"
}
gone() {
  [ -e stopped ] || fail "$1: poststop did not run"
  capture brig state failing
  [ $status != 0 ] || fail "$1: the container is still there"
  no_processes || fail "$1: processes are left: $(<"$WORK/processes")"
  assert_eq "$1: cgroups" "" "$(list_cgroups)"
}
for kind in prestart createRuntime createContainer; do
  with $kind
  refuse "$kind" brig create --bundle "$BUNDLE" failing
  assert_contains "$kind: status of the hook" 3 "$stderr"
  gone $kind
done
for kind in startContainer poststart; do
  with $kind
  succeed brig create --bundle "$BUNDLE" failing
  refuse "$kind" brig start failing
  wait_until no_processes
  gone $kind
done
with createRuntime
refuse createRuntime brig run --bundle "$BUNDLE" failing
gone "run with createRuntime"

# poststop: a warning only, and the rest still runs.
cp original.json "$BUNDLE/config.json"
rm -f stopped
edit_config '.hooks = {poststop: [{path: "/bin/false"}, {path: "/no/such/hook"},
  {path: "/bin/touch", args: ["touch", $file]}]}' --arg file "$WORK/stopped"
start_container failing
succeed brig delete --force failing
assert_contains warning poststop "$stderr"
gone poststop
