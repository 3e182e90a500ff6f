import * as crypto from "node:crypto";
import { pathInputs } from "./body";
import { type ResourceSpec } from "./resource-spec";

const HEX_DIGITS = 8;

export interface AutomaticName {
  /** The input that gets the name. */
  readonly input: string;
  readonly value: string;
  /** Whether the name has a random part. */
  readonly isRandom: boolean;
}

/**
 * The name that azure-native generates where the program sets none, the same in preview and update: the resource's name in
 * the program and eight hex digits; for a child resource the name in the program; for a role assignment a UUID. Source: `AutoNamer` in pulumi-azure-native's provider/pkg/resources/resources.go.
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
  if (isChild(path)) return { input, value: name, isRandom: false };
  return { input, value: `${name}${bytes.toString("hex").slice(0, HEX_DIGITS)}`, isRandom: true };
}

/** Whether the path below the resource provider has the name of a parent too. */
function isChild(path: string): boolean {
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
