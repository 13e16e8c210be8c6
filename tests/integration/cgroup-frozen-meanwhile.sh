#!/bin/bash
# When somebody freezes the cgroup above a container's, no command waits for ever: each ends with one line that
# names the cgroup, and takes back what it made. `exec --ignore-paused`, which is to wait, goes on afterwards.
. "$(dirname "$0")/lib.sh"
in_pure_v2

frozen=/sys/fs/cgroup/$TEST_CGROUP
make_bundle frozen "$(shell_command 'touch /started; exec sleep 1000')"
# bundle_of NAME [FILTER]: the same with another cgroup.
bundle_of() {
  mkdir "$WORK/bundle-$1"
  jq --arg root "$BUNDLE/rootfs" --arg path "/$TEST_CGROUP/$1" "(${2:-.}) | .root.path = \$root | .linux.cgroupsPath = \$path" \
    "$BUNDLE/config.json" >"$WORK/bundle-$1/config.json"
}
hook=".hooks.createRuntime = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >>$WORK/hooks; until test -e $WORK/go; do sleep 0.02; done; echo 1 >$frozen/cgroup.freeze\"]}]"
bundle_of waits
bundle_of runs '.process.args = ["/bin/sleep", "1000"]'
bundle_of made "$hook"
bundle_of detached "$hook"
bundle_of ran "$hook"
succeed brig create --bundle bundle-waits waits
succeed brig run --detach --bundle bundle-runs runs

# The hooks freeze all of them, once all are there; each command waits for as long as the others.
commands=()
expect() { # NAME TEXT ARGUMENT...
  "$RUNTIME" --root "$ROOT" "${@:3}" >"said.$1" 2>&1 </dev/null &
  commands+=("$!:$1:$2")
}
unexpected="container's cgroup unexpectedly frozen before its process was set up"
expect create "$unexpected" create --bundle bundle-made made
expect run "$unexpected" run --bundle bundle-ran ran
expect run-detached "$unexpected" run --detach --bundle bundle-detached detached
hooks_wait() { [ "$(jq -s length hooks)" = 3 ]; }
wait_until hooks_wait
: >go
wait_until grep -q "frozen 1" "$frozen/cgroup.events"
expect start "cannot start a paused container" start waits
expect exec "cannot exec in a paused container (use --ignore-paused to override)" exec runs touch /ran
expect exec-detached "cannot exec in a paused container (use --ignore-paused to override)" exec --detach runs touch /ran
"$RUNTIME" --root "$ROOT" exec --ignore-paused runs touch /late &
late=$!
for one in "${commands[@]}"; do
  IFS=: read -r pid name text <<<"$one"
  code=0
  wait "$pid" || code=$?
  [ $code != 0 ] || fail "$name worked"
  assert_contains "error of $name" "$text: the cgroup $frozen has been frozen for 10 seconds (0 in its cgroup.freeze thaws it)" "$(<"said.$name")"
  assert_eq "lines of $name" 1 "$(wc -l <"said.$name")"
done
for name in made ran detached; do
  [ ! -e "$ROOT/$name" ] || fail "$name: its folder is left"
  [ ! -e "$frozen/$name" ] || fail "$name: its cgroup is left"
done
assert_eq "processes" 2 "$(wc -l <"$frozen/runs/cgroup.procs")" # of exec --ignore-paused, too

echo 0 >"$frozen/cgroup.freeze"
wait $late || fail "exec --ignore-paused ended with status $?"
[ -e "$BUNDLE/rootfs/late" ] || fail "the program did not run"
[ ! -e "$BUNDLE/rootfs/ran" ] || fail "a program ran that was given up"
# The start that failed is no start.
assert_eq status created "$(container_status waits)"
[ ! -e "$BUNDLE/rootfs/started" ] || fail "the program was started later"
succeed brig start waits
wait_until test -e "$BUNDLE/rootfs/started"
succeed brig delete --force waits
succeed brig delete --force runs
