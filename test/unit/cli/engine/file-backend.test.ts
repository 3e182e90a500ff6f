import * as fs from "node:fs";
import * as path from "node:path";
import { stateFile, unusedServerName, wasInterrupted } from "../../../../cli/engine/file-backend";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

function writeState(pending: readonly object[], resources: readonly object[] = []): void {
  const file = stateFile(folder(), "local");
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const latest = { resources, pending_operations: pending };
  fs.writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { latest } }));
}

function writeHistory(...updates: (readonly [kind: string, result: string])[]): void {
  const history = path.join(folder(), ".pulumi/history/pg-audit-lab/local");
  fs.mkdirSync(history, { recursive: true });
  for (const [index, [kind, result]] of updates.entries()) {
    const file = path.join(history, `local-${1_795_975_523_107_815_976n + BigInt(index)}`);
    fs.writeFileSync(`${file}.history.json`, JSON.stringify({ kind, result }));
    fs.writeFileSync(`${file}.checkpoint.json`, "{}");
  }
}

test("a stack that doesn't exist, and one after a successful update, weren't interrupted", () => {
  expect(wasInterrupted(folder(), "local")).toBe(false);
  writeState([]);
  writeHistory(["update", "failed"], ["update", "succeeded"]);
  expect(wasInterrupted(folder(), "local")).toBe(false);
});

test("pending operations are those of a killed engine", () => {
  writeState([{ type: "creating" }]);
  expect(wasInterrupted(folder(), "local")).toBe(true);
});

test.each(["update", "destroy"])("a failed %s counts, also after a refresh", (kind) => {
  writeState([]);
  writeHistory(["update", "succeeded"], [kind, "failed"], ["refresh", "succeeded"]);
  expect(wasInterrupted(folder(), "local")).toBe(true);
});

test("a server's name without a server is one that Azure may keep", () => {
  const suffix = {
    urn: "urn:pulumi:local::pg-audit-lab::random:index/randomString:RandomString::postgres-suffix",
    type: "random:index/randomString:RandomString",
  };
  const server = { urn: "urn:server", type: "azure-native:dbforpostgresql:Server" };
  writeState([], [suffix, server]);
  expect(unusedServerName(folder(), "local")).toBeUndefined();
  writeState([], [suffix]);
  expect(unusedServerName(folder(), "local")).toBe(suffix.urn);
});
