import { type z } from "zod";
import { ArmError } from "../../../local/arm/arm-error";
import { parseBody } from "../../../local/arm/request-body";
import { type ResourceType } from "../../../local/arm/resource-type";
import { type Backends, resourceTypes } from "../../../local/arm/resource-types/resource-types";
import type { ArmRequest } from "../../../local/provider/azure-native/arm-client";
import { target } from "./request-judge";

/** Local Azure's resource types; no request of these tests reaches what is behind them. */
export const LOCAL_TYPES: readonly ResourceType[] = resourceTypes({} as Backends);

/** A body that local Azure takes: of a PUT, of a PATCH, or of a POST action by its name. */
export interface LocalBody {
  readonly type: ResourceType;
  /** `PUT`, `PATCH`, `POST listServiceSas`. */
  readonly verb: string;
  readonly action?: string;
  readonly schema: z.ZodType;
}

export const LOCAL_BODIES: readonly LocalBody[] = LOCAL_TYPES.flatMap((type) => [
  { type, verb: "PUT", schema: type.schema },
  ...(type.patch ? [{ type, verb: "PATCH", schema: type.patch.schema }] : []),
  ...Object.entries(type.actions ?? {}).flatMap(([action, { schema }]) =>
    schema ? [{ type, verb: `POST ${action}`, action, schema }] : [],
  ),
]);

/** @throws where local Azure doesn't have the type. */
export function localType(name: string): ResourceType {
  const found = LOCAL_TYPES.find(({ type }) => type.toLowerCase() === name.toLowerCase());
  if (!found) throw new Error(`local Azure has no ${name}`);
  return found;
}

/** What local Azure takes the body of a request for. @throws where it has no such verb of the type. */
export function localBody({ method, path }: ArmRequest): LocalBody {
  const { type, action } = target(path);
  const found = LOCAL_BODIES.find(
    (body) =>
      body.verb.startsWith(method) &&
      body.type === localType(type) &&
      body.action?.toLowerCase() === action?.toLowerCase(),
  );
  if (!found) throw new Error(`local Azure takes no body in ${method} of ${path}`);
  return found;
}

/** What local Azure refuses a body with; undefined where it takes it. */
export function refusal({ schema, type }: LocalBody, body: unknown): ArmError | undefined {
  try {
    parseBody(schema, type.type, body);
    return undefined;
  } catch (error) {
    if (error instanceof ArmError) return error;
    throw error;
  }
}
