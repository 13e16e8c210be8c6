#!/bin/bash
# Masks and read-only paths: kinds of objects, flags that stay, links in the image, /dev/null replaced.
. "$(dirname "$0")/lib.sh"
need_root

mkdir outside
echo secret >outside/file
make_bundle masks '.linux.maskedPaths = ["/file", "/folder", "/link"] |
  .linux.readonlyPaths = ["/proc/sys", "/data", "/mnt", "/data/file"] |
  .mounts += [{destination: "/mnt", type: "tmpfs", source: "none", options: ["noexec", "nosuid"]}]'
mkdir "$BUNDLE/rootfs/folder" "$BUNDLE/rootfs/data"
echo secret | tee "$BUNDLE/rootfs/file" "$BUNDLE/rootfs/folder/x" >"$BUNDLE/rootfs/data/file"
ln -s "$WORK/outside/file" "$BUNDLE/rootfs/link"
run_shell masks 'cat /file; ls -A /folder; stat -c "%F %t:%T" /file
  for path in /folder /data /mnt /proc/sys; do awk -v p=$path "\$5 == p { o = \$6 } END { print p, o }" /proc/self/mountinfo; done
  touch /data/x /mnt/x /folder/y 2>&1; cat /data/file; exit 0'
assert_contains "masked file" "character special file 1:3" "$stdout"
assert_matches "masked folder" '/folder ro[, ]' "$stdout"
assert_matches "read-only folder" '/data ro,' "$stdout"
assert_matches "flags of a read-only mount" '/mnt ro,nosuid,noexec' "$stdout"
assert_matches "flags of /proc/sys" '/proc/sys ro,' "$stdout"
assert_eq "refused writes" 3 "$(grep -c 'Read-only file system' <<<"$stdout")"
assert_eq "secrets that were read" 1 "$(grep -c secret <<<"$stdout")"
assert_eq "the file outside" secret "$(<outside/file)"

# An image cannot turn masks into binds by its own /dev/null (CVE-2025-31133).
edit_config 'del(.mounts[] | select(.destination | startswith("/dev")))
  | .linux.devices = [] | .linux.maskedPaths = ["/file"] | .linux.readonlyPaths = []'
rm -rf "$BUNDLE/rootfs/dev"
mkdir "$BUNDLE/rootfs/dev"
ln -s /data/file "$BUNDLE/rootfs/dev/null"
edit_config "$(shell_command 'cat /file')"
capture brig run --bundle "$BUNDLE" masks
assert_lacks "what the mask shows" secret "$stdout"

edit_config '.linux.maskedPaths = ["relative"]'
refuse 'linux.maskedPaths[0]' brig create --bundle "$BUNDLE" masks
edit_config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["/ok", "relative"]'
refuse 'linux.readonlyPaths[1]' brig create --bundle "$BUNDLE" masks
