#!/bin/bash
# The image's /etc/passwd decides nothing but HOME: no name in it stands for an id (CVE-2016-3697), and brig
# neither hangs nor grows whatever it is.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle passwd '.process.user = {uid: 1000, gid: 1000}'
printf '%s\n' '1000:x:0:0::/of-the-name:/bin/sh' 'user:x:1000:1000::/of-the-number:/bin/sh' >"$BUNDLE/rootfs/etc/passwd"
run_shell passwd 'id -u; id -g; echo $HOME'
assert_eq "user, group, home" $'1000\n1000\n/of-the-number' "$stdout"
edit_config "$(shell_command 'exec sleep 1000')"
start_container passwd
succeed brig exec --user 1000 passwd sh -c 'id -u; echo $HOME'
assert_eq "the same of exec" $'1000\n/of-the-number' "$stdout"
refuse "" brig exec --user user passwd true
succeed brig delete --force passwd

# without COMMAND: what COMMAND makes of the file gives no home.
without() {
  rm -rf "$BUNDLE/rootfs/etc/passwd"
  (cd "$BUNDLE/rootfs/etc" && eval "$1")
  run_shell passwd 'echo $HOME'
  assert_eq "home after $1" / "$stdout"
}
without 'mkfifo passwd'
without 'mkdir passwd'
without 'ln -s /proc/self/fd/0 passwd'
without 'ln -s passwd passwd'
without 'truncate -s 1T passwd'
without 'mknod passwd c 1 5'
