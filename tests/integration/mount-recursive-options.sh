#!/bin/bash
# Recursive options (rro, rnoexec, ...) hold for every mount below, plain ones for the mount itself.
. "$(dirname "$0")/lib.sh"
need_root

mkdir -p host/sub
make_bundle recursive '.process.args = ["cat", "/proc/self/mountinfo"] | .mounts += [
  {destination: "/plain", source: $host, options: ["rbind", "ro", "nosuid"]},
  {destination: "/rro", source: $host, options: ["rbind", "rro"]},
  {destination: "/many", source: $host, options: ["rbind", "rnosuid", "rnodev", "rnoexec", "rnoatime"]}]' --arg host "$WORK/host"
capture unshare -m sh -c 'mount -t tmpfs none host/sub && exec "$@"' - \
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" recursive
assert_status 0
flags_of() { awk -v path="$1" '$5 == path { print "," $6 "," }' <<<"$stdout"; }
assert_contains "/plain" ",ro," "$(flags_of /plain)"
assert_contains "/plain/sub" ",rw," "$(flags_of /plain/sub)"
assert_lacks "/plain/sub" nosuid "$(flags_of /plain/sub)"
assert_contains "/rro" ",ro," "$(flags_of /rro)"
assert_contains "/rro/sub" ",ro," "$(flags_of /rro/sub)"
for flag in nosuid nodev noexec noatime; do
  assert_contains "/many" ",$flag," "$(flags_of /many)"
  assert_contains "/many/sub" ",$flag," "$(flags_of /many/sub)"
done
edit_config '.mounts[-1].options = ["rnosuch", "rbind"]'
capture brig run --bundle "$BUNDLE" recursive
[ $status != 0 ] || fail "an unknown option of a bind was accepted"
assert_contains error rnosuch "$stderr"
