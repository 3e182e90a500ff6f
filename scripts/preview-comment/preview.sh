#!/usr/bin/env bash
# Previews a stack and leaves in a folder what the comment is made of. The status is that of the preview.
#   preview.sh <stack> <folder>
#   preview.json  the changes     diff.txt  the same as a person reads them     error.txt  what Pulumi complained of
set -o errexit -o nounset -o pipefail

if [[ $# -ne 2 ]]; then
  printf 'usage: preview.sh <stack> <folder>\n' >&2
  exit 64
fi
stack=$1 folder=$2

mkdir -p "${folder}"
: >"${folder}/diff.txt"
status=0
pulumi preview --stack "${stack}" --non-interactive --json \
  >"${folder}/preview.json" 2>"${folder}/error.txt" || status=$?
cat "${folder}/error.txt" >&2
if ((status == 0)); then
  pulumi preview --stack "${stack}" --non-interactive --diff --color never |
    tee "${folder}/diff.txt" || status=$?
fi
exit "${status}"
