import { z } from "zod";
import { knownPart, parseBody, partial, patched } from "../../../../local/arm/request-body";

const BODY = z.strictObject({
  tags: z.record(z.string(), z.string()).optional(),
  sku: z.strictObject({ name: z.string(), tier: z.string().optional() }),
  properties: z
    .strictObject({
      size: z.int().min(32).default(32),
      zones: z.array(z.strictObject({ name: z.string() })).optional(),
    })
    .optional(),
});

describe("a PATCH body", () => {
  const patch = partial(BODY);

  test.each([
    {},
    { tags: { a: "b" } },
    { sku: { tier: "Basic" } },
    { properties: { zones: [{ name: "1" }] } },
    { tags: null, properties: { zones: null } },
  ])("can be %j", (body) => expect(patch.parse(body)).toEqual(body));

  test("doesn't get the defaults of PUT", () => {
    expect(patch.parse({ properties: {} })).toEqual({ properties: {} });
  });

  test.each<[unknown, RegExp]>([
    [{ colour: "red" }, /Unrecognized key: "colour"/],
    [{ sku: { colour: "red" } }, /sku: Unrecognized key: "colour"/],
    [{ sku: null }, /sku: .*null/],
    [{ properties: { size: 1 } }, /properties.size: Too small/],
    [{ properties: { zones: [{}] } }, /properties.zones.0.name/],
  ])("can't be %j", (body, problem) => {
    expect(() => parseBody(patch, "Type", body)).toThrow(problem);
  });
});

describe("an existing resource", () => {
  const existing = {
    location: "westeurope",
    tags: { a: "1", b: "2" },
    sku: { name: "S", tier: "T" },
    properties: { size: 64, zones: [{ name: "1", id: "/z/1" }], provisioningState: "Succeeded" },
  };

  test("is reduced to what a PUT body can contain", () => {
    expect(knownPart(BODY, existing)).toEqual({
      tags: { a: "1", b: "2" },
      sku: { name: "S", tier: "T" },
      properties: { size: 64, zones: [{ name: "1" }] },
    });
  });

  test("is changed by a patch: tags and lists as a whole, the rest property by property", () => {
    const patch = { tags: { c: "3" }, sku: { tier: "U" }, properties: { zones: [], size: null } };
    expect(patched({ ...existing, properties: { size: 64, zones: [1] } }, patch)).toEqual({
      location: "westeurope",
      tags: { c: "3" },
      sku: { name: "S", tier: "U" },
      properties: { zones: [] },
    });
    expect(patched(existing, {})).toEqual(existing);
    expect(patched(existing, { tags: null })).not.toHaveProperty("tags");
  });
});
