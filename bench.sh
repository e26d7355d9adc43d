#!/bin/bash
# Runs one benchmark; prints a table for people and, as its last line, one JSON object (docs/performance.md).
#
#   ./bench.sh start [--identity embedded|test]
#   ./bench.sh boots --hosts N --servers M [--clients K] [--database sqlite|postgres] [--verify]
#   ./bench.sh placement [--providers N,N] [--database sqlite|postgres]
#   ./bench.sh api [--servers N] [--database sqlite|postgres]
#   ./bench.sh --help                          all benchmarks and options
set -euo pipefail
# shellcheck source=tools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/tools/common.sh"

build_host
dotnet build "$REPO/Nova.Tests" -c Release -v quiet >"$HOST_BUILD/.bench.log" 2>&1 ||
  { grep -E 'error' "$HOST_BUILD/.bench.log" | sort -u | head -20 >&2; die "the build failed"; }
export NOVA_HOST
exec dotnet "$REPO/Nova.Tests/bin/Release/net10.0/Nova.Tests.dll" "$@"
