import { type LabProcess } from "../../local/azure/process-list";
import { RESTARTABLE } from "../../local/azure/restart";

/** The stack of the lab on this machine; Pulumi.local.yaml is its configuration. */
export const LOCAL_STACK = "local";
/** A stack of the file backend by its full name, under which it is a stack like any other. */
export const fullStackName = (stack: string): string => `organization/pg-audit-lab/${stack}`;

/** The name of a workshop's stack: of one attendee, or of all. @param base the stack with the workshop's configuration */
export const workshopStackName = (base: string, attendee?: string): string =>
  [`${base}-workshop`, ...(attendee === undefined ? [] : [attendee])].join("-");

export const isWorkshopStack = (stack: string, base: string): boolean =>
  stack === workshopStackName(base) || stack.startsWith(`${workshopStackName(base)}-`);

/** Whether a stack is on local Azure, on this machine: the lab's own, or one of a workshop. */
export const isLocalStack = (stack: string): boolean =>
  stack === LOCAL_STACK || isWorkshopStack(stack, LOCAL_STACK);

/** The parts of local Azure by the names that commands take. */
const PARTS = {
  azure: "local Azure",
  ...RESTARTABLE,
} as const satisfies Record<string, LabProcess["name"]>;

export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as PartName[];

/** The name of a part's process. */
export const processName = (part: PartName): LabProcess["name"] => PARTS[part];
