#!/bin/bash
# A stranger's first hour, with the stock client and a real guest: run.sh, a server, its boot and metadata, ping and ssh,
# stop, start, reboot, delete, and nothing left. Usage: first-server.sh REPOSITORY WORKDIR PORT
set -euo pipefail
repo=$1 work=$2 port=$3 data=$2/data
step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; tail -20 "$data/nova-host.log" >&2 || true; exit 1; }
purge() { "$repo/run.sh" --stop --purge --data "$data" --port "$port" >/dev/null 2>&1 || true; }
trap purge EXIT

# until_true SECONDS COMMAND…: waits for something that another program does, with a generous limit.
until_true() {
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    read -rt 0.5 <> <(:) || true
  done
}
status_is() { [ "$(openstack server show vm1 -f value -c status)" = "$1" ]; }
console_has() { openstack console log show vm1 | grep -q "$1"; }
# A killed process is seen for a moment yet, and as a zombie until its parent looks.
has_ended() { ! grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"; }
guest() { ssh -n -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=30 -i "$work/key" "guest@$address" "$@"; }
boot_id() { guest cat /proc/sys/kernel/random/boot_id; }
has_booted_since() { local now; now=$(boot_id) && [ "$now" != "$1" ]; }
boots() { openstack console log show vm1 | grep -o 'boot=[0-9]*' | tail -1; }
# Empty lines are dropped: virsh prints one for "no domains", and none at all while libvirt is not started yet.
left() { { virsh -c qemu:///system list --all --name; ip -br link | awk '{print $1}'; ip netns list; nft list tables; pgrep -c dnsmasq || true; } | sed '/^$/d' | sort; }

before=$(left)
step "run.sh"
"$repo/run.sh" --background --data "$data" --port "$port" || fail "run.sh"
[ "$(stat -c %a "$data/openrc")" = 600 ] || fail "openrc can be read by others"
# shellcheck disable=SC1091
. "$data/openrc"
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
openstack keypair create --public-key "$work/key.pub" key >/dev/null

step "create"
openstack server create --image guest --flavor m1.nano --network public --key-name key --wait vm1 >/dev/null || fail "create"
openstack server list -f value -c Name -c Status | grep -qx 'vm1 ACTIVE' || fail "vm1 is not listed as ACTIVE"
address=$(openstack server show vm1 -f json -c addresses | jq -r '.addresses.public[0]')
id=$(openstack server show vm1 -f value -c id)
until_true 120 console_has "GUEST-READY host=vm1 uuid=$id ip=$address ds=metadata" || fail "the guest did not report its metadata"

step "ping and ssh $address"
until_true 30 ping -c 1 -W 2 "$address" || fail "no answer to ping"
name=$(guest hostname)
[ "$name" = vm1 ] || fail "ssh answered '$name'"

step "rules and metadata of the running guest"
group=$(openstack port show "$(openstack port list --server vm1 -f value -c ID)" -f json -c security_group_ids | jq -r '.security_group_ids[0]')
pinged() { ping -c 1 -W 1 "$address"; }
unpinged() { ! pinged; }
openstack security group rule list "$group" --protocol icmp --ingress -f value -c ID | xargs openstack security group rule delete
until_true 5 unpinged || fail "the guest answers ping without a rule"
openstack security group rule create --ingress --protocol icmp "$group" >/dev/null
until_true 5 pinged || fail "the guest does not answer ping with a new rule"
openstack server set --property stage=live vm1
metadata_has() { guest wget -qO- http://169.254.169.254/openstack/latest/meta_data.json | grep -q "$1"; }
until_true 10 metadata_has '"stage": *"live"' || fail "the guest does not read its new metadata"

step "password, figures, and an image of the running guest"
post_password() { guest "wget -qO- --post-data=$1 http://169.254.169.254/openstack/latest/password"; }
compute() { curl -fsS -H "X-Auth-Token: $(openstack token issue -f value -c id)" -H 'OpenStack-API-Version: compute 2.90' "http://127.0.0.1:$port/compute/v2.1/servers/$id/$1"; }
post_password sealed1 || fail "the guest could not store its password"
post_password sealed2 2>/dev/null && fail "the guest stored a second password"
compute os-server-password | grep -q '"sealed1"' || fail "the password that the guest stored is not shown"
[ "$(compute diagnostics | jq '.nic_details[0].rx_packets > 0 and .disk_details[0].read_bytes > 0 and .state == "running"')" = true ] || fail "diagnostics: $(compute diagnostics)"
guest sync
openstack server image create --name shot --wait vm1 >/dev/null || fail "image of vm1"
[ -z "$(find "$data/guests/guests" -name 'copy-*')" ] || fail "a copy was left"
openstack server create --image shot --flavor m1.nano --network public --key-name key --wait vm2 >/dev/null || fail "create from the image"
second_has() { openstack console log show vm2 | grep -q "$1"; }
until_true 180 second_has 'GUEST-READY host=vm2 .*boot=2' || fail "vm2 did not start from the disk of vm1"
openstack server delete --wait vm2 || fail "delete of vm2"
openstack image delete shot

# After everything that needs the guest's routes: its own lease of the second interface takes them along when that goes.
step "a second interface of the running guest"
openstack network create private >/dev/null
openstack subnet create --network private --subnet-range 10.213.0.0/24 private >/dev/null
interfaces() { guest ls /sys/class/net | grep -c '^eth'; }
interfaces_are() { [ "$(interfaces)" = "$1" ]; }
interfaces_are 1 || fail "the guest has $(interfaces) interfaces to begin with"
openstack --os-compute-api-version 2.49 server add network --tag second vm1 private || fail "server add network"
second=$(openstack port list --server vm1 --network private -f value -c ID)
until_true 30 interfaces_are 2 || fail "the guest does not see its second interface"
tap=tap$(tr -d - <<< "$second" | tail -c 13 | head -c 11)
ip -br link show "$tap" >/dev/null || fail "the tap $tap is not there"
ip link show "$tap" | grep -q 'master' || fail "the tap $tap is on no bridge"
nft list ruleset | grep -q "$tap" || fail "no rule is about the tap $tap"
until_true 10 metadata_has '"second"' || fail "the guest does not read the tag of its second interface"
openstack server remove network vm1 private || fail "server remove network"
until_true 60 interfaces_are 1 || fail "the guest keeps its second interface"
gone() { ! ip link show "$tap"; }
until_true 30 gone || fail "the tap $tap was left"
[ -z "$(openstack port list --network private -f value)" ] || fail "the port was left"
second=$(openstack port create --network private lent -f value -c id)
openstack server add port vm1 "$second" || fail "server add port"
until_true 30 interfaces_are 2 || fail "the guest does not see the port"
openstack port delete "$second"
until_true 60 interfaces_are 1 || fail "the guest keeps the interface of a port that is gone"
openstack network delete private

step "nova-host is killed and starts again: the guest runs on"
pid=$(cat "$data/nova-host.pid")
kill -9 "$pid"
until_true 30 has_ended "$pid" || fail "nova-host did not die"
"$repo/run.sh" --background --data "$data" --port "$port" >/dev/null || fail "run.sh after kill -9"
ping -c 1 -W 5 "$address" >/dev/null || fail "the guest did not survive nova-host"
status_is ACTIVE || fail "vm1 is not ACTIVE after the restart"

step "stop, start, reboot"
openstack server stop vm1
until_true 120 status_is SHUTOFF || fail "stop"
openstack server start vm1
until_true 60 status_is ACTIVE || fail "start"
until_true 120 console_has 'boot=2' || fail "the disk was not kept: $(boots)"
earlier=$(boot_id)
openstack server reboot --hard --wait vm1 >/dev/null || fail "reboot"
until_true 120 has_booted_since "$earlier" || fail "the guest did not boot again"

step "delete"
openstack server delete --wait vm1 || fail "delete"
[ -z "$(openstack server list -f value)" ] || fail "vm1 is still listed"
[ -z "$(find "$data/guests/guests" -mindepth 1 2>/dev/null)" ] || fail "disks were left: $(find "$data/guests/guests" -mindepth 1)"
[ "$(left)" = "$before" ] || fail "left behind: $(diff <(echo "$before") <(left) || true)"
token=$(openstack token issue -f value -c id)
differences=$(curl -sS -H "X-Auth-Token: $token" "http://127.0.0.1:$port/nova-host/v1/audit" | jq -c .differences)
[ "$differences" = '[]' ] || fail "the audit found $differences"
step "nothing is left"
