import type * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config";
import { type StorageAuthentication } from "./blobfuse-mount";

/** How the VM signs in to the storage account, as the configuration says. */
export function storageAuthentication(
  config: LabConfig,
  principalId: pulumi.Output<string>,
): StorageAuthentication {
  switch (config.storageAuthentication) {
    case "key":
      return { kind: "key" };
    case "sas":
      return { kind: "sas", expiry: config.storageSasExpiry };
    case "managedIdentity":
      return { kind: "managedIdentity", principalId };
    case "servicePrincipal":
      return {
        kind: "servicePrincipal",
        ...config.storageServicePrincipal,
        clientSecret: config.storageClientSecret,
      };
  }
}
