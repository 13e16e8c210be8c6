#!/bin/bash
# `kill` sends the signal that is named by number, by name or by name with SIG; SIGTERM by default.
. "$(dirname "$0")/lib.sh"
need_root

# The program writes each signal it gets and ends at SIGTERM.
make_bundle kill "$(shell_command '
  for s in HUP USR1 USR2 WINCH; do trap "echo $s >>/signals" $s; done
  trap "echo TERM >>/signals; exit 0" TERM
  touch /ready
  while :; do sleep 1000 & wait; kill $!; done')"
signals() { cat "$BUNDLE/rootfs/signals" 2>/dev/null || true; }
got() { [ "$(signals | tail -n 1)" = "$1" ]; }

succeed brig create --bundle "$BUNDLE" kill
succeed brig start kill
wait_until test -e "$BUNDLE/rootfs/ready"

succeed brig kill kill 1
wait_until got HUP
succeed brig kill kill USR1
wait_until got USR1
succeed brig kill kill SIGUSR2
wait_until got USR2
succeed brig kill kill winch
wait_until got WINCH
capture brig kill kill NOSUCH
[ $status != 0 ] || fail "an unknown signal was accepted"
succeed brig kill kill
wait_until has_status kill stopped
assert_eq "signals received" "HUP USR1 USR2 WINCH TERM" "$(signals | tr '\n' ' ' | sed 's/ $//')"

# Engines take these words for "already gone".
capture brig kill kill KILL
[ $status != 0 ] || fail "a stopped container took a signal"
assert_contains "error of kill" "container not running" "$stderr"
succeed brig delete kill
