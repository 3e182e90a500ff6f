import { compareSync } from "bcryptjs";
import type { EngineLog, Inputs, ResourceHandler } from "../../../../../local/provider/protocol";
import { randomProvider } from "../../../../../local/provider/random/provider";

const provider = randomProvider("4.21.2");
const request = { urn: "u", type: "t", name: "r", log: {} as EngineLog };
const handler = (name: string) =>
  provider.resources(
    `random:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
  ) as ResourceHandler;

const check = (name: string, news: Inputs) =>
  handler(name).check?.({ ...request, olds: {}, news, randomSeed: new Uint8Array() });

async function create(name: string, news: Inputs, preview = false) {
  const checked = await check(name, news);
  expect(checked?.failures).toEqual([]);
  const { id, outputs } = await handler(name).create({
    ...request,
    inputs: checked?.inputs ?? {},
    secretInputs: new Set(),
    preview,
    timeoutSeconds: 0,
    signal: new AbortController().signal,
  });
  return { id, outputs: outputs as Record<string, string> & { result: { value: string } } };
}

describe("random", () => {
  test("a password has its minimums and its special characters, and is secret, like its hash", async () => {
    const { outputs } = await create("RandomPassword", {
      length: 40,
      minLower: 5,
      minUpper: 6,
      minNumeric: 7,
      minSpecial: 8,
      overrideSpecial: "_%",
    });
    const { value } = outputs.result;
    expect(value).toMatch(/^[A-Za-z0-9_%]{40}$/);
    const count = (pattern: RegExp) => value.match(pattern)?.length ?? 0;
    expect(count(/[a-z]/g)).toBeGreaterThanOrEqual(5);
    expect(count(/[A-Z]/g)).toBeGreaterThanOrEqual(6);
    expect(count(/[0-9]/g)).toBeGreaterThanOrEqual(7);
    expect(count(/[_%]/g)).toBeGreaterThanOrEqual(8);
    const hash = outputs.bcryptHash as unknown as { value: string };
    expect(compareSync(value, hash.value)).toBe(true);
  });

  test("a string has no disabled characters", async () => {
    const { id, outputs } = await create("RandomString", {
      length: 200,
      special: false,
      upper: false,
    });
    expect(outputs.result).toMatch(/^[a-z0-9]{200}$/);
    expect(id).toBe(outputs.result);
  });

  test("every allowed character occurs", async () => {
    const { outputs } = await create("RandomString", {
      length: 5000,
      special: false,
      lower: false,
    });
    expect(new Set(outputs.result as unknown as string).size).toBe(36);
  });

  test("an id in all its forms", async () => {
    const { id, outputs } = await create("RandomId", { byteLength: 8, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    expect(bytes).toHaveLength(8);
    expect(outputs).toMatchObject({
      hex: `p-${bytes.toString("hex")}`,
      dec: `p-${bytes.readBigUInt64BE()}`,
      b64Url: `p-${id}`,
    });
  });

  test("an integer from both ends of its range, a UUID, bytes", async () => {
    expect((await create("RandomInteger", { min: 7, max: 7 })).outputs.result).toBe(7);
    expect((await create("RandomUuid", {})).id).toMatch(/^[0-9a-f-]{36}$/);
    expect(Buffer.from((await create("RandomBytes", { length: 9 })).id, "base64")).toHaveLength(9);
  });

  test("bad inputs are named", async () => {
    const failures = async (name: string, news: Inputs) => (await check(name, news))?.failures;
    expect(await failures("RandomPassword", { length: 3, minLower: 4 })).toEqual([
      { property: "length", reason: "is 3, less than the sum of the minimums, 4" },
    ]);
    const nothing = { length: 8, lower: false, upper: false, numeric: false, special: false };
    expect(await failures("RandomString", nothing)).toMatchObject([{ property: "lower" }]);
    expect(await failures("RandomInteger", { min: 2, max: 1 })).toMatchObject([
      { property: "min" },
    ]);
    expect(provider.resources("random:index/randomPet:RandomPet")).toBeUndefined();
  });

  test("any change replaces; a default that is spelled out is none", async () => {
    const diff = async (olds: Inputs, news: Inputs) => {
      const [oldInputs, newInputs] = await Promise.all(
        [olds, news].map(async (inputs) => (await check("RandomString", inputs))?.inputs ?? {}),
      );
      return handler("RandomString").diff({
        ...request,
        id: "x",
        olds: {},
        oldInputs: oldInputs ?? {},
        news: newInputs ?? {},
        ignoreChanges: [],
      });
    };
    expect((await diff({ length: 8 }, { length: 9 })).changes).toMatchObject([{ replaces: true }]);
    expect((await diff({ length: 8 }, { length: 8, upper: true })).changes).toEqual([]);
  });

  test("a preview draws nothing", async () => {
    const { outputs } = await create("RandomPassword", { length: 8 }, true);
    expect(outputs.result).toBeUndefined();
  });
});
