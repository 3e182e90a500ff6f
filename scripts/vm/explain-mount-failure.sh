#!/usr/bin/env bash
# Reads blobfuse2's log from standard input; prints what it means and what to do.
# Status: 0 someone must act; 69 it may end within a minute or two; 75 it may take ten; 1 none of the known causes.
set -o errexit -o nounset -o pipefail

readonly UNKNOWN=1

status_of() {
  case "$1" in
  permanent) return 0 ;;
  outage) return 69 ;;
  slow) return 75 ;;
  esac
}

# Kind, pattern (a case-insensitive extended regular expression), explanation. The first match counts, so
# the storage service's codes come before blobfuse2's general messages, which contain them.
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
permanent|ContainerNotFound|The storage account has no such container (ContainerNotFound): it was deleted. This creates it again: pulumi up --refresh (the lab on one machine: ./lab up).
permanent|ContainerBeingDeleted|The container was deleted just now (ContainerBeingDeleted); its name cannot be used for some minutes. Apply again later.
slow|AuthorizationPermissionMismatch|The identity may not read the container (AuthorizationPermissionMismatch): it lacks the role "Storage Blob Data Reader", or has had it for less than the ten minutes that a new role assignment can take to count. This assigns the role again if it was removed: pulumi up --refresh (the lab on one machine: ./lab up).
permanent|Signature not valid in the specified time frame|The SAS has ended, or this machine's clock is wrong (AuthenticationFailed). This writes a new SAS: pulumi up (the lab on one machine: ./lab up).
permanent|AuthenticationFailed:OR:InvalidAuthenticationInfo:OR:Server failed to authenticate the request|The storage account refused the credential (AuthenticationFailed): its key was regenerated, the SAS has ended, or this machine's clock is wrong. This writes the current key or a new SAS: pulumi up (the lab on one machine: ./lab up).
permanent|KeyBasedAuthenticationNotPermitted|The storage account accepts no keys, nor a SAS made with one (KeyBasedAuthenticationNotPermitted): its setting was changed. This allows them again, if storageAuthentication is key or sas: pulumi up --refresh (the lab on one machine: ./lab up). Without keys, set storageAuthentication to managedIdentity.
permanent|AuthorizationFailure|The storage account refused the request (AuthorizationFailure). Check the credential, and that the account's network rules allow this machine.
permanent|AuthorizationResourceTypeMismatch:OR:AuthorizationServiceMismatch:OR:AuthorizationProtocolMismatch|The SAS does not cover what the mount needs. It needs read and list on service "blob", resource types "container" and "object".
permanent|AccountIsDisabled|The storage account is disabled (AccountIsDisabled).
permanent|invalid_client:OR:AADSTS[0-9]+|Microsoft Entra ID refused the service principal (the lines above have its AADSTS number): its secret has ended or is wrong, or it was deleted. Correct storageServicePrincipal (pulumi config set --secret --path storageServicePrincipal.clientSecret), then pulumi up (the lab on one machine: ./lab up).
slow|identity not found:OR:169\.254\.169\.254|The VM has no managed identity yet, or not the one in the config: it was removed, or assigned just now. This assigns it again: pulumi up --refresh (the lab on one machine: ./lab up).
permanent|mount directory is not empty|The mount point is not empty. Move its files elsewhere and apply again.
permanent|directory is already mounted|The mount point is already mounted. Unmount it (sudo umount <mount point>) and apply again.
permanent|mount directory does not exist|The mount point does not exist. Apply this step again: it creates it.
permanent|temp directory not empty:OR:directory is not empty|The cache folder is not empty, and blobfuse2 would not start on it. Empty it and apply again.
permanent|certificate has expired or is not yet valid|The storage endpoint's TLS certificate has expired, or this machine's clock is wrong: compare `date` with another clock.
permanent|certificate signed by unknown authority:OR:failed to verify certificate:OR:x509:|The storage endpoint's TLS certificate could not be verified: its authority is not in this machine's CA bundle, or another server answers. Check `endpoint` in the config and the CA bundle; in the lab on one machine the VM was made for another authority: ./lab up replaces it.
outage|no such host:OR:server misbehaving:OR:could not resolve:OR:Temporary failure in name resolution|The storage account's name cannot be resolved. Check the account name and the DNS (or the private DNS zone) of this machine.
outage|does not look like a TLS handshake|The endpoint is not the storage service, or a proxy answers while the service is down. Check `endpoint` in the config.
outage|connection refused|Nothing listens at the storage endpoint (connection refused). Check `endpoint` in the config.
outage|i/o timeout:OR:deadline exceeded:OR:no route to host:OR:network is unreachable|The storage endpoint does not answer. Check the network security group, routes and the account's firewall.
permanent|no space left on device|A log file does not fit into the cache, into which it is downloaded as a whole (no space left on device). Set cacheSizeMb above the size of an hour of logs, then run pulumi up; audit-tail reads it all the same.
permanent|failed to open /dev/fuse:OR:fuse: device not found|This machine has no FUSE device. Load the kernel module: sudo modprobe fuse.
permanent|fusermount3?.*not found:OR:exec: .fusermount|fusermount3 is missing. Install the package fuse3.
permanent|account name not provided:OR:container name not provided:OR:invalid config file:OR:failed to unmarshal config:OR:config error|blobfuse2 rejects the config file; the lines above name the key.
CAUSES
  return "${UNKNOWN}"
}

explain "$(cat)"
