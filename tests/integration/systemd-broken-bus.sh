#!/bin/bash
# A systemd that is missing, hangs, refuses, fails or goes away: create says so in one line within the
# deadline, and leaves no process, cgroup or state.
DEADLINE=${DEADLINE:-120} # It waits for the 25 seconds that systemd gets.
. "$(dirname "$0")/lib.sh"
need_root
need_helper bus-peer
in_pure_v2

make_bundle c '.linux.cgroupsPath = "system.slice:brig-test:c"'

# The sockets of systemd and of the message bus are ours in this mount namespace.
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd /run/dbus
mounts_before=$(</proc/self/mountinfo)

# told NAME TEXT: create with a peer of that kind fails with TEXT.
told() {
  local name=$1 text=$2 peer
  shift 2
  "$helper" "$name" /run/systemd/private &
  peer=$!
  wait_until test -S /run/systemd/private
  refuse "$text" brig --systemd-cgroup create --bundle "$BUNDLE" c
  assert_eq "lines of the error with $name" 1 "$(wc -l <"$WORK/stderr")"
  kill $peer
  wait $peer || true
  rm /run/systemd/private
  [ ! -e "$ROOT/c" ] || fail "$name: state is left"
  no_processes || fail "$name: processes are left"
}

refuse "the systemd cgroup manager needs a running systemd, else use --cgroup-manager=cgroupfs: connect to /run/dbus/system_bus_socket: no such file or directory" \
  brig --systemd-cgroup create --bundle "$BUNDLE" c
# A socket that nobody listens on.
"$helper" silent /run/systemd/private &
wait_until test -S /run/systemd/private
kill $!
wait $! || true
refuse "connection refused" env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/systemd/private "$RUNTIME" --root "$ROOT" \
  --systemd-cgroup create --bundle "$BUNDLE" c
rm /run/systemd/private

unit="start the systemd unit brig-test-c.scope"
told error "$unit: Not today."
told closing "$unit: /run/systemd/private closed the connection"
told failing "$unit: its job ended with \\\"failed\\\""
told garbage "$unit: "
# These wait for the deadline; all at once, with a container each.
pids=()
for part in silent mute jobless; do
  "$helper" $part /run/systemd/$part &
  make_bundle $part '.linux.cgroupsPath = "system.slice:brig-test:" + $path' --arg path $part
  wait_until test -S /run/systemd/$part
  (
    start=$SECONDS
    if env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/systemd/$part timeout 50 "$RUNTIME" --root "$ROOT" \
      --systemd-cgroup create --bundle "$BUNDLE" $part >"$WORK/$part.out" 2>&1; then
      exit 1
    fi
    seconds=$((SECONDS - start))
    [ $seconds -ge 20 ] && [ $seconds -le 40 ] && grep -q "does not answer" "$WORK/$part.out"
  ) &
  pids+=($!)
done
for pid in "${pids[@]}"; do
  wait "$pid" || fail "not refused after the deadline: $(cat "$WORK"/*.out)"
done
for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
wait
list_cgroups | grep . && fail "cgroups are left"
umount /run
mounts_before=$(</proc/self/mountinfo)
