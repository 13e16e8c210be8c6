# shellcheck shell=bash
# What the scripts of the engines share: `. "$(dirname "$0")/lib.sh"`, after which steps.sh is there too.
#
# All of it runs in a test machine with systemd that may be changed at will: the scripts install their
# runtime, write under /etc and start daemons. `at_end COMMAND` puts things back for the next script.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_folder=$(cd "$here/../../.." && pwd)
# shellcheck source=tests/vm/steps.sh
. "$here/../steps.sh"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
snippets=$top_folder/contrib/engines
# Kept from one script to the next: the images.
engines_work=/run/brig-engines
mkdir -p $engines_work
# Part of the names that the engines see: those of another runtime's run differ.
runtime_name=${RUNTIME##*/}

# ---- The runtime under test ------------------------------------------------------------------------

# Engines find brig where `make install` puts it, and another runtime beside it.
install_runtime() {
  runtime_path=/usr/local/bin/$runtime_name
  cmp -s "$RUNTIME" "$runtime_path" || install -m 755 "$RUNTIME" "$runtime_path"
}

# snippet FILE: prints a file of contrib/engines as it stands or, for another runtime than brig, with
# that one's name in brig's place, which is in its path too.
snippet() { sed "s/\bbrig\b/$runtime_name/g" "$snippets/$1"; }

# What a shell in a container does: it runs out of memory once somebody makes the file /go. Only when a start has
# returned does an engine's shim watch for that; what happens earlier nobody tells the engine.
# shellcheck disable=SC2034 # scripts use it
out_of_memory_on_go='until [ -e /go ]; do sleep 0.1; done; tail /dev/zero'

# ---- Images without a registry ---------------------------------------------------------------------

# What the steps call in their containers.
applets='sh ash [ awk basename cat chmod chown cp cut date dd df dirname echo env expr false find free
grep head hostname httpd id ifconfig ip kill killall ln ls md5sum mkdir mkfifo mknod mount mv nc nproc
ping printf ps pwd readlink realpath rm rmdir sed seq setsid sha256sum sleep sort stat stty sync tail tar
taskset tee test timeout top touch tr true tty umount uname unshare vi wc wget which xargs yes'

# make_image FILE NAME [FILTER]: writes the archive of an image with busybox, its applets and a shell as
# command; the jq FILTER changes its configuration (.config.Entrypoint and the like). The archive is an
# OCI layout and what `docker save` writes, both at once.
make_image() {
  local file=$1 image=$2 filter=${3:-.} folder layer config manifest
  local layer_file=$engines_work/layer.tar
  [ -e "$file" ] && return
  if [ ! -e $layer_file ]; then
    rm -rf $engines_work/rootfs
    # shellcheck disable=SC2086 # words
    "$top_folder/contrib/make-rootfs" $engines_work/rootfs $applets
    add_files $engines_work/rootfs
    tar -C $engines_work/rootfs --owner=0 --group=0 --numeric-owner --sort=name -cf $layer_file.new .
    mv $layer_file.new $layer_file
  fi
  folder=$(mktemp -d -p $engines_work)
  mkdir -p "$folder/blobs/sha256"
  layer=$(sha256sum <$layer_file)
  layer=${layer%% *}
  ln $layer_file "$folder/blobs/sha256/$layer"
  config=$(jq -cn --arg layer "sha256:$layer" '{
    created: "2024-01-01T00:00:00Z", architecture: "amd64", os: "linux",
    config: {Env: ["PATH=/usr/local/bin:/usr/bin:/bin"], Cmd: ["/bin/sh"], WorkingDir: "/"},
    rootfs: {type: "layers", diff_ids: [$layer]},
    history: [{created_by: "busybox"}]} | '"$filter" | add_blob "$folder" config)
  manifest=$(jq -cn --argjson config "$config" --arg layer "sha256:$layer" \
    --argjson size "$(stat -c %s $layer_file)" '{
    schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config,
    layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $size}]}' |
    add_blob "$folder" manifest)
  jq -cn --argjson manifest "$manifest" --arg name "$image" '{schemaVersion: 2, manifests: [$manifest |
    .annotations = {"io.containerd.image.name": $name, "org.opencontainers.image.ref.name": $name}]}' \
    >"$folder/index.json"
  jq -cn --arg name "$image" --argjson config "$config" --arg layer "blobs/sha256/$layer" '[{
    Config: ("blobs/" + ($config.digest | sub(":"; "/"))), RepoTags: [$name], Layers: [$layer]}]' \
    >"$folder/manifest.json"
  echo '{"imageLayoutVersion": "1.0.0"}' >"$folder/oci-layout"
  tar -C "$folder" -cf "$file.new" .
  mv "$file.new" "$file"
  rm -rf "$folder"
}

