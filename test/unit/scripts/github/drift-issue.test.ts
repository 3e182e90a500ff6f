import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { updateDriftIssue } from "../../../../scripts/github/drift-issue";
import { type Change } from "../../../../scripts/github/preview";
import { FakeGh } from "../../../support/fake-gh/fake-gh";

const parameter = (name: string): Change => ({
  op: "update",
  urn: `urn:pulumi:dev::pg-audit-lab::azure-native:dbforpostgresql:Configuration::${name}`,
  properties: ["value"],
});
const ONE = [parameter("postgres-pgaudit-log")];
const TWO = [...ONE, parameter("postgres-log-line-prefix")];

const outer = process.env;
let folder: string;
let gh: FakeGh;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "drift-issue-"));
  gh = new FakeGh(folder);
  process.env = gh.environment(outer);
});
afterEach(() => {
  process.env = outer;
  fs.rmSync(folder, { recursive: true });
});

const check = (drift: readonly Change[], { stack = "dev", run = "1" } = {}) =>
  updateDriftIssue({ stack, drift, runUrl: `https://github.com/o/r/actions/runs/${run}` });
const states = () => gh.content.issues.map(({ state }) => state);

test("without drift there is no issue", async () => {
  expect(await check([])).toBe("There is no open issue.");
  expect(gh.content.issues).toEqual([]);
});

test("drift opens an issue that says what was changed, how to change it back, and which run found it", async () => {
  expect(await check(ONE)).toBe("Opened https://github.com/owner/repository/issues/1");
  const [issue] = gh.content.issues;
  expect(issue).toMatchObject({
    title: "Drift: dev was changed outside Pulumi",
    labels: ["drift"],
  });
  expect(issue?.body).toContain("| update | `postgres-pgaudit-log` |");
  expect(issue?.body).toContain("start the workflow _Up_ with _refresh_");
  expect(issue?.body).toContain("https://github.com/o/r/actions/runs/1");
});

test("the same drift the next day changes nothing, also after an edit in a browser", async () => {
  await check(ONE);
  const [issue] = gh.content.issues;
  gh.change({ issues: [{ ...issue!, body: issue!.body.replaceAll("\n", "\r\n") }] });
  const before = gh.content.issues;
  expect(await check(ONE, { run: "2" })).toBe("Issue 1 has this drift already.");
  expect(gh.content.issues).toEqual(before);
});

test("further drift updates that issue, and notifies by a comment", async () => {
  await check(ONE);
  expect(await check(TWO, { run: "2" })).toBe("Updated issue 1.");
  const [issue, ...others] = gh.content.issues;
  expect(others).toEqual([]);
  expect(issue?.body).toContain("`postgres-log-line-prefix`");
  expect(issue?.comments).toEqual([expect.stringContaining("The drift has changed")]);
});

test("drift that is gone closes the issue, and the next drift opens another", async () => {
  await check(ONE);
  expect(await check([], { run: "2" })).toBe("Closed issue 1.");
  expect(states()).toEqual(["closed"]);
  expect(gh.content.issues[0]?.comments).toEqual([
    "No drift any more, by [this run](https://github.com/o/r/actions/runs/2).",
  ]);
  await check(TWO, { run: "3" });
  expect(states()).toEqual(["closed", "open"]);
});

test("issues of other stacks, and of people with the same label, are left alone", async () => {
  await check(ONE, { stack: "prod" });
  const person = {
    number: 2,
    title: "The drift of our clock",
    body: "It drifts.",
    labels: ["drift"],
  };
  const before = [...gh.content.issues, { ...person, state: "open" as const, comments: [] }];
  gh.change({ issues: before });
  expect(await check([])).toBe("There is no open issue.");
  expect(gh.content.issues).toEqual(before);
  await check(ONE);
  expect(gh.content.issues).toHaveLength(3);
});

test("texts are on standard input, not in arguments, which have a limit", async () => {
  await check(ONE);
  await check(TWO);
  expect(JSON.stringify(gh.content.calls)).not.toContain("postgres-pgaudit-log");
});

test("a failure of gh is an error with its text", async () => {
  gh.change({ failure: "HTTP 403: Resource not accessible by integration" });
  await expect(check(ONE)).rejects.toThrow(
    /Looking for the issue: gh ended with 1:\nHTTP 403: Resource not accessible by integration/,
  );
});
