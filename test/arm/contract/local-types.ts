import { type z } from "zod";
import { ArmError } from "../../../local/arm/arm-error";
import { parseBody } from "../../../local/arm/request-body";
import { type ResourceType } from "../../../local/arm/resource-type";
import { type Backends, resourceTypes } from "../../../local/arm/resource-types/resource-types";
import type { ArmRequest } from "../../../local/provider/azure-native/arm-client";
import { target } from "./request-judge";

/** Local Azure's resource types; no test uses their backends. */
export const LOCAL_TYPES: readonly ResourceType[] = resourceTypes({} as Backends);

/** A body that local Azure accepts: of a PUT, a PATCH or a POST action. */
export interface LocalBody {
  readonly type: ResourceType;
  /** `PUT`, `PATCH`, `POST listServiceSas`. */
  readonly verb: string;
  readonly action?: string;
  readonly schema: z.ZodType;
}

/** Key vaults aren't part of the program, and their types aren't in the folder. */
const isJudged = ({ type }: ResourceType): boolean => !type.startsWith("Microsoft.KeyVault/");

export const LOCAL_BODIES: readonly LocalBody[] = LOCAL_TYPES.filter(isJudged).flatMap((type) => [
  { type, verb: "PUT", schema: type.schema },
  ...(type.patch ? [{ type, verb: "PATCH", schema: type.patch.schema }] : []),
  ...Object.entries(type.actions ?? {}).flatMap(([action, { schema }]) =>
    schema ? [{ type, verb: `POST ${action}`, action, schema }] : [],
  ),
]);

/** @throws Error if local Azure doesn't have the type */
export function localType(name: string): ResourceType {
  const found = LOCAL_TYPES.find(({ type }) => type.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(`local Azure has no ${name}`);
  return found;
}

/** The definition of a request's body. @throws Error if local Azure doesn't support the verb for the type */
export function localBody({ method, path }: ArmRequest): LocalBody {
  const { type, action } = target(path);
  const found = LOCAL_BODIES.find(
    (body) =>
      body.verb.startsWith(method) &&
      body.type === localType(type) &&
      body.action?.toLowerCase() === action?.toLowerCase(),
  );
  if (!found) throw new Error(`local Azure has no body for ${method} of ${path}`);
  return found;
}

/** Local Azure's error for a body; undefined if it accepts the body. */
export function refusal({ schema, type }: LocalBody, body: unknown): ArmError | undefined {
  try {
    parseBody(schema, type.type, body);
    return undefined;
  } catch (error) {
    if (error instanceof ArmError) return error;
    throw error;
  }
}
