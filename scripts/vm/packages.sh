# shellcheck shell=bash
# rpm and dnf for the steps that install something. Sourced after lib.sh.

# Azure's RHEL images update themselves in their first minutes and hold the locks of rpm and dnf while they do.
readonly PACKAGES_DEADLINE_SECONDS=600

is_passing_trouble() {
  grep --quiet --ignore-case --extended-regexp \
    'transaction lock|another app|waiting for process|could not resolve|timed out|connection (refused|reset)|failed to download metadata' \
    <<<"$1"
}

# run_rpm ARGUMENT...: waits while another process holds the database; shows what rpm said if it fails.
run_rpm() {
  run_installer rpm "$@"
}

# run_dnf ARGUMENT...: dnf waits for its own lock without an end, so the whole run gets one.
run_dnf() {
  run_installer timeout "${PACKAGES_DEADLINE_SECONDS}" dnf --assumeyes --quiet "$@"
}

run_installer() {
  if ! retry_until "${PACKAGES_DEADLINE_SECONDS}" "$@"; then
    printf '%s\n' "${REPLY}" >&2
    return 1
  fi
}

is_installed() {
  rpm --query --quiet --whatprovides "$1" 2>/dev/null
}
