#!/bin/bash
# A process that shares the pid namespace and has the same user, or may trace all of its user namespace, gets
# at nothing of brig's processes there: not of another container's init, not of what exec adds (CVE-2016-9962).
. "$(dirname "$0")/lib.sh"
need_root
need_command perl
[ "$(</proc/sys/user/max_user_namespaces)" != 0 ] || skip "needs user namespaces"

# The neighbour looks at every process that has brig's name, and says what it could see.
name=$(basename "$RUNTIME")
watch='while :; do for p in /proc/[0-9]*; do
  read -r comm <$p/comm || continue; [ "$comm" = NAME ] || continue
  # The numbers of its descriptors are no secret among processes of one user; what they are is.
  for link in exe cwd root fd/0 fd/3 fd/4 fd/5; do readlink $p/$link && echo "EXPOSED $link"; done
  head -c 1 $p/environ && echo "EXPOSED environ"
  (exec 3<>$p/mem) && echo "EXPOSED mem"
  echo "saw ${p#/proc/}"
done; done >>/log 2>/dev/null'
# A listener that takes nobody: its queue has one place.
# shellcheck disable=SC2016 # perl expands them
perl -e 'use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, sockaddr_un($ARGV[0])); listen($s, 0);
  socket(my $c, AF_UNIX, SOCK_STREAM, 0); connect($c, sockaddr_un($ARGV[0])); print "full\n"; close STDOUT; sleep 100' \
  "$WORK/socket" >full &
listener=$!
wait_until grep -qs full full

# spy KIND FILTER: what a neighbour sees whose configuration FILTER changes; $owner is the first id of its maps.
spy() {
  local kind=$1 pid log
  make_bundle "neighbour-$kind" "$(shell_command "${watch//NAME/$name}") | $2"
  chown -hR "$owner:$owner" "$BUNDLE/rootfs"
  log=$BUNDLE/rootfs/log
  start_container "neighbour-$kind"
  pid=$(container_pid "neighbour-$kind")

  # The init of a container that is not started yet is brig, and may do no more than the neighbour.
  make_bundle "victim-$kind" 'del(.hostname) | .process = {args: ["/bin/true"], cwd: "/", capabilities: {}} |
    .linux.namespaces |= map(if .type == "pid" then .path = "/proc/\($pid)/ns/pid" else . end)' --arg pid "$pid"
  if [ "$owner" != 0 ]; then edit_config '.linux.namespaces += [{type: "user", path: "/proc/\($pid)/ns/user"}]' --arg pid "$pid"; fi
  chown -hR "$owner:$owner" "$BUNDLE/rootfs"
  succeed brig create --bundle "$BUNDLE" "victim-$kind"
  # As the neighbour numbers it; twice, so that one look was at a process that has long been ready.
  saw() { [ "$(grep -c "^saw $1$" "$log")" -ge 2 ]; }
  wait_until saw "$(awk '/^NSpid:/ { print $NF }' "/proc/$(container_pid "victim-$kind")/status")"
  assert_lacks "$kind: what is seen of init" EXPOSED "$(<"$log")"
  succeed brig delete --force "victim-$kind"

  # The process of exec is brig's until the caller's socket has taken its pidfd.
  : >"$log"
  "$RUNTIME" --root "$ROOT" exec --detach --pidfd-socket "$WORK/socket" "neighbour-$kind" true >exec.log 2>&1 &
  local exec=$!
  saw_twice() { [ "$(grep -c '^saw' "$log")" -ge 3 ]; }
  wait_until saw_twice
  assert_lacks "$kind: what is seen of exec" EXPOSED "$(<"$log")"
  kill -KILL $exec
  wait $exec 2>/dev/null || true
  succeed brig delete --force "neighbour-$kind"
}
owner=0
spy same-user .
owner=100000
spy tracer '.linux.namespaces += [{type: "user"}] | .process.capabilities[] += ["CAP_SYS_PTRACE"] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
kill $listener
wait $listener 2>/dev/null || true
