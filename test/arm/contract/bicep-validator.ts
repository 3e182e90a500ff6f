import {
  type ArrayType,
  type BicepType,
  type DiscriminatedObjectType,
  type IntegerType,
  type ObjectType,
  type ObjectTypeProperty,
  ObjectTypePropertyFlags,
  type StringType,
  TypeBaseKind,
  type TypeReference,
  type UnionType,
} from "bicep-types";

/** The rule that a value breaks. */
export type Rule =
  | "unknown property"
  | "read-only property"
  | "missing property"
  | "wrong type"
  | "value outside the enum"
  | "length"
  | "pattern"
  | "range"
  | "discriminator";

export interface Problem {
  /** From the body's root, `properties.securityRules[0].name`; empty for the body itself. */
  readonly path: string;
  readonly rule: Rule;
  /** The requirement of Microsoft's definition. */
  readonly expected: string;
  /** The value in the body; undefined if it is missing. */
  readonly value: unknown;
}

/** A type in one of Microsoft's type files, and how to apply it. */
export interface Definition {
  readonly types: readonly BicepType[];
  readonly type: TypeReference;
  /**
   * Paths, with `[]` for any index, of enums that accept other values. Nearly all of Azure's enums are declared as open
   * (the listed words, or any text), but the services refuse unknown words, so here they are closed by default.
   * @default none
   */
  readonly freeValues?: ReadonlySet<string>;
  /** Names at the root that belong to the path and not to the body: not required, and refused. */
  readonly ownNames?: ReadonlySet<string>;
}

/** One line for error messages. */
export const describeProblem = ({ path, rule, expected, value }: Problem): string =>
  `${path || "the body"}: ${rule}: ${expected}; received ${JSON.stringify(value) ?? "nothing"}`;

/** All problems of a value; empty if Microsoft's definition allows it. */
export function validate(definition: Definition, value: unknown): Problem[] {
  return new Validator(definition).value(definition.type, value, "");
}

class Validator {
  constructor(private readonly definition: Definition) {}

  value(reference: TypeReference, value: unknown, path: string): Problem[] {
    const type = this.lookUp(reference);
    switch (type.type) {
      case TypeBaseKind.AnyType:
        return [];
      case TypeBaseKind.NullType:
        return value === null ? [] : wrongType(path, "null", value);
      case TypeBaseKind.BooleanType:
        return typeof value === "boolean" ? [] : wrongType(path, "a boolean", value);
      case TypeBaseKind.IntegerType:
        return integerProblems(type, value, path);
      case TypeBaseKind.StringType:
        return textProblems(type, value, path);
      case TypeBaseKind.StringLiteralType:
        return this.literal([type.value], value, path);
      case TypeBaseKind.UnionType:
        return this.union(type, value, path);
      case TypeBaseKind.ArrayType:
        return this.array(type, value, path);
      case TypeBaseKind.ObjectType:
        return isObject(value)
          ? this.object(type, value, path)
          : wrongType(path, "an object", value);
      case TypeBaseKind.DiscriminatedObjectType:
        return this.discriminated(type, value, path);
      default:
        throw new Error(`the validator doesn't support ${type.type}`);
    }
  }

  private lookUp({ index }: TypeReference): BicepType {
    const type = this.definition.types[index];
    if (!type) throw new Error(`the type file has no type ${index}`);
    return type;
  }

