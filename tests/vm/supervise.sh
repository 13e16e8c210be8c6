# shellcheck shell=bash
# Starts a command in a pid and a mount namespace of its own, so that nothing can outlive it.

# supervise COMMAND...: exits with its status. All its descendants have ended by then, and their mounts
# are gone, also when this shell got SIGINT, SIGTERM or SIGHUP (the status is then 130 or 143). When it
# gets SIGKILL the kernel does the same: setpriv and unshare ask to be killed with their parents.
supervise() {
  local stdin stdout alive child status='' result=0
  exec {stdin}<&0 {stdout}>&1
  # Whoever is inside holds descriptor 7, the other end of a pipe: it is at its end when all are dead.
  # Not by `unshare`'s own end: it does not wait for them when it is killed.
  exec {alive}< <(
    exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc \
      "$@" <&"$stdin" 7>&1 >&"$stdout"
  )
  child=$!
  trap 'status=130; kill -KILL $child 2>/dev/null' INT
  trap 'status=143; kill -KILL $child 2>/dev/null' TERM HUP
  wait $child || result=$?
  read -r <&"$alive" || true
  [ -z "${terminal_settings:-}" ] || stty "$terminal_settings"
  exit "${status:-$result}"
}
