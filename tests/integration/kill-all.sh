#!/bin/bash
# Killing the first process ends all of the container, with or without a pid namespace; -a is accepted.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle all "$(shell_command 'sleep 1001 & setsid sleep 1002 & sleep 1003 & wait')"
processes() { brig ps --format json all | jq length; }
has_processes() { [ "$(processes)" = "$1" ]; }
start_container all
wait_until has_processes 4
succeed brig kill --all all KILL
wait_until has_status all stopped
wait_until no_processes
# Engines kill once more to be sure: with -a that is no error.
succeed brig kill -a all KILL
refuse "container not running" brig kill all KILL
succeed brig delete all

# In the host's pid namespace nobody else kills the rest.
edit_config 'del(.linux.namespaces[] | select(.type == "pid"))'
start_container all
wait_until has_processes 4
succeed brig kill -a all 9
wait_until no_processes
succeed brig delete all
start_container all
wait_until has_processes 4
succeed brig delete --force all
no_processes || fail "left: $(<"$WORK/processes")"

# The first process alone is killed: the others are the container's until it is deleted.
start_container all
wait_until has_processes 4
succeed brig kill all KILL
wait_until has_status all stopped
succeed brig delete all
wait_until no_processes
