import { z } from "zod";
import { ArmError } from "./arm-error";

type Properties = Readonly<Record<string, unknown>>;

/**
 * The body, if the schema accepts it.
 * @throws ArmError 400 InvalidRequestContent, which names every problem
 */
export function parseBody<Body>(schema: z.ZodType<Body>, what: string, body: unknown): Body {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue: z.core.$ZodIssue) => `${issue.path.join(".") || "the body"}: ${issue.message}`,
  );
  throw new ArmError(
    400,
    "InvalidRequestContent",
    `The request content was invalid and could not be deserialized for ${what}: ${problems.join("; ")}`,
  );
}

/**
 * The PATCH body for a PUT body: the same properties, all optional at any depth; null removes a property that PUT
 * doesn't require. The members of lists keep their schema, because a list is replaced as a whole.
 */
export function partial(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, member]) => {
    const isOptional = member instanceof z.ZodOptional || member instanceof z.ZodDefault;
    const value = partial(unwrapped(member));
    return [name, isOptional ? value.nullish() : value.optional()] as const;
  });
  return z.strictObject(Object.fromEntries(shape));
}

/** The part of a resource that its PUT body can contain. */
export function knownPart(schema: z.ZodType, value: unknown): unknown {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((member) => knownPart(inner.element as z.ZodType, member));
  }
  if (!(inner instanceof z.ZodObject) || !isObject(value)) return value;
  const known = Object.entries(inner.shape as Record<string, z.ZodType>)
    .filter(([name]) => value[name] !== undefined)
    .map(([name, member]) => [name, knownPart(member, value[name])]);
  return Object.fromEntries(known) as unknown;
}

/**
 * The resource after a PATCH: JSON merge patch (RFC 7396), except that the tags are replaced as a whole.
 * Source: the Resource Manager's contract for PATCH, as described in typespec-azure issue 1234.
 */
export function patched(current: unknown, patch: unknown): unknown {
  const merged = mergePatch(current, patch);
  const tags = isObject(patch) ? patch.tags : undefined;
  return isObject(tags) ? { ...(merged as Properties), tags } : merged;
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else if (value !== undefined) result.set(name, mergePatch(result.get(name), value));
  }
  return Object.fromEntries(result);
}

function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable
    ? unwrapped(schema.unwrap() as z.ZodType)
    : schema;
}

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);
