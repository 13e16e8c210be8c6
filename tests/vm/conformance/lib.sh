# shellcheck shell=bash
# What the scripts of this folder share: a run of the conformance kit, whose report is kept beside the
# script's results as NAME.RUNTIME.json.
#
# Environment: that of steps.sh, and
#              DISK      a disk for the bundles: an old kernel maps ids of ext4 mounts, but not of tmpfs ones
#              ONLY      only cases of which a name, sentence or need matches
set -u
vm_folder=$(dirname "${BASH_SOURCE[0]}")/..
# shellcheck source=tests/vm/steps.sh
. "$vm_folder/steps.sh"
cases=$(realpath "$vm_folder/../../oci-validation")
kit=/run/brig/oci-validation # where guest/scripts puts the programs

# A line of TAP on the standard input becomes "GROUP RESULT TEXT", where a group is a file of cases:
#   ok 12 - config/user: gid 5 # SKIP why   =>   config/user skip why
read_tap() {
  sed -nE 's/^not ok [0-9]+ - ([^:]+): (.*)/\1\tFAIL\t\2/p; t
    s/^ok [0-9]+ - ([^:]+): .* # SKIP (.*)/\1\tskip\t\2/p; t
    s/^ok [0-9]+ - ([^:]+): .*/\1\tok\t/p'
}

# Lines of read_tap become "GROUP RESULT REASON", one for each group.
sum_up() {
  awk -F '\t' -v OFS='\t' '
    !($1 in total) { names[++count] = $1 }
    { total[$1]++; number[$1, $2]++ }
    $2 == "FAIL" { failed[$1] = failed[$1] (failed[$1] == "" ? "" : "; ") $3 }
    $2 == "skip" { why[$1] = $3 }
    END {
      for (i = 1; i <= count; i++) {
        name = names[i]
        skipped = number[name, "skip"]
        result = failed[name] != "" ? "FAIL" : skipped == total[name] ? "skip" : "ok"
        print name, result, total[name] " cases" (skipped ? ", " skipped " skipped: " why[name] : "") \
          (failed[name] == "" ? "" : "; failed: " substr(failed[name], 1, 150))
      }
    }'
}

# validate FILTER: a row for each file of cases. What failed, and what was skipped, is in the log.
validate() {
  local tap status=0 start=$SECONDS group result reason
  tap=$(mktemp)
  # The cases about weights have bfq's file on the old kernel, and io.weight on the new one.
  if [[ $(uname -r) == 6.1.* ]]; then
    modprobe bfq
    echo bfq >"/sys/block/${DISK##*/}/queue/scheduler"
  fi
  mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1,nodiscard "$DISK"
  mkdir -p /run/bundles
  mount -o noatime "$DISK" /run/bundles
  # Four cases at a time: each waits more than it computes.
  "$kit/oci-validate" --kit "$cases" --probe "$kit/oci-probe" --runtime "$RUNTIME" --work /run/bundles \
    --timeout 120 --jobs 4 --json "${RESULTS%.rows}.json" --filter "${ONLY:-$1}" >"$tap" 2>&1 || status=$?
  umount /run/bundles
  grep -v '^ok [^#]*$' "$tap"
  subject conformance
  while IFS=$'\t' read -r group result reason; do
    row "$result" 0 "$group" "$reason"
    [ "$result" != FAIL ] || steps_failed=$((steps_failed + 1))
  done < <(read_tap <"$tap" | sum_up)
  # The plan at its start and the sum at its end: else the kit itself has failed.
  if [ $status -le 1 ] && grep -q "^1\.\.$(grep -cE '^(not )?ok ' "$tap")$" "$tap" && grep -q '^# all: ' "$tap"; then
    row ok $((SECONDS - start)) "the kit runs to its end" "$(sed -n 's/^# all: //p' "$tap")"
  else
    row FAIL $((SECONDS - start)) "the kit runs to its end" "status $status: $(tail -n 1 "$tap")"
    steps_failed=$((steps_failed + 1))
  fi
}
