import { z } from "zod";

/** The part of zod's JSON Schema that these tests use. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** A path in a body: names of properties, and 0 for the first member of a list. */
export type Place = readonly (string | number)[];

/** A value that a schema accepts at a place; `chosen` if it is one of the schema's enum values. */
export interface Sample {
  readonly place: Place;
  readonly value: unknown;
  readonly chosen: boolean;
}

/** Represents any name in a map, such as the name of a tag. */
const ANY_NAME = "any";

/** Every object with named properties, the body first; maps such as tags aren't included. */
export function objectLevels(schema: z.ZodType): Place[] {
  const levels: Place[] = [];
  walk(jsonSchema(schema), [], (place, { properties }) => {
    if (properties) levels.push(place);
  });
  return distinct(levels);
}

/** Values of a schema, at least one for each property. */
export function samples(schema: z.ZodType): Sample[] {
  const found: Sample[] = [];
  walk(jsonSchema(schema), [], (place, { type, const: only, enum: words, anyOf, oneOf }) => {
    if (place.length === 0 || anyOf || oneOf) return;
    const listed = words ?? (only === undefined ? [] : [only]);
    // In PATCH, null removes a value.
    const chosen = listed.filter((word) => word !== null);
    for (const value of chosen) found.push({ place, value, chosen: true });
    if (chosen.length === 0) found.push({ place, value: anyOfType(type), chosen: false });
  });
  return found;
}

/** `properties.logs[0].enabled`. */
export const describePlace = (place: Place): string =>
  place
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .slice(1);

/** A copy of a body with a value at a place; missing objects are created. */
export function withValue(body: unknown, [step, ...rest]: Place, value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const list: unknown[] = Array.isArray(body) ? [...(body as unknown[])] : [];
    list[step] = withValue(list[step], rest, value);
    return list;
  }
  const object = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  return { ...object, [step]: withValue(object[step], rest, value) };
}

const jsonSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;

function walk(
  schema: JsonSchema,
  place: Place,
  visit: (place: Place, schema: JsonSchema) => void,
): void {
  if (schema.type === "null") return;
  visit(place, schema);
  for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(one, place, visit);
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    walk(member, [...place, name], visit);
  }
  if (schema.items) walk(schema.items, [...place, 0], visit);
  if (typeof schema.additionalProperties === "object") {
    walk(schema.additionalProperties, [...place, ANY_NAME], visit);
  }
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  string: "text",
  integer: 1,
  number: 1,
  boolean: true,
  array: [],
  object: {},
};

function anyOfType(type: JsonSchema["type"] = []): unknown {
  const [name = ""] = [type].flat().filter((one) => one !== "null");
  if (!Object.hasOwn(EXAMPLES, name)) throw new Error(`no value is known of the type '${name}'`);
  return EXAMPLES[name];
}

const distinct = (places: readonly Place[]): Place[] => [
  ...new Map(places.map((place) => [describePlace(place), place])).values(),
];
