#!/bin/sh
# Makes what the virtual machine boots, of Debian packages, in .cache/vm: Debian's kernel, unpacked (nothing is installed),
# and an initramfs with the modules that lead to the host's file system. A second run does nothing.
set -eu

cd "$(dirname "$0")/../.."
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
folder=.cache/vm
stamp="$(cat test/vm/make-kernel.sh test/vm/init | cksum)"

fail() {
  echo "setup: $1" >&2
  exit 1
}

# The newest kernel that the machine's package lists name.
kernel_package() {
  apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

download() {
  package=$(kernel_package)
  if [ -z "$package" ]; then return 1; fi
  (cd "$work" && apt-get -qq download "$package" busybox-static)
}

# Only what a router needs of 400 MB. Debian 13 keeps its modules compressed, which neither insmod here nor 9p likes.
unpack() {
  dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb | tar -x -C "$work" --wildcards \
    '*/boot/vmlinuz-*' '*/modules.builtin*' '*/modules.order' '*/kernel/crypto/*' '*/kernel/arch/*/crypto/*' \
    '*/kernel/lib/*' '*/kernel/net/*' '*/kernel/fs/*' '*/kernel/drivers/net/veth*' '*/kernel/drivers/net/tun*' \
    '*/kernel/drivers/virtio/*' '*/kernel/drivers/block/virtio_blk*' '*/kernel/drivers/char/virtio_console*'
  if [ -d "$work/usr/lib" ]; then mv "$work/usr/lib" "$work/lib"; fi
  find "$work/lib" -name '*.ko.xz' -exec unxz {} +
  depmod -b "$work" "$(ls "$work/lib/modules")"
  dpkg -x "$work"/busybox-static_*.deb "$work/busybox"
}

# The kernel without its compression, which costs six seconds where every instruction is emulated. Where the payload lies
# is said in the header: https://docs.kernel.org/arch/x86/boot.html
uncompress() {
  image=$(echo "$work"/boot/vmlinuz-*)
  sectors=$(od -An -t u1 -j 497 -N 1 "$image" | tr -d ' ')
  offset=$(od -An -t u4 -j 584 -N 4 "$image" | tr -d ' ')
  length=$(od -An -t u4 -j 588 -N 4 "$image" | tr -d ' ')
  tail -c +$(((sectors + 1) * 512 + offset + 1)) "$image" | head -c "$length" | xz -dc --single-stream >"$work/vmlinux"
}

initramfs() {
  version=$(ls "$work/lib/modules")
  mkdir -p "$work/initramfs/modules" "$work/initramfs/proc" "$work/initramfs/host" "$work/initramfs/changes" "$work/initramfs/root"
  for module in virtio_pci 9pnet_virtio 9p overlay virtio_console; do
    modprobe -d "$work" -S "$version" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | awk '!seen[$0]++' | while read -r path; do
    cp "$path" "$work/initramfs/modules/"
    basename "$path" >>"$work/initramfs/modules/order"
  done
  cp "$work"/busybox/*bin/busybox "$work/initramfs/" 2>/dev/null || cp "$work"/busybox/usr/*bin/busybox "$work/initramfs/"
  cp test/vm/init "$work/initramfs/init"
  chmod 755 "$work/initramfs/init"
  (cd "$work/initramfs" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initramfs.cpio"
}

if [ -f "$folder/stamp" ] && [ "$(cat "$folder/stamp")" = "$stamp" ]; then exit 0; fi
if [ "$(uname -m)" != x86_64 ]; then fail "the virtual machine needs x86_64, this is $(uname -m)"; fi
for program in qemu-system-x86_64 depmod modprobe xz apt-get dpkg-deb busybox; do
  command -v "$program" >/dev/null || fail "the virtual machine needs $program"
done
echo "setup: making the virtual machine's kernel" >&2
mkdir -p .cache
work=$(mktemp -d "$PWD/.cache/vm-XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# Package lists may be missing or old: then, as root, they are fetched first.
download 2>/dev/null || { if [ "$(id -u)" -eq 0 ]; then apt-get -qq update >&2; fi; } && ls "$work"/linux-image-*.deb >/dev/null 2>&1 ||
  download >&2 || fail 'the kernel could not be downloaded'
unpack
uncompress
initramfs
rm -rf "$work"/*.deb "$work/boot" "$work/busybox" "$work/initramfs" "$folder"
echo "$stamp" >"$work/stamp"
mv "$work" "$folder"
