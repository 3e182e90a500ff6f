import * as privatedns from "@pulumi/azure-native/privatedns";
import type * as pulumi from "@pulumi/pulumi";
import { type PlacementArgs } from "./component";

export interface PrivateZoneArgs extends Pick<PlacementArgs, "resourceGroupName" | "tags"> {
  readonly privateZoneName: pulumi.Input<string>;
  readonly virtualNetworkId: pulumi.Input<string>;
  /** What must be deleted after the link. */
  readonly linkDependsOn?: pulumi.Resource;
}

/** A private DNS zone, whose names resolve in a virtual network once the link exists. */
export function createPrivateZone(
  name: string,
  { resourceGroupName, tags, privateZoneName, virtualNetworkId, linkDependsOn }: PrivateZoneArgs,
  parent: pulumi.Resource,
): { readonly zone: privatedns.PrivateZone; readonly link: privatedns.VirtualNetworkLink } {
  const zone = new privatedns.PrivateZone(
    name,
    { resourceGroupName, privateZoneName, location: "global", tags },
    { parent },
  );
  const link = new privatedns.VirtualNetworkLink(
    `${name}-link`,
    {
      resourceGroupName,
      privateZoneName: zone.name,
      location: "global",
      registrationEnabled: false,
      virtualNetwork: { id: virtualNetworkId },
      tags,
    },
    { parent, dependsOn: linkDependsOn },
  );
  return { zone, link };
}
