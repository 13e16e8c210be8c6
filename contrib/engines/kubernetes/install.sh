#!/bin/sh
# Installs brig on a Kubernetes node with containerd, or takes it off again. installer.yaml runs it on
# every node; it also works by hand, as root on the node.
#   install.sh install      brig to /usr/local/bin, the handler "brig" into containerd's configuration,
#                           restart of containerd if that changed, label brig.runtime/installed=true
#   install.sh uninstall    all of it back; refuses while a container runs on brig
# Both may be repeated. Environment:
#   HOST              where the node's root file system is mounted (default: /)
#   BRIG              the binary to install (default: brig beside this script)
#   SYSTEMD_CGROUP    true or false, as the kubelet's cgroupDriver is systemd or cgroupfs (default: true)
#   NODE_NAME         the node to label by the cluster's API (default: no label)
#   KUBERNETES_API    its address (default: what Kubernetes tells its pods)
set -eu

host=${HOST:-/}
host=${host%/}
brig=${BRIG:-$(dirname "$0")/brig}
target=/usr/local/bin/brig
config=$host/etc/containerd/config.toml
begin='# --- brig: begin (made by install.sh) ---'
end='# --- brig: end ---'
secrets=/var/run/secrets/kubernetes.io/serviceaccount

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# Prints the section of containerd's CRI plugin that holds runtimes; it depends on the file's version.
cri_section() {
  version=$(sed -n 's/^[[:space:]]*version[[:space:]]*=[[:space:]]*\([0-9]*\).*/\1/p' "$config" | head -n 1)
  case $version in
    2) echo 'plugins."io.containerd.grpc.v1.cri"' ;;
    3) echo 'plugins."io.containerd.cri.v1.runtime"' ;;
    *) fail "$config has version ${version:-1}, but only 2 and 3 are known (containerd config migrate makes one)" ;;
  esac
}

# Prints the configuration without what this script has added.
config_without_brig() {
  sed "/^$begin\$/,/^$end\$/d" "$config"
}

config_with_brig() {
  section=$(cri_section)
  config_without_brig
  echo "$begin"
  # Once one runtime is written down, containerd 1.x has no others: not even its default, runc.
  config_without_brig | grep -q 'containerd\.runtimes\.' || print_runtime runc
  print_runtime brig "BinaryName = \"$target\""
  echo "$end"
}

# print_runtime NAME [OPTION]
print_runtime() {
  cat <<TOML
[$section.containerd.runtimes.$1]
  runtime_type = "io.containerd.runc.v2"
  [$section.containerd.runtimes.$1.options]
    ${2:-# The runtime of pods without a RuntimeClass.}
    SystemdCgroup = ${SYSTEMD_CGROUP:-true}
TOML
}

# change_config COMMAND: replaces the configuration with what COMMAND prints, in one step, and restarts
# containerd if that is a change. Its tasks keep running meanwhile.
change_config() {
  new=$config.brig-new old=$config.brig-old
  # Copied first for its owner and mode.
  cp -p "$config" "$new"
  trap 'rm -f "$new"' EXIT
  "$1" >"$new"
  if cmp -s "$new" "$config"; then
    return
  fi
  cp -p "$config" "$old"
  mv "$new" "$config"
  if ! restart_containerd; then
    mv "$old" "$config"
    restart_containerd || true
    fail "containerd does not start with the change of $config; the file is as before"
  fi
  rm -f "$old"
}

restart_containerd() {
  if [ -n "$host" ]; then
    nsenter --target 1 --mount --pid -- systemctl restart containerd
  else
    systemctl restart containerd
  fi
}

# label_node VALUE: true, or null to remove the label.
label_node() {
  [ -n "${NODE_NAME:-}" ] || return 0
  api=${KUBERNETES_API:-https://${KUBERNETES_SERVICE_HOST:?is not set: not in a pod?}:${KUBERNETES_SERVICE_PORT:-443}}
  set -- "$1" "$api/api/v1/nodes/$NODE_NAME"
  body='{"metadata": {"labels": {"brig.runtime/installed": '$1'}}}'
  if [ -e $secrets/token ]; then
    curl -fsS --cacert $secrets/ca.crt -H "Authorization: Bearer $(cat $secrets/token)" \
      -X PATCH -H 'Content-Type: application/merge-patch+json' -d "$body" "$2" >/dev/null
  else
    curl -fsS -X PATCH -H 'Content-Type: application/merge-patch+json' -d "$body" "$2" >/dev/null
  fi || fail "node $NODE_NAME: cannot change its labels by $api"
}

install_brig() {
  [ -x "$brig" ] || fail "$brig is missing or not executable (BRIG names the binary to install)"
  "$brig" --version >/dev/null || fail "$brig does not run on this machine"
  [ -e "$config" ] || fail "$config is missing: this node has no containerd that is configured there"
  if config_without_brig | grep -q 'containerd\.runtimes\.brig\]'; then
    fail "$config has a runtime brig that this script has not made; remove it first"
  fi
  # Renamed into place: the old binary may be running.
  mkdir -p "$host${target%/*}"
  cmp -s "$brig" "$host$target" || {
    cp "$brig" "$host$target.new"
    chmod 755 "$host$target.new"
    mv "$host$target.new" "$host$target"
  }
  change_config config_with_brig
  label_node '"true"'
  echo "install.sh: $("$brig" --version | head -n 1) is installed as $target, handler brig"
}

uninstall_brig() {
  # No new pods from here on.
  label_node null
  for options in "$host"/run/containerd/io.containerd.runtime.v2.task/*/*/options.json; do
    if [ -e "$options" ] && grep -q "\"$target\"" "$options"; then
      container=${options%/options.json}
      fail "container ${container##*/} runs on brig: end its pod first"
    fi
  done
  [ ! -e "$config" ] || change_config config_without_brig
  rm -f "$host$target"
  echo "install.sh: brig is gone"
}

case ${1:-} in
  install) install_brig ;;
  uninstall) uninstall_brig ;;
  *) fail "usage: install.sh install|uninstall" ;;
esac
