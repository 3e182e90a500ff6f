import * as fs from "node:fs";
import * as path from "node:path";
import { readRules } from "../../../../audit/rules/rule-files";
import { tempFolder } from "../../support/temp-folder";
import { logRecord } from "../records";
import { find, ruleText, rulesOf } from "./rules";

const folder = tempFolder();

/** Two folders. */
function folders(): [string, string] {
  const names = ["first", "second"].map((name) => path.join(folder(), name));
  for (const name of names) fs.mkdirSync(name);
  return [names[0] ?? "", names[1] ?? ""];
}

const DROPS = ruleText("selection:\n    command: DROP TABLE\ncondition: selection", {
  id: "drops",
});
const RECORDS = [logRecord({ class: "DDL", command: "DROP TABLE", object_name: "public.a" })];

test("a rule replaces one of an earlier folder with its id", async () => {
  const [first, second] = folders();
  await rulesOf(first, { "a.yml": DROPS, "b.yml": DROPS.replace(/drops|A rule/g, "other") });
  await rulesOf(second, { "mine.yml": DROPS.replace("level: high", "level: low") });
  const { findings } = find(await readRules([first, second]), RECORDS);
  expect(findings.map(({ rule, level }) => [rule, level])).toEqual([
    ["A rule", "low"],
    ["other", "high"],
  ]);
});

test("a rule with the status deprecated isn't applied, and named", async () => {
  const [first, second] = folders();
  await rulesOf(first, { "a.yml": DROPS });
  await rulesOf(second, { "off.yml": "id: drops\ntitle: Dropped\nstatus: deprecated\n" });
  const { findings, notables } = find(await readRules([first, second]), RECORDS);
  expect(findings).toEqual([]);
  expect(notables.inactiveRules).toEqual(["Dropped"]);
});

test("a list replaces one of an earlier folder; # begins a comment", async () => {
  const [first, second] = folders();
  const rule = ruleText("selection:\n    object_name|expand: '%tables%'\ncondition: selection");
  await rulesOf(first, { "a.yml": rule, "tables.txt": "# none\n" });
  expect(find(await readRules([first]), RECORDS).findings).toEqual([]);
  await rulesOf(second, { "tables.txt": "hr.*\r\n\n  public.A  \n" });
  expect(find(await readRules([first, second]), RECORDS).findings).toHaveLength(1);
});

test("a rule without a level has the level medium", async () => {
  const source = await rulesOf(folder(), { "a.yml": DROPS.replace("level: high\n", "") });
  expect(find(source, RECORDS).findings).toMatchObject([{ level: "medium" }]);
});

test("the service pgaudit limits a rule to records of kind audit", async () => {
  const rule = ruleText("selection:\n    user_name: app\ncondition: selection");
  const records = [logRecord({}), logRecord({ kind: "error" })];
  const all = await rulesOf(folder(), { "a.yml": rule });
  expect(find(all, records).findings).toHaveLength(2);
  const service = rule.replace("postgresql\n", "postgresql\n    service: pgaudit\n");
  const audit = await rulesOf(folder(), { "a.yml": service });
  expect(find(audit, records).findings).toHaveLength(1);
});

test("all problems are reported with their files", async () => {
  const place = folder();
  const source = await rulesOf(place, {
    "a.yml": DROPS.replace("command", "Image"),
    "b.yml": ruleText("condition: x", { title: "B" }).replace("level: high", "level: urgent"),
    "c.yml": "title: C\nid: c\nfilter: {}\n",
    "d.yml": DROPS.replace("id: drops", "id: d").replace("postgresql", "windows"),
  });
  const file = (name: string) => path.join(place, name);
  expect(() => find(source, [])).toThrow(
    [
      "The rules can't be used:",
      `  ${file("a.yml")}: Image: records have no field "Image"; docs/audit.md lists the fields`,
      `  ${file("b.yml")}: level: "urgent" isn't one of informational, low, medium, high, critical`,
      `  ${file("b.yml")}: condition "x": the detection has no "x"`,
      `  ${file("c.yml")}: filter: it isn't supported`,
      `  ${file("c.yml")}: it has neither a detection nor a correlation`,
      `  ${file("d.yml")}: logsource: {"product":"windows"} isn't the reader's; it takes product: postgresql, and service: pgaudit or none`,
    ].join("\n"),
  );
});

test("files that aren't rules are reported together", async () => {
  const files = { "a.yml": "title: [", "b.yml": "- a list", "c.yml": DROPS, "d.yaml": DROPS };
  await expect(rulesOf(folder(), files)).rejects.toThrow(
    /a\.yml: .*\n.*b\.yml: it isn't a rule.*\n.*d\.yaml: .*c\.yml has a rule with the same id, drops/,
  );
});

test("rules are found in folders in the folder", async () => {
  const [first] = folders();
  await rulesOf(first, { "a.yml": DROPS });
  expect(find(await readRules([folder()]), RECORDS).findings).toHaveLength(1);
});

test("a folder that doesn't exist, or has no rules, is reported", async () => {
  await expect(readRules([folder()])).rejects.toThrow(/which has no rules \(\*\.yml\)/);
  await expect(readRules(["/nowhere"])).rejects.toThrow(
    "--rules is /nowhere, which isn't a folder.",
  );
});
