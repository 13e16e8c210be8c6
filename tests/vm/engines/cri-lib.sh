# shellcheck shell=bash
# Pods and containers by the Container Runtime Interface, for cri.sh.
# shellcheck disable=SC2034,SC2086,SC2154 # the variables are those of the script that sources this

# A call that fails ends the step, also before a jq that reads its answer.
set -o pipefail

# ---- The client ------------------------------------------------------------------------------------

cri_requests=$engines_work/cri-requests
cri_client=''

# start_client: one process for all calls of the script.
start_client() {
  rm -f $cri_requests
  mkfifo $cri_requests
  python3 "$here/cri-client.py" /run/containerd/containerd.sock $cri_requests &
  cri_client=$!
  # Held open: the client ends when nobody can write any more.
  exec 8>$cri_requests
  at_end "kill $cri_client"
}

# cri METHOD JSON: prints the response, or the error to the standard error and fails.
cri() {
  local pipe=$engines_work/cri-answer.$BASHPID outcome status=0
  kill -0 "$cri_client" || fail "the client of the CRI has ended"
  rm -f "$pipe"
  mkfifo "$pipe"
  printf '%s %s %s\n' "$pipe" "$1" "$(jq -c . <<<"$2")" >&8
  {
    read -r outcome
    if [ "$outcome" = ok ]; then cat; else
      cat >&2
      status=1
    fi
  } <"$pipe"
  rm -f "$pipe"
  return $status
}

# ---- Pods ------------------------------------------------------------------------------------------

handler=$runtime_name
# A function's own variables would hide those of its caller: names of global ones are long.
pod_id='' pod_config='' container_id=''

# run_pod NAME [FILTER [JQ ARGUMENT...]]: runs a pod sandbox that the jq FILTER changes; sets $pod_id
# and $pod_config, and writes both to files, for steps to come.
run_pod() {
  local pod=$1 filter=${2:-.}
  shift $(($# < 2 ? $# : 2))
  pod_config=$(jq -cn --arg name "$pod" --arg handler "$handler" --arg logs "$engines_work/logs-$pod" "$@" '{
    metadata: {name: $name, uid: "\($handler)-\($name)", namespace: "default"}, hostname: $name,
    log_directory: $logs, linux: {
      cgroup_parent: "/kubepods.slice/kubepods-\($name).slice", security_context: {namespace_options: {pid: 1}}}} |
    '"$filter")
  pod_id=$(cri RunPodSandbox "{\"config\": $pod_config, \"runtime_handler\": \"$handler\"}" | jq -r .pod_sandbox_id)
  printf '%s\n%s\n' "$pod_id" "$pod_config" >"$engines_work/pod-$pod"
}

# in_pod NAME: makes the pod of an earlier step the current one.
in_pod() {
  [ -e "$engines_work/pod-$1" ] || fail "there is no pod $1"
  { read -r pod_id && read -r pod_config; } <"$engines_work/pod-$1"
}

remove_pod() {
  in_pod "$1"
  cri StopPodSandbox "{\"pod_sandbox_id\": \"$pod_id\"}"
  cri RemovePodSandbox "{\"pod_sandbox_id\": \"$pod_id\"}"
  rm -f "$engines_work/pod-$1"
}

# ---- Containers ------------------------------------------------------------------------------------

# run_container NAME FILTER COMMAND...: creates and starts a container in the current pod; the jq FILTER
# changes its configuration. Sets $container_id, and writes it to a file for container_of.
run_container() {
  local name=$1 filter=$2 config
  shift 2
  config=$(jq -cn --arg name "$name" --argjson pod "$pod_config" '{
    metadata: {name: $name}, image: {image: "'$image'"}, command: $ARGS.positional, log_path: "\($name).log",
    linux: {resources: {}, security_context: {namespace_options: $pod.linux.security_context.namespace_options}}} |
    '"$filter" --args -- "$@")
  container_id=$(cri CreateContainer \
    "{\"pod_sandbox_id\": \"$pod_id\", \"config\": $config, \"sandbox_config\": $pod_config}" | jq -r .container_id)
  echo "$container_id" >"$engines_work/container-$name"
  cri StartContainer "{\"container_id\": \"$container_id\"}"
}

container_of() { container_id=$(<"$engines_work/container-$1"); }

# exec_sync NAME TIMEOUT COMMAND...: as an exec probe does; sets $output, $errors and $status.
exec_sync() {
  local answer timeout=$2
  container_of "$1"
  shift 2
  answer=$(cri ExecSync "$(jq -cn --arg id "$container_id" --argjson timeout "$timeout" \
    '{container_id: $id, timeout: $timeout, cmd: $ARGS.positional}' --args -- "$@")")
  output=$(jq -r '.stdout // "" | @base64d' <<<"$answer")
  errors=$(jq -r '.stderr // "" | @base64d' <<<"$answer")
  status=$(jq -r '.exit_code // 0' <<<"$answer")
}

# container_field FILTER: of the current container's status.
container_field() {
  cri ContainerStatus "{\"container_id\": \"$container_id\"}" | jq -r ".status | $1"
}
reason_is() { [ "$(container_field .reason)" = "$1" ]; }
has_exited() { [ "$(container_field '.state // 0')" = 2 ]; }

# wait_container: until the current container has exited; sets $output to its log without time stamps.
wait_container() {
  within 30 has_exited
  output=$(cut -d ' ' -f 4- "$(jq -r .log_directory <<<"$pod_config")/$1.log")
}

# outcome NAME FILTER COMMAND...: runs a container to its end; sets $output and $status.
outcome() {
  run_container "$@"
  wait_container "$1"
  # shellcheck disable=SC2034 # steps read it
  status=$(container_field '.exit_code // 0')
}
