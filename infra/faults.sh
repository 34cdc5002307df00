#!/usr/bin/env bash
# The long fault scenarios: silos are killed, stopped and parted, the database restarts, slows down and goes away, while a load runs; a checker
# says what was lost or doubled. Takes an hour or two. Writes artifacts/faults/report.md and the histories beside it.
#   infra/faults.sh [--seed N] [--only NAME ...] [--arms Platform Bare DefaultMembership] [--times N] [--pace SHARE] [--report FILE]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
project=tests/Prismatic.Orleans.SystemTests
dotnet build "$project" -c Release -v q
exec dotnet "$project/bin/Release/net10.0/Prismatic.Orleans.SystemTests.dll" faults "$@"
