#!/bin/bash
# NOTIFY_SOCKET: the container has a socket of its own, from which only READY=1 reaches the caller's, with MAINPID.
. "$(dirname "$0")/lib.sh"
need_root
need_command perl

make_bundle notified "$(shell_command 'echo $NOTIFY_SOCKET; ls -d $NOTIFY_SOCKET; exit 0')"
# Nobody needs to listen to the caller's.
capture env NOTIFY_SOCKET="$WORK/caller.sock" "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" notified
assert_status 0
assert_matches "the container's socket" '^/run/notify/' "$stdout"
assert_eq "the socket is there" "$(head -n 1 <<<"$stdout")" "$(tail -n 1 <<<"$stdout")"
edit_config '.process.args = ["env"]'
succeed brig run --bundle "$BUNDLE" notified
assert_lacks "environment without one" NOTIFY_SOCKET "$stdout"

# A service manager that writes what it gets, and a service (its network is no help: the socket is a file).
cat >manager.pl <<'END'
use Socket;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
bind($s, sockaddr_un($ARGV[0])) or die;
while (1) { recv($s, my $text, 4096, 0); syswrite STDOUT, "$text\n"; }
END
cat >service.pl <<'END'
use Socket;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
for my $text ("STATUS=getting there", "READY=1\nSTATUS=ready") {
  send($s, $text, 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die;
}
END
perl manager.pl "$WORK/caller.sock" >told &
manager=$!
wait_until test -S caller.sock
edit_config '.mounts += [("/usr", "/lib", "/lib64") | {destination: ., source: ., options: ["rbind", "ro"]}]'
cp service.pl "$BUNDLE/rootfs/service.pl"
edit_config "$(shell_command '/usr/bin/perl /service.pl && touch /sent; exec sleep 1000')"
export NOTIFY_SOCKET=$WORK/caller.sock
succeed brig create --bundle "$BUNDLE" notified
succeed brig start notified
unset NOTIFY_SOCKET
wait_until grep -q READY=1 told
[ -e "$BUNDLE/rootfs/sent" ] || wait_until test -e "$BUNDLE/rootfs/sent"
assert_contains "what the service manager was told" "MAINPID=$(container_pid notified)" "$(<told)"
assert_lacks "what the service manager was told" STATUS "$(<told)"
succeed brig delete --force notified
kill -KILL $manager
wait $manager 2>/dev/null || true
