import * as fs from "node:fs";
import * as path from "node:path";
import { type Attempt, runAll, type StackResult } from "../../../../cli/workshop/run";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const plan = ["alice", "bob", "carol"].map((name) => ({ stack: `s-${name}`, attendees: [name] }));
const logOf = (stack: string) => path.join(folder(), `${stack}.log`);

beforeEach(() => jest.spyOn(process.stdout, "write").mockReturnValue(true));
afterEach(() => jest.restoreAllMocks());

const run = (
  work: (name: string, attempt: Attempt) => Promise<string>,
  signal = new AbortController().signal,
): Promise<StackResult<string>[]> =>
  runAll({
    ...{ plan, parallel: 2, signal, logOf },
    work: ({ attendees: [name = ""] }, attempt) => work(name, attempt),
  });

const diagnostic = (message: string) => ({
  ...{ sequence: 1, timestamp: 1 },
  diagnosticEvent: { message, color: "never", severity: "error" as const },
});

test("a failed stack is tried again once, and ends no other; the reason is the engine's", async () => {
  const calls: string[] = [];
  const results = await run(async (name, { progress }) => {
    calls.push(name);
    if (name === "alice" && calls.filter((call) => call === name).length === 1) throw new Error();
    if (name === "bob") {
      progress.take(diagnostic("<{%reset%}>quota\nexceeded<{%reset%}>"));
      throw new Error("ended with 255");
    }
    return name;
  });
  expect(calls.sort()).toEqual(["alice", "alice", "bob", "bob", "carol"]);
  expect(results.map(({ value, tries }) => [value, tries])).toEqual([
    ...[
      ["alice", 2],
      [undefined, 2],
      ["carol", 1],
    ],
  ]);
  expect(results[1]?.text).toBe("quota exceeded");
  expect(fs.statSync(logOf("s-bob")).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(logOf("s-bob"), "utf8")).toContain("ended with 255");
});

test("no more than so many are worked on at a time", async () => {
  let [running, most] = [0, 0];
  await run(async (name) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running -= 1;
    return name;
  });
  expect(most).toBe(2);
});

test("after Ctrl-C nothing is tried again or begun", async () => {
  const interrupt = new AbortController();
  const results = await run(async () => {
    interrupt.abort();
    throw new Error("canceled");
  }, interrupt.signal);
  expect(results.map(({ tries }) => tries)).toEqual([1, expect.any(Number), 0]);
  expect(results.every((result) => !("value" in result))).toBe(true);
});