  private object(
    { properties, additionalProperties }: ObjectType,
    value: Record<string, unknown>,
    path: string,
  ): Problem[] {
    const missing = Object.entries(properties)
      .filter(([name, { flags }]) => isRequired(flags) && !this.isOwn(path, name))
      .filter(([name]) => value[name] === undefined)
      .map(([name]) => problem(at(path, name), "missing property", "Azure requires it", undefined));
    const present = Object.entries(value).flatMap(([name, member]) => {
      // JSON omits undefined members.
      if (member === undefined) return [];
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property) return this.property(property, name, member, path);
      if (additionalProperties) return this.value(additionalProperties, member, at(path, name));
      const known = Object.keys(properties).join(", ");
      return [problem(at(path, name), "unknown property", `Azure knows ${known}`, member)];
    });
    return [...missing, ...present];
  }

  private property(
    { type, flags }: ObjectTypeProperty,
    name: string,
    value: unknown,
    path: string,
  ): Problem[] {
    const place = at(path, name);
    if (this.isOwn(path, name)) {
      return [problem(place, "read-only property", "it is part of the path", value)];
    }
    return flags & ObjectTypePropertyFlags.ReadOnly
      ? [problem(place, "read-only property", "Azure sets it", value)]
      : this.value(type, value, place);
  }

  private isOwn(path: string, name: string): boolean {
    return path === "" && this.definition.ownNames?.has(name) === true;
  }

  private discriminated(type: DiscriminatedObjectType, value: unknown, path: string): Problem[] {
    if (!isObject(value)) return wrongType(path, "an object", value);
    const kind = value[type.discriminator];
    const element =
      typeof kind === "string" && Object.hasOwn(type.elements, kind)
        ? type.elements[kind]
        : undefined;
    if (!element) {
      const kinds = `one of ${Object.keys(type.elements).join(", ")}`;
      return [problem(at(path, type.discriminator), "discriminator", kinds, kind)];
    }
    const object = this.lookUp(element) as ObjectType;
    const properties = { ...type.baseProperties, ...object.properties };
    return this.object({ ...object, properties }, value, path);
  }

  private array({ itemType, minLength, maxLength }: ArrayType, value: unknown, path: string) {
    if (!Array.isArray(value)) return wrongType(path, "an array", value);
    return [
      ...lengthProblems({ minLength, maxLength }, value.length, "entries", value, path),
      ...value.flatMap((member, index) => this.value(itemType, member, `${path}[${index}]`)),
    ];
  }

  private union({ elements }: UnionType, value: unknown, path: string): Problem[] {
    const types = elements.map((element) => this.lookUp(element));
    const words = types.flatMap((type) =>
      type.type === TypeBaseKind.StringLiteralType ? [type.value] : [],
    );
    if (words.length > 0) return this.literal(words, value, path);
    const [first = [], ...others] = elements.map((element) => this.value(element, value, path));
    return others.some((problems) => problems.length === 0) ? [] : first;
  }

  private literal(words: readonly string[], value: unknown, path: string): Problem[] {
    if (typeof value !== "string") return wrongType(path, "a string", value);
    if (words.includes(value) || this.definition.freeValues?.has(withoutIndices(path))) return [];
    return [problem(path, "value outside the enum", `one of ${words.join(", ")}`, value)];
  }
}

function integerProblems(
  { minValue = -Infinity, maxValue = Infinity }: IntegerType,
  value: unknown,
  path: string,
): Problem[] {
  if (!Number.isInteger(value)) return wrongType(path, "an integer", value);
  const inRange = (value as number) >= minValue && (value as number) <= maxValue;
  return inRange ? [] : [problem(path, "range", `${minValue} to ${maxValue}`, value)];
}

function textProblems(type: StringType, value: unknown, path: string): Problem[] {
  if (typeof value !== "string") return wrongType(path, "a string", value);
  const { pattern } = type;
  const matches = pattern === undefined || new RegExp(pattern).test(value);
  return [
    ...lengthProblems(type, value.length, "characters", value, path),
    ...(matches ? [] : [problem(path, "pattern", pattern, value)]),
  ];
}

function lengthProblems(
  { minLength = 0, maxLength = Infinity }: { minLength?: number; maxLength?: number },
  length: number,
  unit: string,
  value: unknown,
  path: string,
): Problem[] {
  if (length >= minLength && length <= maxLength) return [];
  return [problem(path, "length", `${minLength} to ${maxLength} ${unit}`, value)];
}

const problem = (path: string, rule: Rule, expected: string, value: unknown): Problem => ({
  path,
  rule,
  expected,
  value,
});

const wrongType = (path: string, expected: string, value: unknown): Problem[] => [
  problem(path, "wrong type", expected, value),
];

/** A read-only property isn't required in a request. */
const isRequired = (flags: ObjectTypePropertyFlags): boolean =>
  (flags & ObjectTypePropertyFlags.Required) !== 0 &&
  (flags & ObjectTypePropertyFlags.ReadOnly) === 0;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const at = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

const withoutIndices = (path: string): string => path.replace(/\[\d+\]/g, "[]");
