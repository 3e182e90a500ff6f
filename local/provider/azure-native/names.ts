import * as crypto from "node:crypto";
import { pathInputs } from "./body";
import { type ResourceSpec } from "./resource-spec";

const HEX_DIGITS = 8;

export interface AutomaticName {
  /** The input that it is given to. */
  readonly input: string;
  readonly value: string;
  /** Whether a second resource of the same program would get another one. */
  readonly isRandom: boolean;
}

/**
 * The name that azure-native gives where the program gives none, the same in preview and update: for a resource on its own
 * its name in the program and eight hex digits, for a part of another one the name in the program as it is, for a role
 * assignment a UUID. Source: `AutoNamer` in pulumi-azure-native's provider/pkg/resources/resources.go.
 */
export function automaticName(
  { path }: Pick<ResourceSpec, "path">,
  name: string,
  seed: Uint8Array,
): AutomaticName {
  const input = pathInputs({ path }).at(-1) ?? "";
  const bytes = crypto
    .createHash("sha256")
    .update(seed.length > 0 ? seed : crypto.randomBytes(32))
    .update(name)
    .digest();
  if (input === "roleAssignmentName") return { input, value: uuid(bytes), isRandom: true };
  if (isPart(path)) return { input, value: name, isRandom: false };
  return { input, value: `${name}${bytes.toString("hex").slice(0, HEX_DIGITS)}`, isRandom: true };
}

/** Whether the resource's own name isn't the only one below its resource provider. */
function isPart(path: string): boolean {
  const belowProvider = path.toLowerCase().split("microsoft.").slice(1).at(-1) ?? "";
  return belowProvider.split("{").length > 2;
}

function uuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
