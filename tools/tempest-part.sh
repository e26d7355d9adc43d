# The part tempest of test.sh, which sources this: OpenStack's own tests of the Compute API, counted like ours.
TEMPEST_VERSION=33.0.0
TEMPEST_FILES=$REPO/Nova.Tests/EndToEnd/Tempest
TEMPEST_RESULTS=$RESULTS/tempest

# Says why Tempest cannot run here; nothing when it can.
tempest_missing() {
  local version
  (install_packages tempest jq curl) || { echo "tempest cannot be installed"; return; }
  command -v tempest >/dev/null && version=$(/usr/bin/python3 -c 'from importlib.metadata import version; print(version("tempest"))' 2>/dev/null) ||
    { echo "tempest is not installed (Debian package tempest)"; return; }
  [ "$version" = "$TEMPEST_VERSION" ] || echo "tempest is $version, and the list of passes is that of $TEMPEST_VERSION"
}

# Runs it in a temporary folder; what is worth reading afterwards stays in TestResults/tempest.
tempest_run() {
  local work code=0
  rm -rf "$TEMPEST_RESULTS"; mkdir -p "$TEMPEST_RESULTS"
  work=$(mktemp -d "${TMPDIR:-/tmp}/nova-tempest.XXXXXX")
  "$TEMPEST_FILES/tempest.sh" "$REPO" "$work" || code=$?
  cp "$work"/results.tsv "$work"/subunit "$work"/*.log "$work"/data/nova-host.log* "$TEMPEST_RESULTS" 2>/dev/null || true
  rm -rf "$work"
  return "$code"
}

# tempest_names OUTCOME…: the tests that ended so.
tempest_names() { awk -F'\t' -v outcomes="$*" 'index(outcomes, $1) { print $2 }' "$TEMPEST_RESULTS/results.tsv" | LC_ALL=C sort -u; }

# Passes are counted one by one; failures, and passes of the list that are none any more, fail the run. What Tempest skips by
# itself, for a feature that the cloud has not, is printed and not counted.
run_tempest() {
  local reason name list=$TEMPEST_FILES/passes.txt
  say "== tempest"
  reason=$(tempest_missing)
  if [ -n "$reason" ]; then
    if [[ ",${NOVA_TESTS_REQUIRE:-}," == *,Tempest,* ]]; then failed=$((failed + 1)); broken+=("tempest: $reason")
    else skipped=$((skipped + 1)); skips+=("tempest: $reason"); fi
    return
  fi
  tempest_run || { failed=$((failed + 1)); broken+=("tempest: it did not run"); return; }

  echo "Skipped by Tempest itself:"
  awk -F'\t' '$1 == "skipped" { print $3 }' "$TEMPEST_RESULTS/results.tsv" | sort | uniq -c | sort -rn
  echo "Left out:"
  sed -n '/^#/!s/^/  /p' "$TEMPEST_FILES/left-out.txt"
  if [ "${UPDATE_SNAPSHOTS:-}" = 1 ]; then tempest_names passed >"$list"; fi
  name=$(LC_ALL=C comm -13 "$list" <(tempest_names passed))
  [ -z "$name" ] || printf 'Passes that are not in passes.txt yet (UPDATE_SNAPSHOTS=1 ./test.sh tempest writes it anew):\n%s\n' "$name"
  passed=$((passed + $(tempest_names passed | wc -l)))
  while read -r name; do failed=$((failed + 1)); broken+=("$name"); done < <(
    awk -F'\t' '$1 == "failed" { print $2 ": " $3 }' "$TEMPEST_RESULTS/results.tsv"
    LC_ALL=C comm -23 "$list" <(tempest_names passed failed) | sed 's/$/: is in passes.txt, and did not pass/'
  )
}