# add_files ROOTFS: what steps look at.
add_files() {
  echo "hello from the image" >"$1/etc/greeting"
  # A program that is found but may not be executed.
  echo data >"$1/etc/plain-file"
  echo extra:x:2000:user >>"$1/etc/group"
  mkdir -p "$1/home/user" "$1/mnt" "$1/var/tmp"
  chown 1000:1000 "$1/home/user"
  chmod 1777 "$1/var/tmp"
}

# add_blob FOLDER KIND: stores its input in the OCI layout and prints the descriptor.
add_blob() {
  local digest size
  cat >"$1/blob"
  digest=$(sha256sum <"$1/blob")
  digest=${digest%% *}
  size=$(stat -c %s "$1/blob")
  mv "$1/blob" "$1/blobs/sha256/$digest"
  jq -cn --arg kind "$2" --arg digest "sha256:$digest" --argjson size "$size" \
    '{mediaType: "application/vnd.oci.image.\($kind).v1+json", digest: $digest, size: $size}'
}

# ---- Putting things back ---------------------------------------------------------------------------

end_commands=()
at_end() { end_commands=("$*" "${end_commands[@]}"); }
run_end_commands() {
  local command
  for command in "${end_commands[@]}"; do eval "$command"; done
}
trap run_end_commands EXIT

# An engine's bridge stays when the engine is stopped, and the next engine would take it for the way out.
links() { ip -o link show | awk -F '[:@] *' '{ print $2 }'; }
links_before=$(links)
remove_links() {
  local link
  while read -r link; do ip link delete "$link" 2>/dev/null || true; done < <(links | grep -vxF "$links_before")
}
at_end remove_links

# replace_file FILE: writes its input to FILE; at the end the old one is back. Not behind a pipe, where the
# end would not know of it.
replace_file() {
  local file=$1
  [ "$BASHPID" = $$ ] || fail "replace_file $1 in a subshell"
  mkdir -p "$(dirname "$file")"
  if [ -e "$file" ]; then
    mv "$file" "$file.before-$runtime_name"
    at_end "mv '$file.before-$runtime_name' '$file'"
  else
    at_end "rm -f '$file'"
  fi
  cat >"$file"
}

# start_service UNIT...: with the configuration as it is now; stopped again at the end.
start_service() {
  local unit
  for unit; do
    if ! systemctl restart "$unit"; then
      systemctl status --no-pager --full "$unit" || true
      journalctl --no-pager -n 30 -u "$unit" 2>/dev/null || true
      return 1
    fi
    at_end "systemctl stop $unit"
  done
}

# ---- What a container may leave behind -------------------------------------------------------------

# List what is there now, for a comparison with later: `cgroup_folders`, `mount_points` of the host.
cgroup_folders() {
  find /sys/fs/cgroup -mindepth 1 -type d \( \( -name '*.service' -o -name '*.socket' -o -name 'session-*' \) -prune -o -print \) | sort
}
mount_points() { awk '{print $5}' /proc/self/mountinfo | sort; }

# added_since BEFORE COMMAND: prints the lines that the command prints beyond those of BEFORE.
added_since() { comm -13 <(echo "$1") <("$2"); }
none_added() { [ -z "$(added_since "$@")" ]; }
# gone WHAT BEFORE COMMAND: waits a while until nothing is added, else names it.
gone() {
  local end=$((SECONDS + 20))
  until none_added "$2" "$3"; do
    [ $SECONDS -lt $end ] || fail "$1 left: $(added_since "$2" "$3" | tr '\n' ' ')"
    sleep 0.2
  done
}
