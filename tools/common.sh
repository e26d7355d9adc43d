# What run.sh, test.sh and bench.sh share. Sourced, never run; the caller has set -euo pipefail.
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HOST_BUILD=$REPO/.build/nova-host
NOVA_HOST=$HOST_BUILD/nova-host
GUEST_IMAGE_DIR=${TMPDIR:-/var/tmp}/guest-image
APT_LISTS_MAX_AGE_MIN=1440
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PATH="$PATH:/usr/sbin:/sbin"

LIBVIRT_PACKAGES="libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-system libvirt-clients libvirt0 qemu-system-x86 qemu-utils dnsmasq-base nftables iproute2 genisoimage"
GUEST_IMAGE_PACKAGES="qemu-utils e2fsprogs"

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "this needs root: start as root, or install sudo"; fi
}

need_dotnet() {
  command -v dotnet >/dev/null || { [ -x "$HOME/.dotnet/dotnet" ] && PATH="$HOME/.dotnet:$PATH"; } ||
    die "the .NET SDK is not there: install .NET 10 (https://dotnet.microsoft.com/download) so that 'dotnet' is on the PATH"
  DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")"); export DOTNET_ROOT
}

missing_packages() {
  local p
  for p in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || printf '%s ' "$p"
  done
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" >&2 </dev/null; }

apt_lists_are_old() {
  [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin "-$APT_LISTS_MAX_AGE_MIN" -print -quit 2>/dev/null)" ]
}

# Installs what is missing; costs 0.1 s when nothing is.
install_packages() {
  local missing
  command -v dpkg-query >/dev/null || { say "not a Debian system: these packages (or their likes) are expected to be there: $*"; return; }
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  say "installing: $missing"
  if apt_lists_are_old; then apt update; fi
  # shellcheck disable=SC2086
  apt install -y --no-install-recommends $missing || { apt update && apt install -y --no-install-recommends $missing; } ||
    die "apt-get could not install: $missing"
}

# True while the process runs. A zombie does not: where PID 1 reaps late, kill -0 still succeeds for it.
is_running() {
  local state
  [ -n "${1:-}" ] && state=$(sed -n 's/^.*) \([A-Z]\) .*$/\1/p' "/proc/$1/stat" 2>/dev/null) && [ -n "$state" ] && [ "$state" != Z ]
}

# Builds nova-host, unless nothing changed since the last time. Compiled ahead of time where the compiler for that can be had: it starts sooner.
build_host() {
  local stamp=$HOST_BUILD/.stamp
  need_dotnet
  mkdir -p "$HOST_BUILD"
  exec 8>"$HOST_BUILD/.lock"; flock 8
  if [ ! -e "$stamp" ] || [ -n "$(find "$REPO"/Nova.Host "$REPO"/Nova.Drivers "$REPO"/Nova.Modules "$REPO"/migrations "$REPO"/Directory.*.props "$REPO"/global.json \
       \( -name obj -o -name bin \) -prune -o -type f -newer "$stamp" -print -quit)" ]; then
    say "building nova-host"
    local log=$HOST_BUILD/.log
    dotnet publish "$REPO/Nova.Host" -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o "$HOST_BUILD" -v quiet >"$log" 2>&1 8>&- ||
      dotnet publish "$REPO/Nova.Host" -c Release -r linux-x64 --self-contained false -o "$HOST_BUILD" -v quiet >"$log" 2>&1 8>&- ||
      { grep -E 'error' "$log" | sort -u | head -20 >&2 || tail -20 "$log" >&2; die "the build failed; everything that it said is in $log"; }
    touch "$stamp"
  fi
  exec 8>&-
}

# Gives /dev/kvm to the group kvm, as udev does where it runs. Without that libvirt (root) finds the device usable and
# QEMU (libvirt-qemu) does not, and libvirt probes every QEMU binary again at each start of a guest: 4 to 10 s.
share_kvm() {
  [ -c /dev/kvm ] || return 0
  [ "$(stat -c %G /dev/kvm)" = root ] && getent group kvm >/dev/null || return 0
  as_root chgrp kvm /dev/kvm && as_root chmod 0660 /dev/kvm
}

# Starts virtlogd and libvirtd where nobody answers: through systemd where it runs, else as daemons of their own.
ensure_libvirt() {
  share_kvm
  as_root virsh -c qemu:///system version >/dev/null 2>&1 </dev/null && return 0
  say "starting libvirt"
  if [ -d /run/systemd/system ]; then
    as_root systemctl start virtlogd.socket libvirtd.socket libvirtd.service >&2
  else
    as_root mkdir -p /run/libvirt
    # Not asked by name: another libvirtd, with a directory of its own, may run beside. A second one of ours finds the pid
    # file locked and ends at once.
    as_root /usr/sbin/virtlogd -d -p /run/virtlogd.pid 2>/dev/null || true
    as_root /usr/sbin/libvirtd -d -p /run/libvirtd.pid || true
  fi
  # The first start of libvirtd probes every QEMU and takes about 10 s.
  local i
  for ((i = 0; i < 600; i++)); do
    as_root virsh -c qemu:///system version >/dev/null 2>&1 </dev/null && return 0
    sleep 0.1
  done
  die "libvirt does not answer at qemu:///system after 60 s; look at: journalctl -u libvirtd, or run 'libvirtd' in a terminal to see why"
}

# The small guest image, made from Debian packages in seconds; instant when it is there.
ensure_guest_image() {
  # shellcheck disable=SC2086
  install_packages $GUEST_IMAGE_PACKAGES
  if apt_lists_are_old; then apt update; fi
  mkdir -p "$GUEST_IMAGE_DIR"
  as_root "$REPO/tools/make-guest-image.sh" "$GUEST_IMAGE_DIR" >&2 </dev/null ||
    die "the guest image could not be built; see above"
}
