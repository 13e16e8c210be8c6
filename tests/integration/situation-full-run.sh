#!/bin/bash
# --root on a file system that is full: a create fails with one line and leaves nothing, however much still fits;
# containers that exist can be used and deleted.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle c "$(shell_command 'exec sleep 1000')"
edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
full=$ROOT
mount -t tmpfs -o size=1m tmpfs "$full"
mounts_before=$(</proc/self/mountinfo)

# nothing_left WHAT
nothing_left() {
  assert_eq "$1: state" "" "$(find "$full" -mindepth 1 -not -path "$full/.seccomp*" -not -name filler)"
  assert_eq "$1: cgroups" "" "$(list_cgroups)"
  wait_until no_processes
}
# creates_fail WHAT: tries to create; sets $made.
create_or_nothing() {
  made=no
  capture brig create --bundle "$BUNDLE" c
  if [ $status = 0 ]; then
    made=yes
    return
  fi
  assert_eq "$1: status" 1 "$status"
  assert_contains "$1: error" "o space left on device" "$stderr"
  assert_eq "$1: lines" 1 "$(grep -c '' <<<"$stderr")"
  nothing_left "$1"
}

# Of blocks, then of inodes: from none on, until one is enough.
failed_with=0
for ((free = 0; free < 32; free++)); do
  dd if=/dev/zero of="$full/filler" bs=4096 status=none 2>/dev/null || true
  size=$(stat -c %s "$full/filler")
  truncate -s $((size - free * 4096)) "$full/filler"
  create_or_nothing "$free blocks"
  [ $made = no ] || break
  failed_with=$((failed_with + 1))
done
assert_eq "made in the end" yes "$made"
[ $failed_with -gt 1 ] || fail "it was never full: $failed_with"

# The container exists, and nothing fits any more.
dd if=/dev/zero bs=4096 status=none >>"$full/filler" 2>/dev/null || true
assert_eq "status" created "$(container_status c)"
succeed brig start c
succeed brig exec c true
succeed brig list
assert_contains "list" running "$stdout"
succeed brig kill c KILL
wait_until has_status c stopped
succeed brig delete c
nothing_left "deleted"
rm "$full/filler"

failed_with=0
used=$(find "$full" | wc -l)
for ((free = 0; free < 16; free++)); do
  mount -o remount,nr_inodes=$((used + free)) "$full"
  create_or_nothing "$free inodes"
  [ $made = no ] || break
  failed_with=$((failed_with + 1))
done
assert_eq "made in the end" yes "$made"
[ $failed_with -gt 1 ] || fail "it was never full: $failed_with"
succeed brig delete --force c
nothing_left "deleted"

# A pid file that does not fit takes the container with it.
mkdir small
mount -t tmpfs -o size=4k tmpfs small
echo x >small/filler
refuse_within 20 "write the pid file $WORK/small/pid: no space left on device" brig create --bundle "$BUNDLE" --pid-file "$WORK/small/pid" c
mount -o remount,nr_inodes=0,size=1m "$full"
refuse_within 20 "write the pid file $WORK/small/pid: no space left on device" brig create --bundle "$BUNDLE" --pid-file "$WORK/small/pid" c
assert_eq "files beside the pid file" filler "$(ls -A small)"
nothing_left "no pid file"
succeed brig create --bundle "$BUNDLE" c
succeed brig delete --force c
umount small "$full"
mounts_before=$(</proc/self/mountinfo)
