#!/bin/bash
# Builds and starts nova-host with everything that it needs, and makes a first network, flavors and an image.
#
#   ./run.sh [--background] [--data DIR] [any nova-host option]
#   ./run.sh --stop [--purge] [--data DIR]
#   ./run.sh --install [--data DIR] [any nova-host option]
#
# DIR defaults to ./data. In the foreground it ends with Ctrl-C; with --background it returns when the cloud is ready and
# leaves DIR/nova-host.pid and DIR/nova-host.log. --stop ends the instance and leaves guests running; --stop --purge also
# removes guests, networks, settings of this machine and the directory. Killed in the middle it can simply be run again.
# --install builds, and writes the systemd unit nova-host.service instead of starting anything; --unit only prints it.
set -euo pipefail
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/tools/common.sh"
# shellcheck source=tools/first-steps.sh
. "$REPO/tools/first-steps.sh"

STOP_SECONDS=40
READY_SECONDS=120

usage() { sed -n '2,11s/^# \{0,1\}//p' "$0"; }

background=no stop=no purge=no unit=no data=$REPO/data driver=libvirt identity=embedded database=sqlite role=all tls=''
options=()
option_value() { [ -n "${2+set}" ] || die "$1 needs a value"; }
while [ $# -gt 0 ]; do
  case $1 in
    --background) background=yes ;;
    --stop) stop=yes ;;
    --purge) purge=yes ;;
    --install) unit=install ;;
    --unit) unit=print ;;
    --data) option_value "$@"; data=$2; shift ;;
    --data=*) data=${1#*=} ;;
    -h | --help) usage; exit 0 ;;
    --tls-certificate) option_value "$@"; : "${tls:=$2}"; options+=("$1" "$(realpath -- "$2")"); shift ;;
    --tls-key | --tls-ca) option_value "$@"; [ "$1" = --tls-key ] || tls=$2; options+=("$1" "$(realpath -- "$2")"); shift ;;
    --driver | --identity | --database | --role) option_value "$@"; declare "${1#--}=$2"; options+=("$1" "$2"); shift ;;
    --driver=* | --identity=* | --database=* | --role=*) name=${1%%=*}; declare "${name#--}=${1#*=}"; options+=("$1") ;;
    *) options+=("$1") ;;
  esac
  shift
done
[ "$purge" = no ] || [ "$stop" = yes ] || die "--purge goes with --stop"
data=$(realpath -m -- "$data")
pid_file=$data/nova-host.pid log=$data/nova-host.log out=$data/nova-host.out

# Only real guests need root: bridges, namespaces, libvirt.
launch_as() { if [ "$driver" = libvirt ]; then as_root "$@"; else "$@"; fi; }

# The pid of the instance on this directory, or nothing. The number alone is not proof: numbers are used again.
instance_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 0
  if is_running "$pid" && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--data $data "; then echo "$pid"; fi
}

end_instance() {
  local pid=$1 i
  launch_as kill -TERM "$pid" 2>/dev/null || as_root kill -TERM "$pid" 2>/dev/null || true
  for ((i = 0; i < STOP_SECONDS * 10; i++)); do
    is_running "$pid" || return 0
    sleep 0.1
  done
  die "nova-host (pid $pid) has not ended within $STOP_SECONDS s; its log is $log. 'kill -9 $pid' ends it, and loses nothing."
}

stop_instance() {
  local pid
  pid=$(instance_pid)
  if [ -n "$pid" ]; then end_instance "$pid"; say "stopped (pid $pid); guests keep running"
  else say "nothing runs on $data"; fi
  if [ "$purge" = yes ]; then purge_instance; else rm -f "$pid_file" 2>/dev/null || as_root rm -f "$pid_file"; fi
}

# The marker keeps a mistyped --data from removing somebody's files.
purge_instance() {
  [ -d "$data" ] || { say "there is no $data"; return 0; }
  [ -e "$data/.nova-host" ] || die "$data was not made by run.sh, so it is not removed"
  if [ "$(cat "$data/.nova-host" 2>/dev/null)" = libvirt ]; then
    build_host
    ensure_libvirt
    as_root env DOTNET_ROOT="$DOTNET_ROOT" "$NOVA_HOST" purge --data "$data"
  fi
  rm -rf -- "$data" 2>/dev/null || as_root rm -rf -- "$data"
  say "removed $data and everything that belonged to it"
}

prepare() {
  command -v curl >/dev/null && command -v jq >/dev/null || install_packages curl jq ca-certificates
  if [ "$driver" = libvirt ] && [[ ",$role," == *,all,* || ",$role," == *,compute,* ]]; then
    # shellcheck disable=SC2086
    install_packages $LIBVIRT_PACKAGES
    ensure_libvirt
  fi
  if [ "$identity" = embedded ]; then command -v openstack >/dev/null || install_packages python3-openstackclient; fi
  build_host
  # o+x, not o+r: QEMU's user must reach the guests' disks.
  mkdir -p "$data" 2>/dev/null || as_root mkdir -p "$data" || die "the directory $data cannot be made; choose another with --data"
  echo "$driver" | launch_as tee "$data/.nova-host" >/dev/null || die "the directory $data cannot be written; choose another with --data"
}

