#!/bin/bash
# `spec` writes a config.json that runs as it is, and never over one that exists.
. "$(dirname "$0")/lib.sh"
need_root

mkdir bundle
cd bundle
succeed brig spec
assert_eq "standard output" "" "$stdout"
jq -e '.ociVersion and .process.terminal and .root.readonly and (.mounts | length == 7)
  and (.linux.maskedPaths | length > 5) and .process.noNewPrivileges' config.json >/dev/null || fail "$(<config.json)"
cp config.json before
refuse config.json brig spec
cmp before config.json || fail "the existing file was changed"

cp -a "$ROOTFS" rootfs
edit() { jq "$1" before >config.json; }
edit '.process.terminal = false | .process.args = ["id", "-u"]'
succeed brig run -- spec1
assert_eq "output" 0 "$stdout"

# Elsewhere, under another name, and for a user without privileges.
mkdir "$WORK/other"
succeed brig spec --bundle "$WORK/other" --file other.json
jq -e .ociVersion "$WORK/other/other.json" >/dev/null || fail "no other.json"
rm config.json
succeed brig spec --rootless
jq -e '(.linux.namespaces | map(.type) | (index("user") != null) and (index("network") == null)) and
  .linux.uidMappings[0].size == 1 and .linux.gidMappings[0].size == 1 and (.linux.resources | not)' config.json >/dev/null ||
  fail "rootless: $(jq .linux config.json)"
cmp -s before config.json && fail "the same with --rootless"
cd "$WORK"
refuse /no/such brig spec --bundle /no/such
