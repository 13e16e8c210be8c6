#!/bin/bash
# exec's options change what its process is: user, groups, capabilities, folder; --process takes it all.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle options "$(shell_command 'exec sleep 1000')"
edit_config '.process.user.additionalGids = [9] | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}] | .process.user.umask = 63'
start_container options
capped() { sed -n 's/^CapEff:[[:space:]]*0*//p' <<<"$stdout"; }

succeed brig exec options sh -c 'id -G; ulimit -n; umask; echo $HOME; pwd'
assert_eq "like the first process" "0 9 77 0077 /root /" "$(xargs <<<"$stdout")"
succeed brig exec --user 1000 -g 5 --additional-gids 6 options sh -c 'id -u; id -G'
assert_eq "user and groups" "1000 0 5 6 9" "$(xargs <<<"$stdout")"
succeed brig exec -u 1000:1000 options sh -c 'echo $HOME'
assert_eq "home of another user" /home "$stdout"
for user in root 1x -1 '' :5 1: 1:x 4294967296; do
  refuse "" brig exec --user "$user" options true
done

succeed brig exec options grep CapEff /proc/self/status
assert_eq "capabilities" 20000420 "$(capped)"
succeed brig exec -c CAP_CHOWN --cap CAP_NET_ADMIN options cat /proc/self/status
assert_eq "with more" 20001421 "$(capped)"
assert_matches "inheritable ones, never (CVE-2022-29162)" 'CapInh:[[:space:]]0000000000000000' "$stdout"
assert_matches "ambient ones" 'CapAmb:[[:space:]]0000000000000000' "$stdout"

succeed brig exec --env A=1 -e B=2 --env=C=3 --cwd=/tmp options sh -c 'echo $A$B$C; pwd'
assert_eq "environment and folder" "123 /tmp" "$(xargs <<<"$stdout")"
# After the id all belongs to the program.
succeed brig exec options echo --user 5 -t
assert_eq "arguments" "--user 5 -t" "$stdout"

jq -n '{cwd: "/bin", args: ["sh", "-c", "pwd; id -u; id -G; umask; ulimit -n; cat /proc/self/oom_score_adj; cat /proc/self/status"],
  env: ["PATH=/bin"], user: {uid: 1000, gid: 1001, additionalGids: [7], umask: 2}, oomScoreAdj: 321, noNewPrivileges: true,
  rlimits: [{type: "RLIMIT_NOFILE", soft: 33, hard: 44}],
  capabilities: {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}}' >process.json
succeed brig exec -p process.json options
assert_eq "--process" "/bin 1000 1001 7 0002 33 321" "$(head -n 6 <<<"$stdout" | xargs)"
assert_eq "capabilities of --process" 20 "$(capped)"
assert_matches "no_new_privs of --process" 'NoNewPrivs:[[:space:]]1' "$stdout"
jq '.cwd = "relative"' process.json >bad.json
refuse cwd brig exec --process bad.json options
refuse /no/such brig exec --process /no/such.json options
succeed brig delete --force options
