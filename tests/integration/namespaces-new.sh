#!/bin/bash
# Each type in linux.namespaces is a new namespace; a type that is not there is the caller's.
. "$(dirname "$0")/lib.sh"
need_root

types=(cgroup ipc mount network pid time user uts)
proc_name() { case $1 in mount) echo mnt ;; network) echo net ;; *) echo "$1" ;; esac; }
make_bundle ns "$(shell_command 'exec sleep 1000')"
edit_config 'del(.hostname, .linux.maskedPaths, .linux.readonlyPaths)'
# inode NAME PID, in the words of /proc.
inode() { readlink "/proc/$2/ns/$1"; }

edit_config '.linux.namespaces = ($types / " " | map({type: .})) |
  .linux.uidMappings = [{containerID: 0, hostID: 0, size: 100000}] | .linux.gidMappings = .linux.uidMappings' \
  --arg types "${types[*]}"
start_container ns
pid=$(container_pid ns)
for type in "${types[@]}"; do
  name=$(proc_name "$type")
  [ "$(inode "$name" "$pid")" != "$(inode "$name" self)" ] || fail "the $type namespace is the caller's"
done
succeed brig delete --force ns

# Only a mount namespace: the rest is the caller's.
edit_config '.linux.namespaces = [{type: "mount"}] | del(.linux.uidMappings, .linux.gidMappings) |
  .mounts |= map(select(.type == "proc" or .type == "tmpfs"))'
start_container ns
pid=$(container_pid ns)
for type in "${types[@]}"; do
  name=$(proc_name "$type")
  if [ "$type" = mount ]; then
    [ "$(inode mnt "$pid")" != "$(inode mnt self)" ] || fail "the mount namespace is the caller's"
  else
    assert_eq "inherited $type namespace" "$(inode "$name" self)" "$(inode "$name" "$pid")"
  fi
done
succeed brig delete --force ns

edit_config '.linux.namespaces += [{type: "mount"}]'
refuse 'linux.namespaces[1]' brig create --bundle "$BUNDLE" ns
edit_config '.linux.namespaces[1].type = "nosuch"'
refuse 'linux.namespaces[1].type' brig create --bundle "$BUNDLE" ns
