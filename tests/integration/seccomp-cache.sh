#!/bin/bash
# A compiled filter is kept and used again, unless it is damaged, another profile's, or others could have
# written it. Whatever is in the cache, the container gets the filter of its own profile.
. "$(dirname "$0")/lib.sh"
need_root

forbid() {
  jq -n --arg call "$1" '{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: [$call], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
}
make_bundle filtered "$(shell_command 'mkdir /new 2>&1; rmdir /new 2>&1; exit 0')"
edit_config '.linux.seccomp = $profile' --argjson profile "$(forbid mkdir)"

# A miss writes a new file, a hit leaves it alone.
cached() { stat -c %i "$ROOT"/.seccomp/*; }
mkdir_is_forbidden() {
  succeed brig run --bundle "$BUNDLE" filtered
  assert_contains "$1" "can't create directory '/new': Operation not supported" "$stdout"
}
mkdir_is_forbidden "without a cache"
first=$(cached)
mkdir_is_forbidden "cached"
assert_eq "the file after a hit" "$first" "$(cached)"
assert_eq "the folder" "700 0" "$(stat -c '%a %u' "$ROOT/.seccomp")"

expect_new() {
  local before file=("$ROOT"/.seccomp/*)
  "$1" "${file[0]}"
  before=$(cached)
  mkdir_is_forbidden "$1"
  [ "$before" != "$(cached)" ] || fail "$1: the file was used"
}
truncated() { truncate -s -8 "$1"; }
emptied() { : >"$1"; }
zeroed() { head -c "$(stat -c %s "$1")" /dev/zero >"$WORK/zero" && cat "$WORK/zero" >"$1"; }
flipped() { printf '\377' | dd of="$1" bs=1 seek=$(($(stat -c %s "$1") - 3)) conv=notrunc status=none; }
writable() { chmod 666 "$1"; }
foreign() { chown 4242 "$1"; }
linked() { mv "$1" "$WORK/elsewhere" && ln -s "$WORK/elsewhere" "$1"; }
for damage in truncated emptied zeroed flipped writable foreign linked; do expect_new $damage; done

# The file of another profile under this one's name.
file=("$ROOT"/.seccomp/*)
mine=${file[0]}
mv "$mine" "$WORK/mine"
edit_config '.linux.seccomp = $profile' --argjson profile "$(forbid rmdir)"
succeed brig run --bundle "$BUNDLE" filtered
assert_contains "the other profile" "'/new': Operation not supported" "$stdout"
mv "$ROOT"/.seccomp/* "$mine"
edit_config '.linux.seccomp = $profile' --argjson profile "$(forbid mkdir)"
rmdir "$BUNDLE/rootfs/new"
mkdir_is_forbidden "another profile's file"

# A folder that others may write, or none at all.
chmod 777 "$ROOT/.seccomp"
rm "$ROOT"/.seccomp/*
mkdir_is_forbidden "a folder for all"
assert_eq "files in a folder for all" "" "$(ls -A "$ROOT/.seccomp")"
rm -r "$ROOT/.seccomp"
: >"$ROOT/.seccomp"
mkdir_is_forbidden "no folder"
succeed brig list
rm "$ROOT/.seccomp"
