#!/bin/bash
# A console socket, a pidfd socket or a seccomp agent that is dead or slow: one line, within the deadline, and
# nothing is left.
DEADLINE=${DEADLINE:-120} # Three deadlines of ten seconds.
. "$(dirname "$0")/lib.sh"
need_root
need_command perl

make_bundle c "$(shell_command 'exec sleep 1000')"
cp "$BUNDLE/config.json" original.json
jq '.process.terminal = true' original.json >terminal.json
jq --arg path "$WORK/socket" '.annotations = {long: ("x" * 3000000)} | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
  listenerPath: $path, syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]}' original.json >notify.json

# listen HOW: somebody has the socket who
#   full     accepts no connection, and there are as many as may wait
#   silent   accepts one and reads nothing
#   closing  accepts one and ends it unread, once something has been sent
listen() {
  rm -f socket ready
  # shellcheck disable=SC2016 # perl expands them
  perl -e 'use Socket; my ($path, $how) = @ARGV; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die; bind($s, pack_sockaddr_un("$path/socket")) or die;
    listen($s, 0) or die; my $waits; if ($how eq "full") { socket($waits, AF_UNIX, SOCK_STREAM, 0); connect($waits, pack_sockaddr_un("$path/socket")) or die; }
    open(my $f, ">", "$path/ready"); my $c; if ($how ne "full") { accept($c, $s); }
    if ($how eq "closing") { vec(my $sent = "", fileno($c), 1) = 1; select($sent, undef, undef, undef); close($c); } sleep 1000' "$WORK" "$1" &
  listener=$!
  wait_until test -e ready
}
stop_listening() {
  [ -n "$listener" ] || return 0
  kill $listener
  wait $listener 2>/dev/null || true
  listener=''
}
# told CONFIG SECONDS TEXT OPTION...: create with it fails so.
told() {
  cp "$1.json" "$BUNDLE/config.json"
  refuse_within "$2" "$3" brig create "${@:4}" --bundle "$BUNDLE" --pid-file "$WORK/pid" c
  stop_listening
  assert_eq "state" "" "$(find "$ROOT" -mindepth 1 -maxdepth 1 -not -name '.*')"
  assert_eq "cgroups" "" "$(list_cgroups)"
  [ ! -e pid ] || fail "a pid file is left"
  wait_until no_processes
}

# Dead: it was somebody's once.
for kind in "terminal --console-socket" "original --pidfd-socket" "notify linux.seccomp.listenerPath"; do
  listen full
  stop_listening
  option=()
  [[ $kind != *--* ]] || option=("${kind#* }" "$WORK/socket")
  told "${kind% *}" 10 "${kind#* }: connect to $WORK/socket: connection refused" "${option[@]}"
done

# Slow.
answer="connect to $WORK/socket: resource temporarily unavailable: the listener does not accept connections"
listen full
told terminal 25 "--console-socket: $answer" --console-socket "$WORK/socket"
listen full
told original 25 "--pidfd-socket: $answer" --pidfd-socket "$WORK/socket"
listen silent
told notify 25 "linux.seccomp.listenerPath: send the descriptor to $WORK/socket: resource temporarily unavailable: the listener does not read"

# The process dies meanwhile: nobody waits for the listener then, and everybody is told what happened.
got_terminal() { readlink "/proc/$command/fd/"* | grep -q ptmx; }
got_listener() { readlink "/proc/$command/fd/"* | grep -q seccomp; }
is_created() { has_status c created; }
# told_of_the_end WHAT SIGN COMMAND...: kills the process of c that is not $init, once SIGN says that the command
# has come as far as the socket.
told_of_the_end() {
  listen full
  "$RUNTIME" --root "$ROOT" "${@:3}" >out 2>err </dev/null &
  command=$!
  wait_until "$2"
  kill -KILL "$(brig ps --format json c | jq --argjson init "$init" '. - [$init] | .[]')"
  code=0
  wait $command || code=$?
  [ $code != 0 ] || fail "$1: it says that it worked"
  assert_contains "$1: error" "the container's process was killed by signal 9 during set-up: it ended before the listener of $1 accepted a connection" "$(<err)"
  assert_eq "$1: lines" 1 "$(wc -l <err)"
  stop_listening
}
init=0
cp terminal.json "$BUNDLE/config.json"
told_of_the_end --console-socket got_terminal create --console-socket "$WORK/socket" --bundle "$BUNDLE" c
cp original.json "$BUNDLE/config.json"
told_of_the_end --pidfd-socket is_created create --pidfd-socket "$WORK/socket" --bundle "$BUNDLE" c
cp notify.json "$BUNDLE/config.json"
told_of_the_end linux.seccomp.listenerPath got_listener create --bundle "$BUNDLE" c
assert_eq "state" "" "$(find "$ROOT" -mindepth 1 -maxdepth 1 -not -name '.*')"
cp original.json "$BUNDLE/config.json"
start_container c
init=$(container_pid c)
told_of_the_end --console-socket got_terminal exec --tty --detach --console-socket "$WORK/socket" c sleep 1001
succeed brig delete --force c

# Who takes the connection may be as slow as he likes, or give up: the terminal hangs up then.
for how in silent closing; do
  listen $how
  cp terminal.json "$BUNDLE/config.json"
  succeed brig create --console-socket "$WORK/socket" --bundle "$BUNDLE" c
  succeed brig start c
  assert_matches "$how: status" '^(running|stopped)$' "$(container_status c)"
  stop_listening
  succeed brig delete --force c
done

# exec: the container goes on.
cp original.json "$BUNDLE/config.json"
start_container c
listen full
refuse_within 40 "--console-socket: $answer" brig exec --tty --detach --console-socket "$WORK/socket" c sleep 1001
assert_status 255
stop_listening
assert_eq "processes" 1 "$(brig ps --format json c | jq length)"
assert_eq "status" running "$(container_status c)"
succeed brig delete --force c
