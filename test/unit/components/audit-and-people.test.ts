import { runProgram, type ProgramRun } from "../support/program";

const ANN = "22222222-2222-4222-8222-222222222222";
const DBA = "33333333-3333-4333-8333-333333333333";
const TENANT = "11111111-1111-4111-8111-111111111111";

describe("the program with audited objects, settings, attendees and Entra administrators", () => {
  let run: ProgramRun;
  beforeAll(async () => {
    run = await runProgram({
      audit: {
        objects: [{ relations: ["sales.*"], privileges: ["SELECT"], roles: ["app"] }],
        roles: { app: { "pgaudit.log": "DDL" } },
        databases: { pgbench: { "pgaudit.log_parameter": true } },
      },
      serverParameters: { "pgaudit.log": "DDL,ROLE" },
      attendees: ["alice", "bob"],
      microsoftEntra: {
        tenantId: TENANT,
        administrators: [
          { objectId: ANN, principalName: "ann@contoso.com" },
          { objectId: DBA, principalName: "Administrators", principalType: "Group" },
        ],
      },
    });
  });
  const inputs = (name: string) => run.recorder.get(name).inputs;
  const environment = (name: string) => inputs(name).environment as Record<string, string>;
  const text = (name: string) => environment(name).SQL ?? "";

  const STEPS = [
    ...["audit-extension", "attendees-alice-user", "attendees-bob-user", "object-auditing"],
    ...[
      "audit-settings-role-app-pgaudit.log",
      "audit-settings-database-pgbench-pgaudit.log_parameter",
    ],
    "audit-settings-of-others",
  ];

  test("runs SQL that changes roles and privileges one after the other, since PostgreSQL refuses some of it at once", () => {
    for (const [index, step] of STEPS.slice(1).entries()) {
      expect([step, run.recorder.waitsFor(step, STEPS[index] ?? "")]).toEqual([step, true]);
    }
  });

  test("undoes each step, but not what the server is deleted with", () => {
    for (const step of STEPS.slice(1, -1)) {
      expect([step, inputs(step).delete]).toEqual([step, expect.stringMatching(/ remove$/)]);
      expect(environment(step).REMOVAL_SQL).not.toBe("");
      expect(run.recorder.get(step).deletedWith).toBe("postgres");
    }
    expect(inputs("audit-settings-of-others").delete).toBeUndefined();
  });

  test("sends passwords of attendees by standard input only, as verifiers", () => {
    for (const name of ["alice", "bob"]) {
      expect(text(`attendees-${name}-user`)).toContain(`CREATE SCHEMA IF NOT EXISTS "${name}"`);
      expect(text(`attendees-${name}-user`)).not.toContain("SCRAM");
      const { secretSql } = JSON.parse(String(inputs(`attendees-${name}-user`).stdin)) as {
        secretSql: string;
      };
      expect(secretSql).toContain(`ALTER ROLE "${name}" LOGIN PASSWORD 'SCRAM-SHA-256$4096:`);
    }
    // In a workshop's CSV, a spreadsheet takes what begins with one of these for a formula.
    expect(inputs("attendees-alice").overrideSpecial).not.toMatch(/[=+@-]/);
    expect(run.secretOutputs).toContain("attendeePasswords");
    expect(Object.keys(run.outputs.attendeePasswords as object)).toEqual(["alice", "bob"]);
  });

  test("covers later tables of attendees and of the named roles", () => {
    expect(text("object-auditing")).toContain("NULL::text");
    for (const role of ["alice", "bob", "app"]) {
      expect(text("object-auditing")).toContain(`'SELECT', '${role}'`);
    }
    expect(inputs("postgres-pgaudit-role")).toMatchObject({ value: "pgaudit_objects" });
  });

  test("exports the configured settings, for ./lab status", () => {
    expect(run.outputs.auditSettings).toEqual([
      { role: "app", parameter: "pgaudit.log", value: "DDL" },
      { database: "pgbench", parameter: "pgaudit.log_parameter", value: "on" },
    ]);
  });

  test("enables Entra sign-in besides passwords, and adds administrators after the last parameter, one by one", () => {
    expect(inputs("postgres").authConfig).toEqual({
      passwordAuth: "Enabled",
      activeDirectoryAuth: "Enabled",
      tenantId: TENANT,
    });
    expect(inputs(`entra-administrators-${DBA}`)).toMatchObject({
      objectId: DBA,
      principalName: "Administrators",
      principalType: "Group",
      tenantId: TENANT,
    });
    const waits = (name: string, other: string) => run.recorder.waitsFor(name, other);
    expect(waits(`entra-administrators-${ANN}`, "postgres-pgaudit-role")).toBe(true);
    expect(waits(`entra-administrators-${DBA}`, `entra-administrators-${ANN}`)).toBe(true);
  });
});
