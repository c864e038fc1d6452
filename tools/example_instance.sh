#!/usr/bin/env bash
# Starts the Amazon Connect instance of an example environment on this machine and
# waits until it answers. It ends with the job.
#
# usage: example_instance.sh ENVIRONMENT PORT
set -euo pipefail
cd "$(dirname "$0")/.."

environment="$1"
port="$2"
log="$(mktemp)"

make --silent .venv/runtime
.venv/bin/flowops sandbox "environments/sandbox/${environment}.yaml" --port "${port}" \
  > "${log}" 2>&1 &

instance="$!"

# Its own words tell that it answers; the port alone could be somebody else's.
for _ in $(seq 100); do
  if grep --quiet "^Serving " "${log}"; then
    exit 0
  fi
  kill -0 "${instance}" 2> /dev/null || break
  sleep 0.1
done
cat "${log}" >&2
exit 1
