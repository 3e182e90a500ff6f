import * as fs from "node:fs";
import * as path from "node:path";
import { KnownFile } from "../../../../audit/rules/first-sight";
import { tempFolder } from "../../support/temp-folder";
import { logRecord } from "../records";
import { find } from "./rules";

const folder = tempFolder();
const NO_RULES = { documents: [], lists: {} };
const KNOWN = { exists: true, users: ["app"], clients: ["10.1.2.3"] };

const seen = (records: readonly ReturnType<typeof logRecord>[]) =>
  find(NO_RULES, records, KNOWN).findings.map(({ rule, text, time }) => [rule, text, time]);

test("a new user and a new address are found once, with their first record", () => {
  const [late, early] = ["2026-11-22T18:00:00.000Z", "2026-11-22T17:00:00.000Z"];
  const records = [
    logRecord({ user_name: "eve", client: "10.9.9.9", time: late }),
    logRecord({ user_name: "eve", time: early }),
    logRecord({}),
  ];
  expect(seen(records)).toEqual([
    ["First sight of a user", "eve", early],
    ["First sight of a client address", "10.9.9.9", late],
  ]);
});

test("names and addresses of failed logins aren't seen", () => {
  const stranger = { user_name: "root", client: "10.9.9.9" };
  expect(
    seen([
      logRecord({ ...stranger, kind: "error", sql_state_code: "28P01" }),
      logRecord({ ...stranger, kind: "connection", message: "connection received: host=10.9.9.9" }),
      logRecord({ ...stranger, kind: "audit", user_name: null, client: null }),
    ]),
  ).toEqual([]);
  const authorized = "connection authorized: user=root database=shop";
  expect(seen([logRecord({ ...stranger, kind: "connection", message: authorized })])).toHaveLength(
    2,
  );
});

test("the first reading only learns", async () => {
  const name = path.join(folder(), "known.json");
  const file = new KnownFile(name);
  const records = [logRecord({ user_name: "eve" }), logRecord({})];
  const first = find(NO_RULES, records, file.read());
  expect(first.findings).toEqual([]);
  await file.write(first.notables.allKnown() ?? { users: [], clients: [] });
  expect(fs.statSync(name).mode & 0o777).toBe(0o600);
  expect(file.read()).toEqual({ exists: true, users: ["app", "eve"], clients: ["10.1.2.3"] });
  const second = find(NO_RULES, [...records, logRecord({ user_name: "mallory" })], file.read());
  expect(second.findings).toMatchObject([{ text: "mallory" }]);
  expect(second.notables.allKnown()?.users).toEqual(["app", "eve", "mallory"]);
});

test("a file with other content is refused, and one in a folder that doesn't exist", () => {
  expect(() => new KnownFile("/nowhere/known.json").read()).toThrow(/there is no folder \/nowhere/);
  const name = path.join(folder(), "known.json");
  fs.writeFileSync(name, '{"users":"all"}');
  expect(() => new KnownFile(name).read()).toThrow(/isn't a file of known users and clients/);
});
