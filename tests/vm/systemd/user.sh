#!/bin/bash
# Shows the systemd manager of an unprivileged user: units, limits, exec from another cgroup, a user
# namespace's root, and a manager that hangs.
# vm: lane=full suites=bookworm,sid runtimes=brig timeout=400 quick=bookworm
here=$(realpath "$(dirname "$0")")
if [ "$(id -u)" = 0 ]; then
  # As the user tester, in a service of its manager.
  runtime_folder=/run/user/$(id -u tester)
  until [ -S "$runtime_folder/systemd/private" ]; do sleep 0.2; done
  rows=$runtime_folder/rows
  systemd-run -q --wait --pipe --user -M tester@ -p Delegate=yes -E LANE="$LANE" -E RUNTIME="$RUNTIME" \
    -E RESULTS="$rows" -E ONLY="${ONLY:-}" -E PATH="$PATH" -E MANAGER=user bash "$here/user.sh"
  status=$?
  cat "$rows" >>"${RESULTS:-/dev/stdout}"
  rm -f "$rows"
  # What only root can arrange: the same user outside of its manager's cgroups.
  LANE=$LANE RUNTIME=$RUNTIME bash "$here/user-session.sh" || status=1
  exit $status
fi
. "$here/lib.sh"

unit=pre-c.scope
placed() { started c sdtest.slice:pre:c "$@"; }
lifecycle() {
  placed 'sleep 1000'
  equals "/user.slice/user-$(id -u).slice/user@$(id -u).service/sdtest.slice/$unit" "$(property $unit ControlGroup)" cgroup
  oci exec c true
  oci pause c
  has_status c paused || fail "not paused"
  oci resume c
  oci kill c KILL
  within 10 has_status c stopped
  oci delete c
  gone $unit
}
step "create, exec, pause, kill, delete: the unit is the user's" lifecycle
default_slice() {
  started c :pre:c 'sleep 1000'
  contains "/user@$(id -u).service/user.slice/$unit" "$(property $unit ControlGroup)" cgroup
}
step "no slice is user.slice" default_slice
limits() {
  placed 'sleep 1000' '.linux.resources.memory = {limit: 67108864} | .linux.resources.pids = {limit: 33}'
  properties $unit MemoryMax 67108864 TasksMax 33
  equals 67108864 "$(setting $unit memory.max)" memory.max
  echo '{"pids": {"limit": 44}}' >"$work/limits"
  oci update --resources "$work/limits" c
  properties $unit TasksMax 44
  equals 44 "$(setting $unit pids.max)" pids.max
}
step "limits and update" limits
in_user_namespace() {
  bundle c sdtest.slice:pre:c 'sleep 1000' 'del(.linux.uidMappings, .linux.gidMappings) |
    .linux.namespaces |= map(select(.type != "user"))'
  unshare --user --map-root-user --mount "$RUNTIME" --root "$work/root" --systemd-cgroup create --bundle "$work/c" c
  equals active "$(property $unit ActiveState)" unit
  unshare --user --map-root-user --mount "$RUNTIME" --root "$work/root" --systemd-cgroup delete --force c
  gone $unit
}
step "as the root of a user namespace" in_user_namespace
hanging() {
  local manager
  manager=$(systemctl --user show -P MainPID 2>/dev/null || true)
  manager=$(pgrep -u "$(id -u)" -x systemd)
  bundle c sdtest.slice:pre:c 'sleep 1000'
  # Its own systemd stops, so nothing of this step may depend on it.
  kill -STOP "$manager"
  local status=0
  timeout 60 "$RUNTIME" --root "$work/root" --systemd-cgroup create --bundle "$work/c" c >"$work/c/out" 2>&1 || status=$?
  kill -CONT "$manager"
  if [ $status = 0 ] || [ $status = 124 ]; then fail "status $status"; fi
  contains "$( [ "${RUNTIME##*/}" = crun ] || echo "does not answer")" "$(cat "$work/c/out")" error
  [ ! -e "$work/root/c" ] || fail "state is left"
  within 10 eval '(gone pre-c.scope)'
}
step "a manager that hangs: an error within the deadline, nothing left" hanging
finish_steps
