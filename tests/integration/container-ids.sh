#!/bin/bash
# What may be an id; commands on one that is unknown, bad or missing say so and leave nothing.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle ids '.process.args = ["true"]'
for id in a A_b-c+d.e 0 -a _ "$(printf 'x%.0s' {1..128})"; do
  succeed brig run --bundle "$BUNDLE" -- "$id"
done
for id in .hidden .. . a/b ../ids 'a b' $'a\nb' 'ä' '' '*'; do
  refuse "invalid container ID format" brig create --bundle "$BUNDLE" -- "$id"
  refuse "" brig state -- "$id"
done
[ -e "$BUNDLE/config.json" ] || fail "the bundle is gone"

for command in state start kill delete pause resume ps update events exec; do
  arguments=(unknown)
  case $command in
    exec) arguments+=(true) ;;
    update) arguments=(--pids-limit 5 unknown) ;;
    events) arguments=(--stats unknown) ;;
  esac
  refuse "does not exist" brig $command "${arguments[@]}"
  refuse "" brig $command
done
succeed brig delete --force unknown
assert_eq "state folders" "" "$(ls -A "$ROOT")"
