#!/bin/sh
# The machine's first program on the host's file system: makes it a machine, then runs what the host asks for, with the
# virtio port as its standard input and output (or a shell on the console), and turns it off.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
HOME=/root
export PATH HOME
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /lib/modules
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
ln -sfn "$1/.cache/vm/lib/modules/$(uname -r)" "/lib/modules/$(uname -r)"
ip link set lo up
cd "$1" || exit 1
modprobe -a tun veth br_netfilter nf_tables nf_conntrack_netlink

port=$(grep -ls '^talk$' /sys/class/virtio-ports/*/name)
if [ -n "$port" ]; then
  exec 3<>"/dev/$(basename "$(dirname "$port")")"
  echo '{"up":true}' >&3
  read -r command <&3
  sh -c "$command" <&3 >&3
else
  setsid -c sh -i
fi
busybox poweroff -f
