#!/bin/bash
# Part of user.sh: the user in a cgroup that is not its manager's, as after su or ssh, where it may not
# move processes into the cgroup of a container itself.
if [ "$(id -u)" = 0 ]; then
  rows=$(mktemp)
  chown tester "$rows"
  user=$(id -u tester)
  mkdir -p "/sys/fs/cgroup/user.slice/user-$user.slice/session-test.scope"
  (
    echo "$BASHPID" >"/sys/fs/cgroup/user.slice/user-$user.slice/session-test.scope/cgroup.procs"
    exec setpriv --reuid "$user" --regid "$(id -g tester)" --init-groups env -i LANE="$LANE" RUNTIME="$RUNTIME" \
      RESULTS="$rows" PATH="$PATH" MANAGER=user XDG_RUNTIME_DIR="/run/user/$user" HOME=/home/tester \
      bash "$0"
  )
  status=$?
  cat "$rows" >>"${RESULTS:-/dev/stdout}"
  rmdir "/sys/fs/cgroup/user.slice/user-$user.slice/session-test.scope"
  exit $status
fi
. "$(realpath "$(dirname "$0")")/lib.sh"

from_outside() {
  started c sdtest.slice:pre:c 'sleep 1000'
  contains "/user@$(id -u).service/sdtest.slice/pre-c.scope" "$(cat "/proc/$(oci state c | jq .pid)/cgroup")" cgroup
  equals 0::/ "$(oci exec c cat /proc/self/cgroup | head -n 1)" "cgroup of exec"
  oci delete --force c
  gone pre-c.scope
}
step "from a session's cgroup: create, and exec, which systemd moves" from_outside
finish_steps
