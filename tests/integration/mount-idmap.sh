#!/bin/bash
# idmapped binds shift the owners of files, by their own mappings or those of the user namespace.
. "$(dirname "$0")/lib.sh"
need_root

mkdir host
touch host/root host/user
chown 1000:1001 host/user
maps='{uidMappings: [{containerID: 0, hostID: 100000, size: 65536}], gidMappings: [{containerID: 0, hostID: 200000, size: 65536}]}'
make_bundle idmap '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"]) |
  .mounts += [{destination: "/x", source: $host, options: ["bind", "idmap"]} + '"$maps]" --arg host "$WORK/host"
run_shell idmap 'stat -c "%n %u:%g" /x/root /x/user; grep " /x " /proc/self/mountinfo | grep -o idmapped'
assert_eq "shifted owners" "/x/root 100000:200000
/x/user 101000:201001
idmapped" "$stdout"
assert_eq "owner on the host" 1000:1001 "$(stat -c %u:%g host/user)"

# In a user namespace without mappings of its own: the files are as the container sees its own ids.
chown -hR 100000:200000 "$BUNDLE/rootfs"
edit_config '(.mounts[-1] |= del(.uidMappings, .gidMappings)) | .linux.namespaces += [{type: "user"}] | .linux += '"$maps"
run_shell idmap 'stat -c "%n %u:%g" /x/root /x/user; touch /x/new'
assert_eq "owners by the user namespace" $'/x/root 0:0\n/x/user 1000:1001' "$stdout"
assert_eq "owner of a new file, on the host" 0:0 "$(stat -c %u:%g host/new)"

# The mappings as an option, the way podman hands them on.
edit_config '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings) |
  .mounts[-1].options = ["bind", "idmap=uids=0-5-1#1000-7-1;gids=0-6-1#1001-8-1"]'
chown -hR 0:0 "$BUNDLE/rootfs"
run_shell idmap 'stat -c "%n %u:%g" /x/root /x/user'
assert_eq "owners by the option" $'/x/root 5:6\n/x/user 7:8' "$stdout"
edit_config '.mounts[-1].options = ["bind", "idmap"]'

# Neither mappings nor a user namespace; only one of the two; no bind.
edit_config '.linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)'
refuse 'mounts[' brig create --bundle "$BUNDLE" idmap
assert_contains error idmap "$stderr"
edit_config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 1, size: 1}]'
refuse 'mounts[' brig create --bundle "$BUNDLE" idmap
assert_contains error gidMappings "$stderr"
