#!/usr/bin/env bash
# Turns the inputs of action.yml into one command line. Every input stays one
# word: nothing here is split, expanded or run by a shell.
set -euo pipefail

refuse() {
  echo "::error title=FlowOps::$1" >&2
  echo "exit-code=64" >> "${GITHUB_OUTPUT}"
  exit 64
}

words=()
case "${INPUT_COMMAND}" in
  check)
    words+=(check)
    ;;
  plan | render | promote)
    # A name that starts with a dash would be read as an option.
    case "${INPUT_ENVIRONMENT}" in
      "") refuse "this command needs the input 'environment'" ;;
      -*) refuse "the input 'environment' must not start with a dash" ;;
    esac
    words+=("${INPUT_COMMAND}" "${INPUT_ENVIRONMENT}")
    ;;
  *)
    refuse "the input 'command' must be check, plan, render or promote"
    ;;
esac
words+=(--project "${INPUT_PROJECT}")

while IFS= read -r line; do
  if [[ -n "${line}" ]]; then
    words+=("${line}")
  fi
done <<< "${INPUT_ARGUMENTS}"

# -I: a file named yaml.py in the workspace must not be imported instead of PyYAML.
code=0
"${VENV}/bin/python" -I -m flowops "${words[@]}" || code=$?
echo "exit-code=${code}" >> "${GITHUB_OUTPUT}"
exit "${code}"
