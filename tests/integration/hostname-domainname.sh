#!/bin/bash
# hostname and domainname are set in a new or joined UTS namespace, also in one of a user namespace.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle names '.hostname = "inner" | .domainname = "example.org"'
run_shell names 'cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname'
assert_eq "names" $'inner\nexample.org' "$stdout"
edit_config '.linux.namespaces += [{type: "user"}] |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
chown -hR 100000:100000 "$BUNDLE/rootfs"
succeed brig run --bundle "$BUNDLE" names
assert_eq "names in a user namespace" $'inner\nexample.org' "$stdout"

edit_config '.hostname = ("x" * 65)'
refuse hostname brig create --bundle "$BUNDLE" names
edit_config 'del(.hostname) | del(.linux.namespaces[] | select(.type == "uts"))'
refuse domainname brig create --bundle "$BUNDLE" names
assert_contains error uts "${stderr,,}"
