#!/bin/bash
# An unprivileged user creates, starts, enters, signals, lists and deletes containers of his own,
# also where he may make no cgroup; what needs one says so.
. "$(dirname "$0")/lib.sh"
be_user single

make_user_bundle life '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "id -u >\($file)"]}] |
  .hooks.prestart = [{path: "/bin/sh", args: ["sh", "-c", "id -u >>\($file)"]}] | .process.oomScoreAdj = 100' \
  --arg file "$WORK/life/hooks"
edit_config "$(shell_command 'trap "exit 7" TERM; echo up >/up; while :; do sleep 0.1; done')"
succeed brig create --bundle "$BUNDLE" --pid-file "$BUNDLE/pid" life
assert_eq status created "$(container_status life)"
assert_eq "hooks run as" $USER_ID "$(<"$BUNDLE/hooks")"
succeed brig start life
assert_eq "pid file" "$(container_pid life)" "$(<"$BUNDLE/pid")"
wait_until test -e "$BUNDLE/rootfs/up"
pid=$(container_pid life)
assert_eq "uid outside" $USER_ID "$(stat -c %u "/proc/$pid")"
assert_eq oom_score_adj 100 "$(<"/proc/$pid/oom_score_adj")"
succeed brig exec life sh -c 'id -u; cat /proc/self/oom_score_adj; echo $HOME'
assert_eq "exec" "0 100 /root" "$(xargs <<<"$stdout")"
succeed brig list --format json
assert_eq "list" "life running brig-tester" "$(jq -r '.[] | "\(.id) \(.status) \(.owner)"' <<<"$stdout")"

succeed brig ps --format json life
assert_eq "ps knows init only" "[$pid]" "$(jq -c . <<<"$stdout")"
for command in "pause life" "update --pids-limit 5 life" "kill --all life USR1"; do
  # shellcheck disable=SC2086 # words
  refuse "the container has no cgroup" brig $command
  assert_contains remedy "systemd-run --user --scope -p Delegate=yes" "$stderr"
done
succeed brig kill life TERM
wait_until has_status life stopped
succeed brig delete life
assert_eq "hooks" "$USER_ID" "$(<"$BUNDLE/hooks")"

# A killed one, and one whose processes share the host's process ids.
start_container life
succeed brig kill --all life KILL
wait_until has_status life stopped
succeed brig delete life
succeed brig create --bundle "$BUNDLE" life
succeed brig delete --force life

# Lower than what the user has is for root.
edit_config '.process.oomScoreAdj = -100'
refuse "process.oomScoreAdj: -100 is lower than the inherited" brig create --bundle "$BUNDLE" life
