import * as fs from "node:fs";
import * as path from "node:path";
import { stateFile } from "../../../../cli/engine/file-backend";
import { requireStackRuns } from "../../../../cli/lab/stack-parts";
import { writeReports } from "../../../../local/azure/supervision/journal";
import { type PartReport } from "../../../../local/azure/supervision/part";
import { LabPaths } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
const SUBSCRIPTION = "/subscriptions/c04c2f20-64e3-4639-a7a1-77fb9af1d793/resourceGroups";
const VM = `${SUBSCRIPTION}/PG-Workshop/providers/Microsoft.Compute/virtualMachines/pg-audit-vm`;
const SERVER = `${SUBSCRIPTION}/team/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-team`;

let paths: LabPaths;

beforeEach(() => {
  paths = new LabPaths(folder());
  fs.mkdirSync(paths.run, { recursive: true });
});

/** @param ids undefined: the stack has never been brought up */
function stack(ids: readonly string[] | undefined): void {
  if (ids === undefined) return;
  const file = stateFile(paths.pulumiState, "local");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const resources = ids.map((id) => ({ urn: `urn:${id}`, type: "x", id }));
  fs.writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
}

const report = (
  name: PartReport["name"],
  instance: string,
  state: PartReport["state"] = "ready",
): PartReport => ({
  ...{ name, instance, state, why: "through the API" },
  ...{ since: "2026-11-29T18:00:00Z", logFile: "/log" },
});

const OTHERS = [
  report("VM", "pg-alice/pg-audit-vm", "stopped"),
  report("PostgreSQL", "psql-alice", "stopped"),
];

test.each([
  ["has never been brought up", undefined],
  ["has its own VM and server", [VM, SERVER]],
  ["has neither", [`${SUBSCRIPTION}/pg-workshop`]],
])("a stopped VM of another stack doesn't matter to a stack that %s", (_, ids) => {
  stack(ids);
  writeReports(paths, [
    ...OTHERS,
    report("VM", "pg-workshop/pg-audit-vm"),
    report("PostgreSQL", "psql-team"),
  ]);
  expect(() => requireStackRuns(paths, "local")).not.toThrow();
});

test("the stack's own stopped VM is named, with the command that starts it", () => {
  stack([VM]);
  writeReports(paths, [...OTHERS, report("VM", "pg-workshop/pg-audit-vm", "stopped")]);
  expect(() => requireStackRuns(paths, "local")).toThrow(
    "was stopped through the API. Start it with `./lab restart vm pg-workshop/pg-audit-vm`.",
  );
});

test("a stopped server that the stack audits and doesn't own is named too", () => {
  stack([`${SERVER}/configurations/pgaudit.log`]);
  writeReports(paths, [...OTHERS, report("PostgreSQL", "psql-team", "stopped")]);
  expect(() => requireStackRuns(paths, "local")).toThrow(
    "PostgreSQL psql-team was stopped through the API. Start it with `./lab restart postgres psql-team`.",
  );
});
