#!/bin/sh
# Makes the histories anew and lets this machine's Erlang go through them:
#   tests/Prismatic.Orleans.Tests/Conformance/Oracle/erlang/regenerate.sh [--seed 1] [--count 2400]
# Needs erlang-base (Debian: apt-get install erlang-base). The same seed, count and OTP release give the same bytes.
set -eu

seed=1
count=2400
while [ $# -gt 0 ]; do
  case "$1" in
    --seed) seed="$2"; shift 2 ;;
    --count) count="$2"; shift 2 ;;
    *) echo "regenerate.sh: found the argument '$1', expected --seed NUMBER or --count NUMBER." >&2; exit 2 ;;
  esac
done

here=$(cd "$(dirname "$0")" && pwd)
beams=$(mktemp -d)
trap 'rm -rf "$beams"' EXIT
erlc -o "$beams" "$here"/*.erl

# One scheduler: what a supervisor causes, the journal then sees in that order.
erl +S 1:1 -noshell -pa "$beams" -kernel logger_level none -s oracle_run main -extra "$seed" "$count" > "$beams/histories.jsonl"
gzip -n -9 < "$beams/histories.jsonl" > "$here/../erlang-histories.jsonl.gz"
echo "$(wc -l < "$beams/histories.jsonl") histories, seed $seed, OTP $(erl -noshell -eval 'io:format("~s", [erlang:system_info(otp_release)]), halt().')"
