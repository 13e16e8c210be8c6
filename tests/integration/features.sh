#!/bin/bash
# `features` is the features document of the spec; every mount option and hook it names is accepted.
. "$(dirname "$0")/lib.sh"
need_root

succeed brig features
features=$stdout
get() { jq -r "$1" <<<"$features"; }
assert_matches ociVersionMin '^1\.0\.' "$(get .ociVersionMin)"
assert_matches ociVersionMax '^1\.[23]\.' "$(get .ociVersionMax)"
assert_eq hooks "createContainer createRuntime poststart poststop prestart startContainer" "$(get '.hooks | sort | join(" ")')"
assert_eq namespaces "cgroup ipc mount network pid time user uts" "$(get '.linux.namespaces | sort | join(" ")')"
# What containerd, CRI-O and moby look for.
for option in rro idmap ridmap tmpcopyup; do
  assert_eq "mount option $option" true "$(get ".mountOptions | index(\"$option\") != null")"
done
assert_eq "idmap" true "$(get .linux.mountExtensions.idmap.enabled)"
assert_eq "cgroup" "false true true" "$(get '.linux.cgroup | [.v1, .v2, .systemd] | map(. // false) | join(" ")')"
assert_eq "seccomp" true "$(get .linux.seccomp.enabled)"
assert_eq "operators" 7 "$(get '.linux.seccomp.operators | length')"
for list in actions archs knownFlags supportedFlags; do
  assert_matches "$list" '^[1-9]' "$(get ".linux.seccomp.$list | length")"
done
assert_eq "capability" true "$(get '.linux.capabilities | index("CAP_CHOWN") != null')"
for pair in apparmor selinux intelRdt; do
  assert_matches "$pair" '^(true|false)$' "$(get ".linux.$pair.enabled")"
done
assert_eq "sorted mount options" "$(get '.mountOptions | sort')" "$(get .mountOptions)"

# Each option is known to the parser: a tmpfs takes those that are no bind's.
make_bundle options '.process.args = ["true"]'
edit_config '.mounts += ($features | [.mountOptions[] | select(IN("bind", "rbind", "idmap", "ridmap", "remount", "copy-symlink", "src-nofollow", "dest-nofollow") | not)]
  | to_entries | map({destination: "/o/\(.value)", type: "tmpfs", source: "none", options: [.value]}))' --argjson features "$features"
succeed brig run --bundle "$BUNDLE" options
assert_eq "warnings" "" "$stderr"
