#!/bin/bash
# Containers started at the same time do not disturb each other; of equal ids one wins.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle many "$(shell_command 'hostname; exit 3')"
edit_config 'del(.linux.cgroupsPath)'
for n in 1 2 3 4 5 6 7 8; do
  mkdir "$WORK/b$n"
  ln -s "$BUNDLE/rootfs" "$WORK/b$n/rootfs"
  jq --arg n "$n" --arg root "$BUNDLE/rootfs" --arg cgroup "/$TEST_CGROUP/p$n" \
    '.hostname = "host-\($n)" | .root.path = $root | .linux.cgroupsPath = $cgroup' "$BUNDLE/config.json" >"$WORK/b$n/config.json"
done
pids=()
for n in 1 2 3 4 5 6 7 8; do
  "$RUNTIME" --root "$ROOT" run --bundle "$WORK/b$n" "p$n" >"$WORK/out$n" 2>&1 </dev/null &
  pids+=($!)
done
for n in 1 2 3 4 5 6 7 8; do
  code=0
  wait "${pids[n - 1]}" || code=$?
  assert_eq "status of p$n" 3 "$code"
  assert_eq "output of p$n" "host-$n" "$(<"$WORK/out$n")"
done

# Four times the same id.
pids=()
for n in 1 2 3 4; do
  "$RUNTIME" --root "$ROOT" create --bundle "$WORK/b1" same >/dev/null 2>"$WORK/err$n" </dev/null &
  pids+=($!)
done
winners=0
for n in 1 2 3 4; do
  if wait "${pids[n - 1]}"; then
    winners=$((winners + 1))
  else
    assert_contains "error of a loser" "container with given ID already exists" "$(<"$WORK/err$n")"
  fi
done
assert_eq "winners" 1 "$winners"
assert_eq "status" created "$(container_status same)"
succeed brig delete --force same
