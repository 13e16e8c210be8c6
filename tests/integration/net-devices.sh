#!/bin/bash
# linux.netDevices: devices move with names, addresses, MTU and MAC, come up, stay; errors leave them on the host as they were.
# The host of this test is a network namespace of its own.
[ "$(id -u)" != 0 ] || [ -n "${OWN_NETWORK:-}" ] || OWN_NETWORK=yes exec unshare --net bash "$0" "$@"
. "$(dirname "$0")/lib.sh"
need_root
need_command ip

# pair NAME: two connected devices, NAME and peer-NAME.
pair() { ip link add "$1" type veth peer name "peer-$1" 2>ip.err || skip "cannot make veth devices: $(<ip.err)"; }
devices() { ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | sort | xargs; }

make_bundle mover
show=$(shell_command 'ip -o link; ip -o addr; cat /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null; true')

# Renamed, with all that belongs to it.
pair eth5
ip link set eth5 mtu 1400 address 02:00:00:00:00:05
ip address add 10.9.8.7/24 broadcast 10.9.8.255 dev eth5 label eth5:1
ip address add 10.9.8.8/24 dev eth5
ip address add 10.6.6.6 peer 10.6.6.7/32 dev eth5
ip address add 169.254.3.3/16 scope link dev eth5
ip address add 10.5.5.5/24 valid_lft 1000 preferred_lft 1000 dev eth5
ip -6 address add fd00::5/64 nodad dev eth5
ip link set eth5 up
edit_config '.linux.netDevices = {eth5: {name: "lan0"}} | .linux.sysctl = {"net.ipv4.conf.lan0.rp_filter": "2"}'
edit_config "$show"
succeed brig run --bundle "$BUNDLE" mover
assert_matches "name, MTU, state" 'lan0@[^ ]*: <[^>]*[,<]UP[,>].* mtu 1400' "$stdout"
assert_contains "MAC" 02:00:00:00:00:05 "$stdout"
for address in '10.9.8.7/24 brd 10.9.8.255' '10.9.8.8/24' '10.6.6.6 peer 10.6.6.7/32' 'fd00::5/64' 'lan0:1'; do
  assert_contains "address" "$address" "$stdout"
done
assert_lacks "address of the link's scope" 169.254.3.3 "$stdout"
assert_lacks "temporary address" 10.5.5.5 "$stdout"
# The namespace has ended, and the pair with it: the kernel's business.
wait_until sh -c '! ip link show peer-eth5 >/dev/null 2>&1'
assert_eq "host" lo "$(devices)"

# Into a namespace that exists, where the index may be taken; the device stays when the container goes.
edit_config 'del(.linux.sysctl)'
unshare --net sleep 1000 &
holder=$!
in_own_network() { [ "$(readlink "/proc/$holder/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
wait_until in_own_network
inside() { nsenter --net="/proc/$holder/ns/net" "$@"; }
pair eth6
pair eth7
inside ip link add name taken index "$(ip -o link show eth6 | cut -d: -f1)" type bridge
edit_config '(.linux.namespaces[] | select(.type == "network")).path = $path
  | .linux.netDevices = {eth6: {}, eth7: {name: "multi%d"}}' --arg path "/proc/$holder/ns/net"
succeed brig run --bundle "$BUNDLE" mover
assert_eq "stay" "eth6 lo multi0 taken" "$(inside ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | sort | xargs)"
assert_matches "up" '[,<]UP[,>]' "$(inside ip -o link show multi0)"

# A name that is there: an error, and what had moved before comes back as it was.
pair eth1
ip address add 10.1.1.1/24 dev eth1
ip -6 address add fd00::1/64 nodad dev eth1
ip link set eth1 up
pair eth8
before=$(ip -o address show dev eth1 scope global; devices)
edit_config '.linux.netDevices = {eth1: {}, eth8: {name: "taken"}}'
refuse "linux.netDevices[\\\"eth8\\\"]: the container's network namespace has a device taken already" brig create --bundle "$BUNDLE" mover
assert_eq "host after an error" "$before" "$(ip -o address show dev eth1 scope global; devices)"
assert_matches "up again" '[,<]UP[,>]' "$(ip -o link show eth1)"
# A template never collides; a failure after all have moved brings them back, from a new namespace too.
edit_config '.linux.netDevices = {eth1: {name: "multi%d"}} | .process.cwd = "/etc/passwd"'
capture brig create --bundle "$BUNDLE" mover
[ $status != 0 ] || fail "a file was accepted as working directory"
assert_eq "host after a later error" "$before" "$(ip -o address show dev eth1 scope global; devices)"
edit_config 'del(.linux.namespaces[] | select(.type == "network").path)'
capture brig create --bundle "$BUNDLE" mover
[ $status != 0 ] || fail "a file was accepted as working directory"
assert_eq "host after the new namespace" "$before" "$(ip -o address show dev eth1 scope global; devices)"
edit_config '.process.cwd = "/" | .linux.netDevices = {lo: {name: "other"}}'
refuse 'a device of its kind belongs to its network namespace' brig create --bundle "$BUNDLE" mover
edit_config '.linux.netDevices = {nosuch: {}}'
refuse 'the host has no network device of this name' brig create --bundle "$BUNDLE" mover

# With a user namespace; hooks see the device.
edit_config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}]
  | .linux.gidMappings = .linux.uidMappings | .linux.netDevices = {eth1: {name: "lan0"}}
  | .hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c",
      "pid=$(sed \"s/.*\\\"pid\\\":\\([0-9]*\\).*/\\1/\"); grep -q lan0 /proc/$pid/net/dev"]}]'
edit_config "$show"
succeed brig run --bundle "$BUNDLE" mover
assert_contains "in a user namespace" 10.1.1.1/24 "$stdout"
kill "$holder"
wait "$holder" || true
