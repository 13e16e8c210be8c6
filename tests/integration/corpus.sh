#!/bin/bash
# Every config.json and process.json that real engines wrote runs to exit 0, but for what this machine cannot give.
. "$(dirname "$0")/lib.sh"
need_root

mkdir -p sources/folder bundle
echo text >sources/file
cp -a "$ROOTFS" rootfs
unshare --net --ipc --uts --pid --fork --kill-child sleep 1000 &
holder_parent=$!
wait_until pgrep -P $holder_parent >holder
unified=/sys/fs/cgroup
[ -e $unified/cgroup.controllers ] || unified=/sys/fs/cgroup/unified
controllers=$(jq -Rc 'split(" ")' $unified/cgroup.controllers)

# adapt FILE PROGRAM: FILE as bundle/config.json; prints what had to be changed.
adapt() {
  local nofile nproc
  nofile=$(ulimit -Hn) nproc=$(ulimit -Hu)
  jq -f "$tests_folder/corpus.jq" --arg rootfs "$WORK/rootfs" --arg cgroup "/$TEST_CGROUP/c" \
    --arg sources "$WORK/sources" --argjson holder "$(cat holder)" --argjson controllers "$controllers" \
    --argjson nofile "${nofile/unlimited/18446744073709551615}" \
    --argjson nproc "${nproc/unlimited/18446744073709551615}" --argjson program "$2" "$1" >adapted
  jq .config adapted >bundle/config.json
  jq -r '.notes | join("; ")' adapted
}

configs=0 ran=0 processes=0 executed=0
for file in "$top_folder"/tests/corpus/*.config.json; do
  configs=$((configs + 1))
  notes=$(adapt "$file" '["/bin/sh", "-c", "read -r line </proc/self/status && echo alive"]')
  capture brig run --bundle bundle c
  if [ "$status" = 0 ] && [ "$stdout" = alive ]; then ran=$((ran + 1)); fi
  echo "${file##*/}: status $status${notes:+ ($notes)}${stderr:+: $stderr}"
done

for file in "$top_folder"/tests/corpus/*.process.json; do
  processes=$((processes + 1))
  name=${file##*/}
  name=${name%.process.json}
  adapt "$top_folder/tests/corpus/${name%-[0-9]}.config.json" '["/bin/sleep", "1000"]' >notes
  succeed brig create --bundle bundle c
  succeed brig start c
  jq '.args = ["/bin/sh", "-c", "echo alive"] | .terminal = false
      | .rlimits |= ((. // []) | map(select(.type != "RLIMIT_NOFILE" and .type != "RLIMIT_NPROC")))
      | del(.oomScoreAdj)' "$file" >process.json
  capture brig exec --process process.json c
  if [ "$status" = 0 ] && [ "$stdout" = alive ]; then executed=$((executed + 1)); fi
  echo "${file##*/}: status $status${stderr:+: $stderr}"
  succeed brig delete --force c
done
kill -KILL "$(cat holder)"
wait $holder_parent || true

stderr=''
echo "$ran of $configs configurations ran, $executed of $processes process files executed"
assert_eq "configurations that ran" $configs $ran
assert_eq "process files that were executed" $processes $executed
if [ $configs -lt 27 ] || [ $processes -lt 9 ]; then fail "the corpus is not complete"; fi
