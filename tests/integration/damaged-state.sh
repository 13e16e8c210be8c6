#!/bin/bash
# Whatever happened to a container's state files, delete --force removes all of it.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle damaged "$(shell_command 'exec sleep 1000')"
record() { find "$ROOT/damaged" -name 'state*.json' | head -n 1; }
damage_truncated() { : >"$(record)"; }
damage_half() { truncate -s 40 "$(record)"; }
damage_nonsense() { head -c 500 /dev/urandom >"$(record)"; }
damage_types() { echo '{"id": 5, "pid": "x", "bundle": []}' >"$(record)"; }
for kind in truncated half nonsense types; do
  start_container damaged
  [ -n "$(record)" ] || fail "no state file in $(ls -A "$ROOT/damaged")"
  damage_$kind
  capture brig state damaged
  [ $status != 0 ] || fail "$kind: state of a damaged container: $stdout"
  [ -n "$stderr" ] || fail "$kind: no error"
  capture brig list
  assert_status 0
  succeed brig delete --force damaged
  assert_eq "$kind: state" "" "$(ls -A "$ROOT")"
  wait_until no_processes
  assert_eq "$kind: cgroups" "" "$(list_cgroups)"
done
