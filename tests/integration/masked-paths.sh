#!/bin/bash
# maskedPaths read as empty; readonlyPaths refuse writes; ones that do not exist are no error.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle mask
mkdir -p "$BUNDLE/rootfs/secret/sub" "$BUNDLE/rootfs/frozen"
echo secret | tee "$BUNDLE/rootfs/secret/file" "$BUNDLE/rootfs/one" >"$BUNDLE/rootfs/frozen/file"
edit_config '.linux.maskedPaths = ["/secret", "/one", "/proc/kcore", "/no/such/path"] |
  .linux.readonlyPaths = ["/frozen", "/proc/sys", "/no/such/path"]'
edit_config "$(shell_command 'ls -A /secret; cat /one; cat /frozen/file
  head -c 1 /proc/kcore | wc -c
  echo x >/frozen/file; echo x >/secret/file; echo 1 >/proc/sys/kernel/randomize_va_space; exit 0')"
capture brig run --bundle "$BUNDLE" mask
assert_status 0
assert_eq "what can be read" $'secret\n0' "$stdout"
assert_eq "refused writes" 3 "$(grep -c 'Read-only file system' <<<"$stderr")"
assert_eq "the host's file under the mask" secret "$(<"$BUNDLE/rootfs/secret/file")"
