import { type LabProcess } from "../../local/azure/process-list";

/** The stack of the lab on this machine; Pulumi.local.yaml is its configuration. */
export const LOCAL_STACK = "local";
/** The same by its full name, under which it is a stack like any other. */
export const LOCAL_STACK_FULL = `organization/pg-audit-lab/${LOCAL_STACK}`;

/** The parts of local Azure by the names that commands take. */
const PARTS = {
  azure: "local Azure",
  azurite: "Azurite",
  postgres: "PostgreSQL",
  gateway: "PostgreSQL gateway",
  vm: "VM",
} as const satisfies Record<string, LabProcess["name"]>;

export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as PartName[];

/** The name of a part's process. */
export const processName = (part: PartName): LabProcess["name"] => PARTS[part];