# The shell that writes the pid becomes nova-host, so the number is right with sudo in between as well.
start_instance() {
  # shellcheck disable=SC2016
  launch_as env DOTNET_ROOT="$DOTNET_ROOT" NOVA__LOG__FILE="$log" setsid bash -c 'echo $$ >"$1/nova-host.pid"; shift; exec "$@"' nova-host "$data" \
    "$NOVA_HOST" --data "$data" ${options[@]+"${options[@]}"} >"$1" 2>&1 </dev/null &
  starter=$!
  local i
  for ((i = 0; i < READY_SECONDS * 20; i++)); do
    ready=$(grep -m1 '^ready http' "$1" 2>/dev/null) && return 0
    is_running "$starter" || { local code=0; wait "$starter" || code=$?; cat "$1" >&2; [ -s "$1" ] || say "nova-host ended with code $code; its log is $log"; exit "$code"; }
    sleep 0.05
  done
  die "nova-host was not ready after $READY_SECONDS s; its log is $log"
}

# A word for ExecStart: quoted, and with what systemd would expand doubled.
unit_word() { printf '"%s"' "$(sed 's/[\\"]/\\&/g; s/%/%%/g; s/\$/$$/g' <<<"$1")"; }

# KillMode=process: guests and their dnsmasq live in the unit's control group and must outlive it. Codes that a restart cannot mend end it.
unit_text() {
  local word words=''
  for word in --data "$data" ${options[@]+"${options[@]}"}; do words+=" $(unit_word "$word")"; done
  cat <<UNIT
[Unit]
Description=nova-host, a compute cloud
Documentation=file://$REPO/docs/operating.md
Wants=network-online.target
After=network-online.target libvirtd.service virtlogd.service postgresql.service

[Service]
Type=exec
Environment=$(unit_word "DOTNET_ROOT=$DOTNET_ROOT")
ExecStart=$(unit_word "$NOVA_HOST")$words
ExecReload=/bin/kill -HUP \$MAINPID
KillMode=process
TimeoutStopSec=$STOP_SECONDS
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2 4 5 8
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
UNIT
}

install_unit() {
  local file=/etc/systemd/system/nova-host.service
  [ -d /etc/systemd/system ] || die "this machine has no systemd; ./run.sh --background starts nova-host without it"
  prepare
  unit_text | as_root tee "$file" >/dev/null || die "$file cannot be written"
  if [ -d /run/systemd/system ]; then as_root systemctl daemon-reload; fi
  say "wrote $file. Now: systemctl enable --now nova-host; its log: journalctl -u nova-host; after a change of settings: systemctl reload nova-host"
}

# With real guests nova-host runs as root, and so its files are root's: whoever started it by sudo gets the credentials.
own_credentials() {
  local file
  for file in "$data/openrc" "$data/openrc-demo"; do
    if [ -e "$file" ] && [ ! -r "$file" ]; then as_root chown "$(id -u):$(id -g)" "$file"; fi
  done
}

what_to_type() {
  local url=$1
  echo "$ready"
  [ -e "$data/openrc" ] || { printf 'Every token is an administrator: curl -H "X-Auth-Token: admin" %s/v2.1/servers\n' "$url"; return 0; }
  cat <<TEXT

Now type:
  source $data/openrc
  ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/nova-key
  openstack keypair create --public-key ~/.ssh/nova-key.pub key
  openstack server create --image guest --flavor m1.nano --network public --key-name key --wait vm1
  openstack console log show vm1          # the guest's boot; then: ping ADDRESS, ssh -i ~/.ssh/nova-key guest@ADDRESS
  openstack server delete --wait vm1
TEXT
}

if [ "$stop" = yes ]; then stop_instance; exit 0; fi
case $unit in
  print) need_dotnet; unit_text; exit 0 ;;
  install) install_unit; exit 0 ;;
esac

pid=$(instance_pid)
if [ -n "$pid" ] && [ "$background" = no ]; then
  die "an instance runs on $data already (pid $pid). End it with ./run.sh --stop --data $data, or choose another --data and --port"
fi
if [ -n "$pid" ]; then
  # Killed in the middle, or asked twice: finish what is left.
  say "an instance runs on $data already (pid $pid)"
  need_dotnet
  ready=$(grep -m1 '^ready http' "$out") || die "it is not ready; its log is $log"
else
  prepare
  ready='' starter=''
  if [ ! -w "$data" ]; then as_root touch "$log" "$out"; as_root chown "$(id -u)" "$log" "$out"; fi
  touch "$log"
  before=$(wc -l <"$log")
  start_instance "$out"
fi

url=$(sed -n 's/^ready \(http[^ ]*\) in .*/\1/p' <<<"$ready")
if [ "$background" = no ]; then
  trap 'trap - INT TERM; end_instance "$(instance_pid)"; exit 0' INT TERM
fi
own_credentials
ca=$(sed -n "s/^export OS_CACERT='\(.*\)'$/\1/p" "$data/openrc" 2>/dev/null || true)
[ -z "${ca:-$tls}" ] || export CURL_CA_BUNDLE=${ca:-$tls}
if [[ ",$role," == *,all,* || ",$role," == *,api,* ]]; then first_steps "$url" "$data" "$driver" "$identity"; fi
what_to_type "$url"
[ "$background" = no ] || exit 0

# The log goes on here until Ctrl-C, or until nova-host ends by itself.
tail -n "+$((before + 1))" -F --pid="$starter" "$log" 2>/dev/null &
code=0
wait "$starter" || code=$?
exit "$code"
