import { regionName } from "../../../../common/region-name";
import { ArmError } from "../../arm-error";
import { parentId } from "../../resource-id";
import { type ResourceStore } from "../../resource-store";
import { isSameId } from "../common";
import { type AssociatedSubnet, type IpConfiguration, requireReference } from "./rules";

/**
 * A network interface is in a subnet of its region, which no other service uses.
 * @param user the IP configuration's id, and its region
 */
export function requireUsableSubnet(
  store: ResourceStore,
  subnetId: string,
  user: { readonly id: string; readonly location: string },
): void {
  requireReference(store, subnetId);
  const { location } = store.get(parentId(subnetId) ?? "")?.shown as { location: string };
  if (regionName(location) !== regionName(user.location)) {
    // Source: CromwellOnAzure 231.
    throw new ArmError(
      400,
      "InvalidResourceReference",
      `Resource ${subnetId} referenced by resource ${user.id.split("/ipConfigurations/")[0]} was not found. ` +
        "Please make sure that the referenced resource exists, and that both resources are in the same region.",
    );
  }
  const { serviceAssociationLinks = [] } = store.get(subnetId)?.shown
    .properties as AssociatedSubnet;
  if (serviceAssociationLinks.length === 0) return;
  const services = serviceAssociationLinks.map(
    ({ id, properties }) => `${properties.linkedResourceType}, ${id}`,
  );
  // Source of code and text: dstack 3931, of a subnet that is delegated to App Service.
  throw new ArmError(
    400,
    "SubnetWithExternalResourcesCannotBeUsedByOtherResources",
    `Subnet ${subnetId} referenced by ${user.id} cannot be used because it contains external resources. ` +
      `The external resources in this subnet are (${services.join(", ")}). ` +
      "You need to delete these external resources before deploying into this subnet.",
  );
}

/**
 * An interface can change its subnet, but not its network. Source: Azure's "Create, change, or delete a network interface", as in
 * azure-docs 123354; the code isn't documented.
 */
export function requireSameNetwork(subnetId: string, before: IpConfiguration | undefined): void {
  if (!before || isSameId(parentId(before.properties.subnet.id), parentId(subnetId) ?? "")) return;
  throw new ArmError(
    400,
    "SubnetsNotInSameVnet",
    `Subnet ${subnetId} is not in the same Virtual Network as ${before.properties.subnet.id}, in which ${before.id} is.`,
  );
}
