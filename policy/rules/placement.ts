import type { VirtualMachineArgs } from "@pulumi/azure-native/compute";
import type { Policies, ResourceValidationArgs } from "@pulumi/policy";
import { ofType, shown } from "../of-type";

/** `<publisher>:<offer>` of marketplace images. */
const IMAGES: readonly string[] = ["RedHat:RHEL"];

/** The lab's types that take tags; which input a type has isn't visible in a resource without it. */
export const TAGGED_TYPES: readonly string[] = [
  "azure-native:resources:ResourceGroup",
  "azure-native:network:VirtualNetwork",
  "azure-native:network:NetworkSecurityGroup",
  "azure-native:network:PublicIPAddress",
  "azure-native:network:NetworkInterface",
  "azure-native:privatedns:PrivateZone",
  "azure-native:privatedns:VirtualNetworkLink",
  "azure-native:network:PrivateEndpoint",
  "azure-native:storage:StorageAccount",
  "azure-native:dbforpostgresql:Server",
  "azure-native:compute:VirtualMachine",
  "azure-native:managedidentity:UserAssignedIdentity",
  "azure-native:devtestlab:GlobalSchedule",
  "azure-native:operationalinsights:Workspace",
  "azure-native:monitor:ScheduledQueryRule",
  "azure-native:eventhub:Namespace",
];

const names = (description: string, defaults: readonly string[]) =>
  ({ type: "array", items: { type: "string" }, default: [...defaults], description }) as const;

const configured = (args: ResourceValidationArgs, key: string, defaults: readonly string[]) =>
  args.getConfig<Record<string, string[] | undefined>>()[key] ?? defaults;

export const PLACEMENT_RULES: Policies = [
  {
    name: "required-tags",
    description: "Each resource has the required tags.",
    configSchema: { properties: { tags: names("Names of the tags that are required.", []) } },
    validateResource: (args, report) => {
      if (!TAGGED_TYPES.includes(args.type)) return;
      const { tags = {} } = args.props as { tags?: Record<string, string> };
      const missing = configured(args, "tags", []).filter((name) => !tags[name]);
      if (missing.length === 0) return;
      report(`Missing tags: ${missing.join(", ")}; add them to pg-audit-lab:tags.`);
    },
  },
  {
    name: "allowed-regions",
    description: "Each resource is in an allowed region.",
    configSchema: { properties: { regions: names("Short names; none allows every region.", []) } },
    validateResource: (args, report) => {
      const regions = configured(args, "regions", []).map(shortName);
      const { location } = args.props as { location?: string };
      if (regions.length === 0 || location === undefined) return;
      // Resources without a region, like private DNS zones.
      if (["global", ...regions].includes(shortName(location))) return;
      report(`The location is ${shown(location)}; allowed are ${regions.join(", ")}.`);
    },
  },
  {
    name: "allowed-images",
    description: "VMs are created from allowed marketplace images.",
    configSchema: { properties: { images: names("Images as <publisher>:<offer>.", IMAGES) } },
    validateResource: ofType<VirtualMachineArgs>(
      "azure-native:compute:VirtualMachine",
      ({ storageProfile }, report, args) => {
        const images = configured(args, "images", IMAGES);
        const image = storageProfile?.imageReference;
        const name = image?.publisher && `${image.publisher}:${image.offer}`;
        if (name && images.some((allowed) => allowed.toLowerCase() === name.toLowerCase())) return;
        report(`The image is ${shown(name || image)}; allowed are ${images.join(", ")}.`);
      },
    ),
  },
];

/** Azure takes `West Europe` for `westeurope`. */
const shortName = (region: string): string => region.replaceAll(" ", "").toLowerCase();
