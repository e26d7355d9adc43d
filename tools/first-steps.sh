# What a new cloud needs before anybody can start a server: flavors, an image, a network. Sourced by run.sh.
# Every step looks first, so that it can be interrupted and run again; DIR/.first-steps says that all are done.

FIRST_FLAVORS=(
  # id name MiB vcpus GiB
  "1 m1.nano 192 1 1"
  "2 m1.tiny 512 1 1"
  "3 m1.small 2048 1 20"
)

# api METHOD PATH [JSON]: prints the answer; fails with the server's sentence.
api() {
  local method=$1 path=$2 body=${3:-} answer code
  answer=$(curl -sS --max-time 60 -X "$method" -H "X-Auth-Token: $token" -H 'Accept: application/json' \
    ${body:+-H 'Content-Type: application/json' -d "$body"} -w '\n%{http_code}' "$url$path") || die "no answer from $url$path"
  code=${answer##*$'\n'} answer=${answer%$'\n'*}
  case $code in
    2*) printf '%s' "$answer" ;;
    *) die "$method $path was refused ($code): $(jq -r '.. | .message? // empty' <<<"$answer" 2>/dev/null | head -1)" ;;
  esac
}

login() {
  [ "$identity" = embedded ] || { token=admin; return 0; }
  [ -r "$data/openrc" ] || as_root test -r "$data/openrc" || die "$data/openrc was not written"
  local answer
  answer=$(as_owner bash -c '. "$1"; jq -n "{auth: {identity: {methods: [\"password\"], password: {user: {name: env.OS_USERNAME, password: env.OS_PASSWORD, domain: {id: \"default\"}}}},
      scope: {project: {name: env.OS_PROJECT_NAME, domain: {id: \"default\"}}}}}"' login "$data/openrc" |
    curl -sS --max-time 60 -i -X POST -H 'Content-Type: application/json' -d @- "$url/identity/v3/auth/tokens")
  token=$(tr -d '\r' <<<"$answer" | sed -n 's/^[Xx]-[Ss]ubject-[Tt]oken: //p')
  [ -n "$token" ] || die "the administrator of $data/openrc cannot log in: $(tail -1 <<<"$answer")"
}

# openrc belongs to whoever runs nova-host; who started run.sh with sudo gets it.
as_owner() { if [ -r "$data/openrc" ]; then "$@"; else as_root "$@"; fi; }

first_flavors() {
  local id name ram vcpus disk known
  known=$(api GET /v2.1/flavors | jq -r '.flavors[].id')
  while read -r id name ram vcpus disk; do
    grep -qx "$id" <<<"$known" ||
      api POST /v2.1/flavors "{\"flavor\": {\"id\": \"$id\", \"name\": \"$name\", \"ram\": $ram, \"vcpus\": $vcpus, \"disk\": $disk}}" >/dev/null
  done < <(printf '%s\n' "${FIRST_FLAVORS[@]}")
}

first_image() {
  local id file=$1 format=$2
  id=$(api GET '/image/v2/images?name=guest' | jq -r '.images[] | select(.status == "active") | .id' | head -1)
  [ -z "$id" ] || return 0
  # One that was begun and not finished is in the way of nobody, but has no bytes.
  for id in $(api GET '/image/v2/images?name=guest' | jq -r '.images[].id'); do api DELETE "/image/v2/images/$id" >/dev/null; done
  id=$(api POST /image/v2/images "{\"name\": \"guest\", \"disk_format\": \"$format\", \"container_format\": \"bare\", \"visibility\": \"public\", \"min_disk\": 1, \"min_ram\": 128}" | jq -r .id)
  curl -sS --max-time 300 -f -X PUT -H "X-Auth-Token: $token" -H 'Content-Type: application/octet-stream' \
    --data-binary "@$file" "$url/image/v2/images/$id/file" || die "the guest image could not be uploaded"
}

# A small range that no interface and no route of this machine overlaps.
free_range() {
  local n used
  used=$({ ip -4 -o address; ip -4 route; } 2>/dev/null || true)
  for n in $(seq 0 254); do
    grep -q "10\.77\.$n\." <<<"$used" || { echo "10.77.$n"; return 0; }
  done
  die "no free range among 10.77.0.0/16 for the first network"
}

first_network() {
  local id range
  id=$(api GET '/network/v2.0/networks?name=public' | jq -r '.networks[0].id // empty')
  [ -n "$id" ] || id=$(api POST /network/v2.0/networks '{"network": {"name": "public", "shared": true, "router:external": true, "provider:network_type": "flat"}}' | jq -r .network.id)
  [ -z "$(api GET "/network/v2.0/subnets?network_id=$id" | jq -r '.subnets[0].id // empty')" ] || return 0
  range=$(free_range)
  api POST /network/v2.0/subnets "{\"subnet\": {\"network_id\": \"$id\", \"name\": \"public-v4\", \"ip_version\": 4, \"cidr\": \"$range.0/24\", \"gateway_ip\": \"$range.1\"}}" >/dev/null
}

# Lets ping and ssh into the guests of both projects: the default group of a new project refuses them otherwise.
first_rules() {
  local group protocol
  for group in $(api GET '/network/v2.0/security-groups?name=default' | jq -r '.security_groups[].id'); do
    for protocol in '"protocol": "icmp"' '"protocol": "tcp", "port_range_min": 22, "port_range_max": 22'; do
      curl -sS --max-time 60 -o /dev/null -X POST -H "X-Auth-Token: $token" -H 'Content-Type: application/json' "$url/network/v2.0/security-group-rules" \
        -d "{\"security_group_rule\": {\"security_group_id\": \"$group\", \"direction\": \"ingress\", \"ethertype\": \"IPv4\", $protocol}}"
    done
  done
}

# first_steps URL DIR DRIVER IDENTITY
first_steps() {
  local url=$1 data=$2 driver=$3 identity=$4 token='' image
  [ ! -e "$data/.first-steps" ] || return 0
  if [ "$driver" = libvirt ]; then ensure_guest_image; image=$GUEST_IMAGE_DIR/guest.qcow2; fi
  login
  say "making a first network, flavors and an image"
  first_flavors
  if [ -n "${image:-}" ]; then
    first_image "$image" qcow2
  else
    # The fake driver boots anything.
    image=$(mktemp); truncate -s 1M "$image"
    first_image "$image" raw
    rm -f "$image"
  fi
  first_network
  first_rules
  launch_as touch "$data/.first-steps"
}
