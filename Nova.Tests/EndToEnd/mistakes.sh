#!/bin/bash
# What a new user does wrong, with the project's own commands and the stock client on the fake driver: each mistake gets a
# message that says what happened and what to do next. Usage: mistakes.sh REPOSITORY WORKDIR PORT
set -euo pipefail
repo=$1 work=$2 port=$3 data=$2/data
step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; tail -20 "$data/nova-host.log" >&2 || true; exit 1; }
run() { "$repo/run.sh" "$@" --driver fake; }
end() { run --stop --purge --data "$data" >/dev/null 2>&1 || true; }
trap end EXIT
# The quota must not be what refuses a large flavor.
export NOVA__QUOTA__RAM=-1

# refused COMMAND…: it must fail, and without a stack trace; what it said is in $said.
refused() {
  if said=$("$@" 2>&1 </dev/null); then fail "this should have been refused: $*: $said"; fi
  ! grep -qE '^ +at |Traceback' <<<"$said" || fail "a stack trace: $said"
}
# says WORDS…: the last refusal has each of them.
says() { local word; for word in "$@"; do grep -qF -- "$word" <<<"$said" || fail "'$word' is not in: $said"; done; printf '   %s\n' "$(grep -v '^$' <<<"$said" | tail -1 | cut -c1-200)"; }

step "run.sh is killed in the middle, twice, and run again"
for seconds in 3 6; do
  timeout -s KILL "$seconds" setsid "$repo/run.sh" --background --data "$data" --port "$port" --driver fake >"$work/killed.log" 2>&1 || true
done
run --background --data "$data" --port "$port" >"$work/run.log" 2>&1 || { cat "$work/run.log" >&2; fail "run.sh after it was killed"; }
grep -q "^ready http://127.0.0.1:$port" "$work/run.log" || fail "it does not say where it listens"
# shellcheck disable=SC1091
. "$data/openrc"
[ "$(openstack flavor list -f value -c Name | sort | tr '\n' ' ')" = "m1.nano m1.small m1.tiny " ] || fail "the flavors are not each there once"
[ "$(openstack image list -f value -c Name -c Status)" = "guest active" ] || fail "the image is not there once"
[ "$(openstack network list -f value -c Name)" = public ] || fail "the network is not there once"

step "a wrong password"
refused env OS_PASSWORD=wrong openstack server list
says "The request you have made requires authentication" "401"

step "an unknown image"
refused openstack server create --image no-such-image --flavor m1.nano --network public vm1
says "no-such-image"
refused openstack server create --image 11111111-2222-3333-4444-555555555555 --flavor m1.nano --network public vm1
says "11111111-2222-3333-4444-555555555555"

step "a name of 300 characters"
refused openstack server create --image guest --flavor m1.nano --network public "$(printf 'x%.0s' {1..300})"
says "is too long" "400"

step "a flavor that no host can carry"
openstack flavor create --id huge --ram 1000000000 --vcpus 1 --disk 1 m1.huge >/dev/null
openstack server create --image guest --flavor m1.huge --network public --wait big >"$work/big.log" 2>&1 || true
said=$(openstack server show big -f value -c fault 2>&1 || cat "$work/big.log")
says "No valid host was found" "MB"
openstack server delete big

step "a port that is in use"
refused "$repo/run.sh" --background --data "$work/second" --port "$port" --driver fake --identity test
says "cannot listen on 127.0.0.1:$port" "Choose another with --port"

step "a data directory that cannot be written"
touch "$work/file"
refused "$repo/run.sh" --background --data "$work/file" --port "$((port + 1))" --driver fake
says "$work/file" "--data"
refused "$repo/run.sh" --background --data "/proc/nova" --port "$((port + 1))" --driver fake
says "/proc/nova" "--data"

# QEMU would run as another user and pass through this folder; without that it is the first thing refused.
chmod o+x "$work"
step "libvirt does not run"
refused "$repo/.build/nova-host/nova-host" --driver libvirt --identity test --data "$work/third" --port 0 --admin-listen 127.0.0.1:0 --config <(echo '{"libvirt": {"uri": "qemu+unix:///system?socket=/nonexistent/libvirt-sock"}}')
says "libvirt" "/nonexistent/libvirt-sock" "systemctl start"

step "a setting that does not exist, and one that cannot be"
refused "$repo/.build/nova-host/nova-host" --driver fake --port many --config <(echo '{"quota": {"coers": 1}}')
says "quota.coers" "did you mean quota.cores?" "server.port"

step "no instance to ask"
refused "$repo/.build/nova-host/nova-host" operations list --port 1 --data "$data"
says "no instance answers" "--port"
echo done
