import { ArmError } from "../arm-error";

/** Public regions with flexible servers, machines and storage. Source: Azure's "List of Azure regions". */
const LOCATIONS: ReadonlySet<string> = new Set([
  ...["australiacentral", "australiacentral2", "australiaeast", "australiasoutheast"],
  ...["austriaeast", "belgiumcentral", "brazilsouth", "brazilsoutheast"],
  ...["canadacentral", "canadaeast", "centralindia", "centralus", "chilecentral"],
  ...["denmarkeast", "eastasia", "eastus", "eastus2", "francecentral", "francesouth"],
  ...["germanynorth", "germanywestcentral", "indonesiacentral", "israelcentral", "italynorth"],
  ...["japaneast", "japanwest", "jioindiacentral", "jioindiawest", "koreacentral", "koreasouth"],
  ...["malaysiawest", "mexicocentral", "newzealandnorth", "northcentralus", "northeurope"],
  ...["norwayeast", "norwaywest", "polandcentral", "qatarcentral"],
  ...["southafricanorth", "southafricawest", "southcentralus", "southeastasia", "southindia"],
  ...["spaincentral", "swedencentral", "swedensouth", "switzerlandnorth", "switzerlandwest"],
  ...["uaecentral", "uaenorth", "uksouth", "ukwest", "westcentralus", "westeurope"],
  ...["westindia", "westus", "westus2", "westus3"],
]);

/** For what stands in no region, as a private DNS zone. */
const GLOBAL = "global";

/** Azure takes `West Europe` for westeurope. */
export const normalLocation = (location: string): string =>
  location.replaceAll(" ", "").toLowerCase();

/** Source: Azure's "Troubleshoot common deployment errors", LocationNotAvailableForResourceType. */
export function requireLocation(location: string, type: string): void {
  const normal = normalLocation(location);
  if (normal === GLOBAL || LOCATIONS.has(normal)) return;
  throw new ArmError(
    400,
    "LocationNotAvailableForResourceType",
    `The provided location '${location}' is not available for resource type '${type}'. ` +
      `List of available regions for the resource type is '${[...LOCATIONS].join(",")}'.`,
  );
}
