#!/bin/bash
# Runs the tests.
#
#   ./test.sh [--require-reference]           everything: installs what the tests need, builds, runs every part
#   ./test.sh fast                            between edits: no installs, no real guests, no PostgreSQL; under 90 s
#   ./test.sh PART…                           core, harness, gabbi, slow, tempest, guests
#   ./test.sh FILTER                          the tests whose full name contains FILTER, of all parts
#
# The last line is "N passed, N failed, N skipped"; above it stands each skip with its reason. --require-reference makes
# a missing ../shared a failure. A test says by its category to which part it belongs: Guest, Harness, Gabbi or Slow; without one
# it is core. fast is core without what needs PostgreSQL. The part tempest is no test of ours but OpenStack's own, counted against a
# list of passes (Nova.Tests/EndToEnd/Tempest). UPDATE_SNAPSHOTS=1 writes the generated files and that list anew.
set -euo pipefail
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/tools/common.sh"

RESULTS=$REPO/TestResults
# shellcheck source=tools/tempest-part.sh
. "$REPO/tools/tempest-part.sh"
TEST_DLL=$REPO/Nova.Tests/bin/Release/net10.0/Nova.Tests.dll
HANG_TIMEOUT=10min
TEST_PACKAGES="curl jq postgresql-15 python3-grpcio python3-protobuf python3-jsonschema python3-openstackclient python3-osc-placement python3-keystone python3-gabbi python3-yaml
  iputils-ping psmisc procps openssh-client util-linux e2fsprogs"

# Each test of ours is in exactly one part: the last of this list whose category it has, else core.
ALL_PARTS=(core harness gabbi slow tempest guests)
part_filter() {
  case $1 in
    guests) echo 'Category=Guest' ;;
    slow) echo 'Category=Slow&Category!=Guest' ;;
    harness) echo 'Category=Harness&Category!=Slow&Category!=Guest' ;;
    gabbi) echo 'Category=Gabbi' ;;
    core | fast) echo 'Category!=Harness&Category!=Gabbi&Category!=Slow&Category!=Guest' ;;
  esac
}

passed=0 failed=0 skipped=0 skips=() broken=()

# Reads a TRX file: one line per test, "OUTCOME<tab>NAME<tab>REASON".
read_trx() {
  awk '
    function attribute(name,   at) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
    function plain(text) { gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#xD;|&#xA;/, " ", text); gsub(/&amp;/, "\\&", text); return text }
    function flush() { if (outcome != "") { gsub(/[\t\r\n]+/, " ", reason); print outcome "\t" plain(name) "\t" plain(reason) } outcome = "" }
    /<UnitTestResult / { flush(); outcome = attribute("outcome"); name = attribute("testName"); reason = ""; inside = 0; if (/\/>[[:space:]]*$/) flush(); next }
    /<\/UnitTestResult>/ { flush(); next }
    outcome != "" && /<(Message|StdOut)>/ { inside = 1; sub(/.*<(Message|StdOut)>/, "") }
    outcome != "" && inside { line = $0; if (sub(/<\/(Message|StdOut)>.*/, "", line)) inside = 0; reason = reason (reason == "" ? "" : " ") line }
  ' "$1"
}

count() {
  local outcome name reason
  while IFS=$'\t' read -r outcome name reason; do
    case $outcome in
      Passed) passed=$((passed + 1)) ;;
      NotExecuted) skipped=$((skipped + 1)); skips+=("$name: ${reason:-no reason given}") ;;
      *) failed=$((failed + 1)); broken+=("$name") ;;
    esac
  done < <(read_trx "$1")
}

# run_tests NAME FILTER: one run of the test program, counted from its result file.
run_tests() {
  local name=$1 filter=$2 trx=$RESULTS/$1.trx code=0 before=$((passed + failed + skipped)) bad=$failed
  say "== $name"
  rm -f "$trx"
  dotnet test "$TEST_DLL" --filter "$filter" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" \
    --results-directory "$RESULTS" --blame-hang-timeout "$HANG_TIMEOUT" --blame-hang-dump-type none </dev/null || code=$?
  if [ -e "$trx" ]; then
    count "$trx"
    grep -o 'failure matrix: [^<&]*' "$trx" | head -1 || true
  fi
  if [ "$code" != 0 ] && [ "$failed" = "$bad" ]; then
    failed=$((failed + 1)); broken+=("$name: the test program ended with code $code")
  elif [ "$((passed + failed + skipped))" = "$before" ] && [ "$alone" = yes ]; then
    failed=$((failed + 1)); broken+=("$name: no test matches")
  fi
}

build_tests() {
  need_dotnet
  say "building"
  dotnet build "$REPO/nova.sln" -c Release -v quiet >"$RESULTS/build.log" 2>&1 ||
    { grep -E 'error' "$RESULTS/build.log" | sort -u | head -30 >&2 || tail -30 "$RESULTS/build.log" >&2; die "the build failed"; }
}

is_part() { [[ " fast ${ALL_PARTS[*]} " == *" $1 "* ]]; }

parts=() filter='' require=''
for argument in "$@"; do
  case $argument in
    --require-reference) require=Reference ;;
    -h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) die "unknown option $argument; see ./test.sh --help" ;;
    *) if is_part "$argument"; then parts+=("$argument"); else filter=$argument; fi ;;
  esac
done
[ -z "$require" ] || export NOVA_TESTS_REQUIRE="$require${NOVA_TESTS_REQUIRE:+,$NOVA_TESTS_REQUIRE}"
alone=no
if [ ${#parts[@]} = 1 ] || [ -n "$filter" ]; then alone=yes; fi
if [ ${#parts[@]} = 0 ] && [ -z "$filter" ]; then parts=("${ALL_PARTS[@]}"); fi

mkdir -p "$RESULTS"
if [ "${parts[*]}" != fast ] && [ -z "$filter" ]; then
  # shellcheck disable=SC2086
  install_packages $TEST_PACKAGES $LIBVIRT_PACKAGES
fi
[ "${parts[*]}" = tempest ] || build_tests
if [ -n "$filter" ]; then run_tests filter "FullyQualifiedName~$filter"; fi
for part in ${parts[@]+"${parts[@]}"}; do
  [ "$part" != fast ] || export NOVA_TESTS_WITHOUT=Postgres
  if [ "$part" = tempest ]; then run_tempest; else run_tests "$part" "$(part_filter "$part")"; fi
done

[ ${#skips[@]} = 0 ] || { echo; echo "Skipped:"; printf '  %s\n' "${skips[@]}"; }
[ ${#broken[@]} = 0 ] || { echo; echo "Failed:"; printf '  %s\n' "${broken[@]}"; }
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
