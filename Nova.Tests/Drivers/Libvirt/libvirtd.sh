#!/bin/bash
# A libvirtd of the test's own: libvirtd.sh DIR CACHE, run as the first process of private mount, PID and network
# namespaces. Reads commands as lines on stdin and answers each with one line ("ok", or what went wrong); when stdin ends
# (the test process is gone, however it ended) this process ends, and with it the kernel ends everything that it started.
set -u
D=$1 CACHE=$2
mount --make-rprivate / || exit 1
mkdir -p "$D"/{etc/qemu,run,lib/qemu,log,cache} "$CACHE"
chmod 755 "$D" "$D"/*; chown libvirt-qemu "$D/lib/qemu"
cp /etc/libvirt/libvirt.conf "$D/etc/" 2>/dev/null
printf 'listen_tls = 0\nauth_unix_rw = "none"\nhost_uuid = "00000000-aaaa-4bbb-8ccc-0000000000aa"\n' > "$D/etc/libvirtd.conf"
printf 'cgroup_controllers = []\n' > "$D/etc/qemu.conf"
: > "$D/etc/virtlogd.conf"
bind() { mkdir -p "$2"; mount --bind "$1" "$2" || exit 1; }
bind "$D/etc" /etc/libvirt; bind "$D/run" /run/libvirt; bind "$D/lib" /var/lib/libvirt; bind "$D/log" /var/log/libvirt; bind "$CACHE" /var/cache/libvirt
# A /dev without kvm: where the device cannot be used by libvirt-qemu, libvirt probes every QEMU binary again at each start.
mkdir "$D/dev"; mount -t tmpfs -o mode=755 dev "$D/dev" && mkdir "$D/dev"/{pts,shm,net}
cp -a /dev/{null,zero,full,random,urandom,tty,ptmx} "$D/dev/"; mknod -m 666 "$D/dev/net/tun" c 10 200
mount --bind /dev/pts "$D/dev/pts"; mount -t tmpfs shm "$D/dev/shm"
awk '$2 == "/dev" || $2 ~ "^/dev/" {print $2}' /proc/self/mounts | tac | while read -r old; do umount -l "$old"; done
mount --move "$D/dev" /dev || exit 1
ip link set lo up

logd() { /usr/sbin/virtlogd -f "$D/etc/virtlogd.conf" -p "$D/virtlogd.pid" >> "$D/out" 2>&1 < /dev/null & LOGD=$!; }
up() { /usr/sbin/libvirtd -f "$D/etc/libvirtd.conf" -p "$D/libvirtd.pid" >> "$D/out" 2>&1 < /dev/null & LIBVIRTD=$!
  for _ in $(seq 600); do
    timeout 60 virsh -c qemu:///system version > /dev/null 2>&1 < /dev/null && return
    kill -0 $LIBVIRTD || { tail -5 "$D/out" | tr '\n' ' '; return 1; }
    sleep 0.1
  done; echo "libvirtd does not answer"; return 1; }
crash() { kill -9 $LIBVIRTD && wait $LIBVIRTD 2>/dev/null; true; }
qemus() { pgrep -x qemu-system-x86; }
pid_of() { pgrep -f "^/usr/bin/qemu-system-x86_64 -name guest=$1,"; }
kill_guest() { kill -9 "$(pid_of "$1")"; }
reboot() { crash; kill -9 $LOGD; wait $LOGD 2>/dev/null; for p in $(qemus); do kill -9 "$p"; done
  while qemus > /dev/null; do sleep 0.05; done
  find "$D/run" -mindepth 1 -delete 2>/dev/null; logd; up; }
tap() { ip link show "$1" > /dev/null 2>&1 || { ip tuntap add dev "$1" mode tap && ip link set "$1" mtu "${2:-1500}" up; }; }
foreign() { printf '<domain type="qemu"><name>%s</name><uuid>%s</uuid><memory unit="MiB">32</memory><os><type arch="x86_64">hvm</type></os></domain>' "$1" "$2" > "$D/foreign.xml"
  virsh -q -c qemu:///system define "$D/foreign.xml" < /dev/null > /dev/null && virsh -q -c qemu:///system start "$1" < /dev/null > /dev/null; }

logd
while read -r line; do
  if out=$(mktemp "$D/cmd.XXXXXX") && eval "$line" > "$out" 2>&1; then echo ok; else echo "failed: $line: $(tr '\n' ' ' < "$out")"; fi
  rm -f "$out"
done
