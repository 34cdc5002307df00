#!/usr/bin/env bash
# Makes what compose.yaml needs and no repository may hold: a password, the connection string with it, a token, and .env.
# What is there already is kept. Nothing is printed but where it lies.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077
mkdir -p secrets

# 32 bytes of randomness in letters and digits, which no connection string needs to quote.
random() {
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

[ -s secrets/password ] || random >secrets/password
[ -s secrets/token ] || random >secrets/token
printf 'Host=172.30.30.10;Database=prismatic;Username=prismatic;Password=%s' "$(cat secrets/password)" >secrets/connection-string

# The silos run as whoever owns the files.
printf 'PRISMATIC_USER=%s:%s\n' "$(id -u)" "$(id -g)" >.env
if [ -n "${DOTNET_IMAGES:-}" ]; then
  printf 'DOTNET_IMAGES=%s\n' "$DOTNET_IMAGES" >>.env
fi
echo "The secrets are in $PWD/secrets, and what compose reads is in $PWD/.env."
