import * as pulumi from "@pulumi/pulumi";
import { AuditSettings } from "../../../components/audit-settings";
import { type AuditableServer } from "../../../components/auditable-server";
import { type SqlStepArgs, type SqlSteps } from "../../../components/sql-steps";

/** The warnings of the program where the step prints this. */
async function warnings(printed: string): Promise<string[]> {
  await pulumi.runtime.setMocks({ call: () => ({}), newResource: () => ({ id: "", state: {} }) });
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const sql = {
    run: (_name: string, _step: SqlStepArgs, parent: pulumi.Resource) =>
      Object.assign(parent, { stdout: pulumi.output(printed) }),
  } as unknown as SqlSteps;
  const audit = {
    objects: [],
    roles: { app: { "pgaudit.log": "DDL" } },
    databases: {},
    revision: "",
  };
  const server = { databaseName: pulumi.output("pgbench") } as AuditableServer;
  new AuditSettings("settings", { config: { audit }, sql, server, after: [] as never });
  await new Promise((resolve) => setImmediate(resolve));
  const texts = warn.mock.calls.map(([text]) => text);
  warn.mockRestore();
  return texts;
}

const OWN = { role: "app", parameter: "pgaudit.log", value: "DDL" };
const FOREIGN = { database: "pgbench", parameter: "log_min_messages", value: "panic" };

test("settings that somebody else made are a warning, which says when they were found", async () => {
  expect(await warnings(`pgbench: ${JSON.stringify([OWN, FOREIGN])}`)).toEqual([
    "database pgbench: log_min_messages is 'panic', which wins over the server's and isn't in the configuration. " +
      'This removes it: ALTER DATABASE "pgbench" RESET "log_min_messages"; ' +
      "It was found when this step last ran; ./lab status shows what is there now.",
  ]);
});

test("those of the configuration are none", async () => {
  expect(await warnings(`waiting\npgbench: ${JSON.stringify([OWN])}`)).toEqual([]);
  expect(await warnings("pgbench: []")).toEqual([]);
});
