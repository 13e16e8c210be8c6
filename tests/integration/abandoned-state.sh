#!/bin/bash
# The folder of a container without a record is what a create left that was killed at its beginning: nobody has that id.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle early "$(shell_command 'exec sleep 1000')"
for scratch in none .state.json; do
  mkdir "$ROOT/early"
  if [ $scratch != none ]; then echo '{"ver' >"$ROOT/early/$scratch"; fi
  for command in "state" "start" "delete" "kill" "ps"; do
    refuse "container does not exist: early" brig $command early
  done
  succeed brig list
  assert_lacks "list" early "$stdout$stderr"
  succeed brig create --bundle "$BUNDLE" early
  assert_eq "status" created "$(container_status early)"
  succeed brig delete --force early
  assert_eq "state" "" "$(ls -A "$ROOT")"
done

mkdir "$ROOT/early"
succeed brig delete --force early
assert_eq "state" "" "$(ls -A "$ROOT")"

# While somebody holds the lock, the id is taken.
mkdir "$ROOT/early"
exec 8<"$ROOT/early"
flock 8
refuse "container with given ID already exists: early" brig create --bundle "$BUNDLE" early
exec 8<&-

# A folder with more in it has lost its record: no create may take the id of what may still run.
echo '{}' >"$ROOT/early/config.json"
refuse "container with given ID already exists: early" brig create --bundle "$BUNDLE" early
refuse "container early: state.json is missing: remove it with brig delete --force early" brig state early
succeed brig delete --force early
