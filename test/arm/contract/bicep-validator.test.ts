import { ObjectTypePropertyFlags, TypeFactory, type TypeReference } from "bicep-types";
import { type Definition, describeProblem, validate } from "./bicep-validator";

const { None, Required, ReadOnly, WriteOnly } = ObjectTypePropertyFlags;
const factory = new TypeFactory();
const text = factory.addStringType();
const number = factory.addIntegerType();
const flag = factory.addBooleanType();
const words = factory.addUnionType([
  factory.addStringLiteralType("Enabled"),
  factory.addStringLiteralType("Disabled"),
]);
const openWords = factory.addUnionType([factory.addStringLiteralType("Hot"), text]);

const object = (
  properties: Record<string, [TypeReference, ObjectTypePropertyFlags]>,
  additional?: TypeReference,
) =>
  factory.addObjectType(
    "Thing",
    Object.fromEntries(
      Object.entries(properties).map(([name, [type, flags]]) => [name, { type, flags }]),
    ),
    additional,
  );

const thing = object({
  id: [text, ReadOnly],
  name: [text, Required],
  location: [text, Required],
  state: [text, ReadOnly | Required],
  password: [text, WriteOnly],
  mode: [words, None],
  tier: [openWords, None],
  size: [factory.addIntegerType(1, 10), None],
  code: [factory.addStringType(undefined, 2, 4, "^[a-z]+$"), None],
  list: [factory.addArrayType(object({ days: [number, Required] }), 1, 2), None],
  tags: [object({}, text), None],
  anything: [factory.addAnyType(), None],
  enabled: [flag, None],
  either: [factory.addUnionType([number, flag]), None],
  shape: [
    factory.addDiscriminatedObjectType(
      "Shape",
      "kind",
      { colour: { type: text, flags: None } },
      {
        Circle: object({
          kind: [factory.addStringLiteralType("Circle"), Required],
          r: [number, Required],
        }),
      },
    ),
    None,
  ],
});

const definition: Definition = {
  types: factory.types,
  type: thing,
  ownNames: new Set(["id", "name"]),
};
const problems = (value: unknown, more: Partial<Definition> = {}) =>
  validate({ ...definition, ...more }, value).map(({ path, rule }) => [path, rule]);
/** The problems of a valid body with these additional properties. */
const with_ = (extra: object) => problems({ location: "here", ...extra });

test("a valid body has no problem", () => {
  const body = {
    password: "secret",
    mode: "Enabled",
    tier: "Hot",
    size: 10,
    code: "abcd",
    list: [{ days: 1 }, { days: 2 }],
    tags: { any: "text" },
    anything: { at: ["all"] },
    enabled: false,
    either: true,
    shape: { kind: "Circle", r: 1, colour: "red" },
  };
  expect(with_(body)).toEqual([]);
});

test.each<[object, string, string]>([
  [{ colour: "red" }, "colour", "unknown property"],
  [{ list: [{ days: 1, hours: 2 }] }, "list[0].hours", "unknown property"],
  [{ toString: "x" }, "toString", "unknown property"],
  [{ state: "Ready" }, "state", "read-only property"],
  [{ id: "/it" }, "id", "read-only property"],
  [{ name: "it" }, "name", "read-only property"],
  [{ location: undefined }, "location", "missing property"],
  [{ list: [{}] }, "list[0].days", "missing property"],
  [{ location: 1 }, "location", "wrong type"],
  [{ location: null }, "location", "wrong type"],
  [{ size: "1" }, "size", "wrong type"],
  [{ size: 1.5 }, "size", "wrong type"],
  [{ enabled: "true" }, "enabled", "wrong type"],
  [{ list: { days: 1 } }, "list", "wrong type"],
  [{ list: ["1"] }, "list[0]", "wrong type"],
  [{ tags: ["a"] }, "tags", "wrong type"],
  [{ tags: { owner: 1 } }, "tags.owner", "wrong type"],
  [{ mode: true }, "mode", "wrong type"],
  [{ either: "neither" }, "either", "wrong type"],
  [{ shape: "round" }, "shape", "wrong type"],
  [{ mode: "On" }, "mode", "value outside the enum"],
  [{ tier: "Lukewarm" }, "tier", "value outside the enum"],
  [{ size: 0 }, "size", "range"],
  [{ size: 11 }, "size", "range"],
  [{ code: "a" }, "code", "length"],
  [{ code: "abcde" }, "code", "length"],
  [{ code: "AB" }, "code", "pattern"],
  [{ list: [] }, "list", "length"],
  [{ list: [{ days: 1 }, { days: 2 }, { days: 3 }] }, "list", "length"],
  [{ shape: { kind: "Square" } }, "shape.kind", "discriminator"],
  [{ shape: {} }, "shape.kind", "discriminator"],
  [{ shape: { kind: "Circle" } }, "shape.r", "missing property"],
  [{ shape: { kind: "Circle", r: 1, edge: 1 } }, "shape.edge", "unknown property"],
])("%j has one problem, at %s: %s", (extra, path, rule) => {
  expect(with_(extra)).toEqual([[path, rule]]);
});

test("all problems are reported, each with the rule and the value", () => {
  const found = validate(definition, { size: 11, mode: "On" }).map(describeProblem);
  expect(found).toEqual([
    "location: missing property: Azure requires it; received nothing",
    "size: range: 1 to 10; received 11",
    'mode: value outside the enum: one of Enabled, Disabled; received "On"',
  ]);
});

test("a body that isn't an object is reported", () => {
  expect(problems(undefined)).toEqual([["", "wrong type"]]);
  expect(problems([])).toEqual([["", "wrong type"]]);
});

test("an enum in freeValues accepts any text, and nothing else", () => {
  const freeValues = new Set(["tier"]);
  expect(problems({ location: "here", tier: "Lukewarm" }, { freeValues })).toEqual([]);
  expect(problems({ location: "here", tier: 1 }, { freeValues })).toEqual([["tier", "wrong type"]]);
});

test("own names apply only to the root", () => {
  const inner = object({ id: [text, None], name: [text, Required] });
  const outer = object({ inner: [inner, Required] });
  expect(problems({ inner: { id: "x" } }, { type: outer })).toEqual([
    ["inner.name", "missing property"],
  ]);
});
