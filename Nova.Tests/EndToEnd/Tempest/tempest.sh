#!/bin/bash
# Runs Tempest against a nova-host of its own: all roles, four hosts of the fake driver, embedded neighbours.
#
#   tempest.sh REPOSITORY WORKDIR [REGEX [SECONDS]]
#
# Writes WORKDIR/results.tsv (one line per test: passed, failed or skipped, its name, the reason), and fails only when there is
# nothing to count. The port is a free one, and everything is below WORKDIR. left-out.txt names the tests that are not run, and
# alone.txt those that need the cloud for themselves.
set -euo pipefail
repo=$1 work=$(realpath "$2") regex=${3:-^tempest\\.api\\.compute} seconds=${4:-660}
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
HOSTS=4 CONCURRENCY=4
FILTERS=RequestedHostFilter,RetryFilter,ComputeFilter,AvailabilityZoneFilter,TraitsFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter
FILTERS+=,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,SameHostFilter,DifferentHostFilter,CapacityFilter
# shellcheck source=../../../tools/common.sh
. "$repo/tools/common.sh"
# shellcheck source=../../../tools/first-steps.sh
. "$repo/tools/first-steps.sh"

data=$work/data
end() { "$repo/run.sh" --stop --data "$data" --driver fake >/dev/null 2>&1 || true; }
trap end EXIT

# Every filter that Tempest has a test of.
start() {
  export NOVA__SCHEDULER__FILTERS=$FILTERS
  "$repo/run.sh" --background --driver fake --hosts "$HOSTS" --port 0 --data "$data" >"$work/start.log" 2>&1 || { cat "$work/start.log" >&2; die "nova-host did not start"; }
  url=$(sed -n 's/^ready \(http[^ ]*\) in .*/\1/p' "$work/start.log")
  identity=embedded
  login
}

image() {
  local id
  id=$(api POST /image/v2/images "{\"name\": \"$1\", \"disk_format\": \"raw\", \"container_format\": \"bare\", \"visibility\": \"public\"}" | jq -r .id)
  curl -sS --max-time 60 -f -X PUT -H "X-Auth-Token: $token" -H 'Content-Type: application/octet-stream' --data-binary "@$work/image.raw" "$url/image/v2/images/$id/file" >&2
  echo "$id"
}

flavor() { api POST /v2.1/flavors "{\"flavor\": {\"id\": \"$1\", \"name\": \"tempest-$1\", \"ram\": $2, \"vcpus\": 1, \"disk\": 1}}" | jq -r .flavor.id; }

# The first network is the one to the outside. It is not shared, so that a server without a wish gets its project's own.
outside() {
  local id
  id=$(api GET '/network/v2.0/networks?name=public' | jq -r '.networks[0].id')
  api PUT "/network/v2.0/networks/$id" '{"network": {"shared": false}}' | jq -r .network.id
}

configure() {
  local extensions
  truncate -s 1M "$work/image.raw"
  extensions=$(api GET /network/v2.0/extensions | jq -r '[.extensions[].alias] | join(",")')
  # shellcheck disable=SC1091
  (. "$data/openrc" && sed \
    -e "s|@WORK@|$work|; s|@USER@|$OS_USERNAME|; s|@PASSWORD@|$OS_PASSWORD|; s|@PROJECT@|$OS_PROJECT_NAME|; s|@AUTH_URL@|$OS_AUTH_URL|; s|@HOSTS@|$HOSTS|" \
    -e "s|@IMAGE@|$(image tempest)|; s|@IMAGE_ALT@|$(image tempest-alt)|; s|@IMAGE_FILE@|$work/image.raw|" \
    -e "s|@FLAVOR@|$(flavor 42 128)|; s|@FLAVOR_ALT@|$(flavor 84 192)|" \
    -e "s|@PUBLIC_NETWORK@|$(outside)|" \
    -e "s|@NETWORK_EXTENSIONS@|$extensions|" \
    "$here/tempest.conf" >"$work/tempest/etc/tempest.conf")
}

# Without the caller's variables: OS_* would be taken for the cloud, and proxies for the way to it.
clean() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$work/home" LANG=C.UTF-8 no_proxy='*' "$@"; }

# run SECONDS OPTION…: the tests that failed are in what it writes.
run() { clean timeout -s INT -k 20 "$1" tempest run --subunit "${@:2}" 2>>"$work/run.log" || true; }

mkdir -p "$work/home" "$work/locks"
cd "$work"
start
clean tempest init "$work/tempest" >"$work/init.log" 2>&1 || { cat "$work/init.log" >&2; die "tempest init failed"; }
configure
cd "$work/tempest"
grep -hv '^#' "$here/left-out.txt" "$here/alone.txt" >"$work/exclude.txt"
grep -v '^#' "$here/alone.txt" >"$work/alone.txt"
run "$seconds" --regex "$regex" --concurrency "$CONCURRENCY" --exclude-list "$work/exclude.txt" >"$work/subunit"
run 120 --serial --include-list "$work/alone.txt" >>"$work/subunit"
clean /usr/bin/python3 "$here/results.py" <"$work/subunit" >"$work/results.tsv"
[ -s "$work/results.tsv" ] || { tail -20 "$work/run.log" >&2; die "Tempest ran no test"; }
