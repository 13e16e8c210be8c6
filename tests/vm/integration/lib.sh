# shellcheck shell=bash
# What the scripts of this folder share: `run_scripts NAME...` runs scripts of tests/integration, each a row.
. "$(dirname "${BASH_SOURCE[0]}")/../steps.sh"
folder=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../integration")
# lib.sh keeps its root file system beside the binary, which check-vm has put into memory.
export BRIG=$RUNTIME
export DEADLINE=300 # for one script; emulation is slow
# Their bundles lie in /tmp. An old kernel maps ids of ext4 mounts, but not of tmpfs ones.
mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,nodiscard "$DISK"
mount -o noatime "$DISK" /tmp
chmod 1777 /tmp
trap 'umount -l /tmp' EXIT

# Only the applets that the scripts use: each bundle is a copy of this root file system.
applets='sh ash [ awk basename cat chgrp chmod chown cmp cp cut date dd df dirname echo env expr false find
free grep head hostname id ifconfig ionice ip kill killall ln ls md5sum mkdir mkfifo mknod mount
mountpoint mv nc nproc ping printf ps pwd readlink realpath renice rm rmdir sed seq setsid sha256sum
sleep sort stat stty sync tail tar taskset tee test timeout top touch tr true tty umount uname unshare
usleep vi wc wget which xargs yes'
# shellcheck disable=SC2086 # words
"$folder/../../contrib/make-rootfs" "${BRIG%/*}/tests/rootfs" $applets

# run_one SCRIPT: its row.
run_one() {
  local name=${1##*/} log start=${EPOCHREALTIME/./} result=ok reason='' status=0 seconds
  name=${name%.sh}
  log=$(mktemp)
  "$1" >"$log" 2>&1 </dev/null || status=$?
  case $status in
    0) ;;
    77) result=skip reason=$(sed -n 's/^SKIP: [^:]*: //p' "$log") ;;
    *)
      result=FAIL reason=$(grep -m 1 '^FAIL' "$log" || tail -n 1 "$log")
      echo "---- integration: $name failed with status $status:"
      tail -n 30 "$log" ;;
  esac
  rm -f "$log"
  seconds=$(((${EPOCHREALTIME/./} - start) / 10000))
  subject integration
  row $result "$((seconds / 100)).$(printf %02d $((seconds % 100)))" "$name" "$(tr '\t\n' '  ' <<<"$reason" | cut -c 1-200)"
  [ $result != FAIL ]
}

# run_scripts NAME...: patterns of names.
run_scripts() {
  local pattern script
  for pattern; do
    for script in "$folder"/$pattern.sh; do
      [[ ${script##*/} == *"${ONLY:-}"* ]] || continue
      run_one "$script" || steps_failed=$((steps_failed + 1))
    done
  done
}
