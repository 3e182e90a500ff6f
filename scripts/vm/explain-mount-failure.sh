#!/usr/bin/env bash
# Reads what blobfuse2 logged on standard input and says what it means and what to do.
# Status: 0 it stays so until someone acts; 75 it can heal by itself; 1 none of the known causes.
set -o errexit -o nounset -o pipefail

readonly UNKNOWN=1

status_of() {
  case "$1" in
  stays) return 0 ;;
  can-heal) return 75 ;;
  esac
}

# Kind, pattern (a case-insensitive extended regular expression), explanation. The first match counts, so
# the storage service's own codes stand before the general words that blobfuse2 wraps them in.
# https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
# https://github.com/Azure/azure-storage-fuse/blob/main/TSG.md
explain() {
  while IFS='|' read -r kind pattern text; do
    if grep --quiet --ignore-case --extended-regexp "${pattern//:OR:/|}" <<<"$1"; then
      printf '%s\n' "${text}"
      status_of "${kind}"
      return
    fi
  done <<'CAUSES'
stays|ContainerNotFound|The storage account has no such container (ContainerNotFound). Create it, or correct `container` in the config.
stays|ContainerBeingDeleted|The container was deleted just now (ContainerBeingDeleted); Azure takes a while until its name can be used again. Wait some minutes and apply again.
can-heal|AuthorizationPermissionMismatch|The identity may not read the container (AuthorizationPermissionMismatch). Give it the role "Storage Blob Data Reader"; a new role assignment can take ten minutes to count.
stays|AuthenticationFailed:OR:InvalidAuthenticationInfo|The storage account refused the credential (AuthenticationFailed). Check the account key, or the SAS and its end date, and that this machine's clock is right.
stays|KeyBasedAuthenticationNotPermitted|The storage account allows no account keys (KeyBasedAuthenticationNotPermitted). Use managed identity or a service principal, or allow key access.
stays|AuthorizationFailure|The storage account refused the request (AuthorizationFailure). Check the credential, and that the account's network rules let this machine in.
stays|AuthorizationResourceTypeMismatch:OR:AuthorizationServiceMismatch:OR:AuthorizationProtocolMismatch|The SAS does not cover what the mount needs. It needs read and list on service "blob", resource types "container" and "object".
stays|AccountIsDisabled|The storage account is disabled (AccountIsDisabled).
stays|invalid_client:OR:AADSTS[0-9]+|Microsoft Entra ID refused the service principal. Check tenantid, clientid and clientsecret in the config.
stays|knows no Entra ID|The stand-in for blobfuse2 signs in with an account key or a SAS only. Choose one of them, or name a real blobfuse2.
can-heal|identity not found:OR:169\.254\.169\.254|The machine has no managed identity yet, or not the one that the config names. Assign it to the VM.
stays|mount directory is not empty|The mount point is not empty. Move its files elsewhere and apply again.
stays|directory is already mounted|Something is mounted at the mount point already. Unmount it (sudo umount <mount point>) and apply again.
stays|mount directory does not exist|The mount point does not exist. Apply this step again: it creates it.
stays|temp directory not empty:OR:directory is not empty|The cache folder is not empty, and blobfuse2 would not start on it. Empty it and apply again.
stays|certificate signed by unknown authority:OR:failed to verify certificate:OR:x509:|The storage endpoint's TLS certificate could not be verified. Check the endpoint, this machine's clock and its CA bundle.
can-heal|no such host:OR:server misbehaving:OR:could not resolve:OR:Temporary failure in name resolution|The storage account's name cannot be resolved. Check the account name and the DNS (or the private DNS zone) of this machine.
can-heal|does not look like a TLS handshake|Something else than the storage service answers at the endpoint, for example a proxy before a service that is not up. Check `endpoint` in the config.
can-heal|connection refused|Nothing listens at the storage endpoint (connection refused). Check `endpoint` in the config.
can-heal|i/o timeout:OR:deadline exceeded:OR:no route to host:OR:network is unreachable|The storage endpoint does not answer. Check the network security group, routes and the account's firewall.
stays|failed to open /dev/fuse:OR:fuse: device not found|This machine has no FUSE device. Load the kernel module: sudo modprobe fuse.
stays|fusermount3?.*not found:OR:exec: .fusermount|fusermount3 is missing. Install the package fuse3.
stays|account name not provided:OR:container name not provided:OR:invalid config file:OR:failed to unmarshal config:OR:config error|blobfuse2 does not take the config file; the lines above say which key.
CAUSES
  return "${UNKNOWN}"
}

explain "$(cat)"
