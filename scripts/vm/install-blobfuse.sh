#!/usr/bin/env bash
# Installs blobfuse2 from Microsoft's package repository.
#   apply <packages_url> <rhel_major>   for example: apply https://packages.microsoft.com 8
#   remove  [apply's arguments]
set -o errexit -o nounset -o pipefail
here=$(dirname "$(readlink --canonicalize "$0")")
# shellcheck source=scripts/vm/lib.sh
source "${here}/lib.sh"
# shellcheck source=scripts/vm/packages.sh
source "${here}/packages.sh"

readonly USAGE='install-blobfuse.sh apply|remove <packages_url> <8|9>'
readonly REPOSITORY_PACKAGE=packages-microsoft-prod
# The signing keys before the installation: `remove` removes all others.
readonly KEYS_BEFORE=${STATE_FOLDER}/keys-before

# repository_values SED_SCRIPT: distinct values in the .repo file of Microsoft's repository package.
repository_values() {
  rpm --query --list "${REPOSITORY_PACKAGE}" | grep '\.repo$' |
    xargs --no-run-if-empty sed --quiet --regexp-extended "$1" | sort --unique
}

signing_keys() {
  rpm --query --all gpg-pubkey | sort
}

install_repository() {
  local url="$1/config/rhel/$2/${REPOSITORY_PACKAGE}.rpm" key
  if ! is_installed "${REPOSITORY_PACKAGE}"; then
    run_rpm --upgrade "${url}" || fail "${url} could not be installed"
  fi
  if [[ ! -e ${KEYS_BEFORE} ]]; then
    mkdir --parents "${STATE_FOLDER}"
    signing_keys >"${KEYS_BEFORE}.new"
    mv --force "${KEYS_BEFORE}.new" "${KEYS_BEFORE}"
  fi
  # With the key imported dnf does not run GnuPG.
  while read -r key; do
    run_rpm --import "${key}" || fail "the signing key ${key} could not be imported"
  done < <(repository_values 's/^gpgkey *= *(.*)$/\1/p')
}

install_blobfuse() {
  local ids
  ids=$(repository_values 's/^\[(.*)\]$/\1/p' | paste --serial --delimiters=,)
  if is_installed fuse3; then
    # Only from Microsoft's repository: the metadata of RHEL's repositories takes a minute to download.
    run_dnf --noplugins --disablerepo='*' --enablerepo="${ids}" install blobfuse2
  else
    run_dnf install blobfuse2 fuse3
  fi || fail "blobfuse2 could not be installed from ${ids}"
}

apply() {
  [[ $# -eq 2 ]] || usage_error "apply takes two arguments, got $#" "${USAGE}"
  [[ $1 =~ ^https://[A-Za-z0-9.-]+(:[0-9]+)?$ ]] ||
    fail "packages_url is '$1'; give https://<host> without a path, for example https://packages.microsoft.com"
  [[ $2 == 8 || $2 == 9 ]] || fail "rhel_major is '$2'; give 8 or 9"
  require_root
  if ! is_installed blobfuse2; then
    install_repository "$1" "$2"
    install_blobfuse
  fi
  say "blobfuse2 $(rpm --query --queryformat '%{VERSION}-%{RELEASE}' blobfuse2) is installed"
}

remove() {
  local package key
  require_root
  for package in blobfuse2 "${REPOSITORY_PACKAGE}"; do
    if is_installed "${package}"; then
      run_rpm --erase "${package}" || fail "${package} could not be removed"
    fi
  done
  if [[ -e ${KEYS_BEFORE} ]]; then
    for key in $(signing_keys | comm -23 - "${KEYS_BEFORE}"); do
      run_rpm --erase "${key}" || fail "the signing key ${key} could not be removed"
    done
    rm --force "${KEYS_BEFORE}" "${KEYS_BEFORE}.new"
    rmdir --ignore-fail-on-non-empty "${STATE_FOLDER}"
  fi
  say "blobfuse2 and its repository are removed"
}

case "${1:-}" in
apply | remove) "$@" ;;
*) usage_error "the first argument is apply or remove, got '${1:-}'" "${USAGE}" ;;
esac
