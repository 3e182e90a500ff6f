import * as managedidentity from "@pulumi/azure-native/managedidentity";
import type * as compute from "@pulumi/azure-native/compute";
import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { componentType, type PlacementArgs } from "./component";

/** Whose the VM's managed identity is: Azure creates and deletes a `system` one with the VM; a `user` one survives it, with its roles. */
export type MachineIdentityKind = "none" | "system" | "user";

/** The identity that the configuration chooses. */
export function machineIdentityKind({
  storageAuthentication,
}: Pick<LabConfig, "storageAuthentication">): MachineIdentityKind {
  if (storageAuthentication === "managedIdentity") return "system";
  return storageAuthentication === "userAssignedIdentity" ? "user" : "none";
}

export interface MachineIdentityArgs extends PlacementArgs {
  readonly kind: MachineIdentityKind;
}

/** Who a VM is for Azure. */
export interface Principal {
  /** Object id, which gets roles; empty without an identity. */
  readonly objectId: pulumi.Output<string>;
  /** Names the identity to programs on the VM; empty where there is nothing to choose from. */
  readonly clientId: pulumi.Output<string>;
}

/** The managed identity of a VM. */
export class MachineIdentity extends pulumi.ComponentResource {
  /** For the VM. */
  readonly assigned: compute.VirtualMachineArgs["identity"];
  private readonly own: managedidentity.UserAssignedIdentity | undefined;

  constructor(
    name: string,
    { kind, ...placement }: MachineIdentityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType("MachineIdentity"), name, {}, opts);
    if (kind === "user") {
      this.own = new managedidentity.UserAssignedIdentity(
        name,
        { ...placement, resourceName: name },
        { parent: this },
      );
      this.assigned = { type: "UserAssigned", userAssignedIdentities: [this.own.id] };
    } else if (kind === "system") {
      this.assigned = { type: "SystemAssigned" };
    }
    this.registerOutputs();
  }

  /** @param machine the VM that has the identity */
  principalOf(machine: compute.VirtualMachine): Principal {
    if (this.own) return { objectId: this.own.principalId, clientId: this.own.clientId };
    return {
      objectId: machine.identity.apply((identity) => identity?.principalId ?? ""),
      clientId: pulumi.output(""),
    };
  }
}
