# shellcheck shell=bash
# rpm and dnf for the steps that install something. Sourced after lib.sh.

# Azure's RHEL images update themselves in their first minutes and lock rpm and dnf meanwhile.
readonly PACKAGES_DEADLINE_SECONDS=600

is_temporary_failure() {
  grep --quiet --ignore-case --extended-regexp \
    'transaction lock|another app|waiting for process|could not resolve|timed out|connection (refused|reset)|failed to download metadata' \
    <<<"$1"
}

# run_rpm ARGUMENT...: waits while another process locks the database; prints rpm's output if it fails.
run_rpm() {
  run_installer rpm "$@"
}

# run_dnf ARGUMENT...: dnf waits for its lock without a limit, so the whole run gets one.
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

# install_package NAME: from the enabled repositories. A file records it, for remove_package.
install_package() {
  local record="${STATE_FOLDER}/$1-installed"
  mkdir --parents "${STATE_FOLDER}"
  touch "${record}"
  if ! run_dnf install "$1"; then
    rm --force "${record}"
    fail "the package $1 could not be installed"
  fi
}

# remove_package NAME: only if install_package installed it.
remove_package() {
  local record="${STATE_FOLDER}/$1-installed"
  [[ -e ${record} ]] || return 0
  if is_installed "$1"; then
    run_dnf remove "$1" || fail "the package $1 could not be removed"
  fi
  rm --force "${record}"
  rmdir --ignore-fail-on-non-empty "${STATE_FOLDER}"
}
