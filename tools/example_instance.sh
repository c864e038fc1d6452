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

for _ in $(seq 100); do
  if (exec 3<> "/dev/tcp/127.0.0.1/${port}") 2> /dev/null; then
    exit 0
  fi
  sleep 0.1
done
cat "${log}" >&2
exit 1
