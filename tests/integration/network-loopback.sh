#!/bin/bash
# A new network namespace has lo up and nothing of the host's; without one the host's are seen.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle net
run_shell net 'ls /sys/class/net; ip -o link show lo; ping -c 1 -W 2 127.0.0.1 >/dev/null 2>&1 && echo answered; cat /proc/net/dev | wc -l'
assert_contains "lo" "LOOPBACK,UP" "$stdout"
assert_eq "interfaces of /proc/net/dev" 3 "$(tail -n 1 <<<"$stdout")"

edit_config 'del(.linux.namespaces[] | select(.type == "network"))'
run_shell net 'cat /proc/net/dev | wc -l; readlink /proc/self/ns/net'
assert_eq "host network" "$(wc -l </proc/net/dev) $(readlink /proc/self/ns/net)" "$(xargs <<<"$stdout")"
