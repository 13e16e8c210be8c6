#!/bin/bash
# linux.sysctl is set in the container's namespaces; what would change the host is refused.
. "$(dirname "$0")/lib.sh"
need_root

before=$(</proc/sys/kernel/msgmax)
make_bundle sysctl '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4321", "kernel/shm_rmid_forced": "1",
  "fs.mqueue.msg_max": "20", "net.ipv4.conf.lo/rp_filter": "2"}'
edit_config '.linux.sysctl |= del(.["net.ipv4.conf.lo/rp_filter"]) | .linux.sysctl += {"net/ipv4/conf/lo/rp_filter": "2"}'
run_shell sysctl 'cd /proc/sys; cat net/ipv4/ip_forward kernel/msgmax kernel/shm_rmid_forced fs/mqueue/msg_max net/ipv4/conf/lo/rp_filter'
assert_eq "values" "1 4321 1 20 2" "$(xargs <<<"$stdout")"
assert_eq "the host's value" "$before" "$(</proc/sys/kernel/msgmax)"

# refuse_key KEY VALUE NAMESPACE-TO-LEAVE-OUT
refuse_key() {
  edit_config '.linux.sysctl = {($key): $value}' --arg key "$1" --arg value "$2"
  cp "$BUNDLE/config.json" kept.json
  edit_config 'del(.linux.namespaces[] | select(.type == $type)) | if $type == "uts" then del(.hostname) else . end' --arg type "${3:-none}"
  refuse linux.sysctl brig create --bundle "$BUNDLE" sysctl
  assert_contains "error" "$1" "$stderr"
  cp kept.json "$BUNDLE/config.json"
}
refuse_key kernel.panic 1
refuse_key vm.swappiness 1
refuse_key kernel.hostname name
refuse_key net.ipv4.ip_forward 1 network
refuse_key kernel.msgmax 4321 ipc
refuse_key fs.mqueue.msg_max 20 ipc
refuse_key kernel.domainname name uts
refuse_key net.ipv4.no_such_key 1
refuse_key kernel.msgmax not-a-number
refuse_key net/../kernel/panic 1
# The host's network namespace by path is the host's as well.
edit_config '.linux.sysctl = {"net.ipv4.ip_forward": $now} |
  (.linux.namespaces[] | select(.type == "network")).path = "/proc/self/ns/net"' --arg now "$(</proc/sys/net/ipv4/ip_forward)"
refuse linux.sysctl brig create --bundle "$BUNDLE" sysctl
