import { configWarnings, validateConfig } from "../../../config/schema";
import { rawConfig } from "../support/project-config";
import { problems } from "../support/config-problems";

const objects = (entry: object) => ({ objects: [{ relations: ["sales.*"], ...entry }] });

test("audited objects have all privileges and no further roles by default", () => {
  const { audit } = validateConfig(rawConfig({ audit: objects({}) }));
  expect(audit).toEqual({
    objects: [
      { relations: ["sales.*"], privileges: ["SELECT", "INSERT", "UPDATE", "DELETE"], roles: [] },
    ],
    roles: {},
    databases: {},
    revision: "",
  });
});

test.each([
  ["audit", objects({ privileges: ["SELECT"], roles: ["App Owner"] })],
  ["audit", { roles: { "Ann@contoso.com": { "pgaudit.log": "READ,WRITE" } } }],
  ["audit", { databases: { "Sales DB": { "pgaudit.log_parameter": true } }, revision: "2" }],
  ["attendees", ["alice", "bob_2"]],
])("%s may be %j", (key, value) => expect(problems({ [key]: value })).toBe(""));

test.each([
  ["audit", { object: [] }, /audit\[object\]: is not a key of this object; did you mean objects\?/],
  ["audit", objects({ privilege: [] }), /privilege\]: is not a key.*did you mean privileges\?/],
  ["audit", objects({ relations: [] }), /relations\]: is empty; name at least one/],
  ["audit", objects({ relations: ["orders"] }), /"orders" was given; a schema and a relation/],
  ["audit", objects({ privileges: ["TRUNCATE"] }), /"TRUNCATE" was given; one of SELECT, INSERT/],
  ["audit", objects({ roles: ["r".repeat(64)] }), /a name of 1 to 63 bytes/],
  [
    "audit",
    { roles: { app: { work_mem: 1 } } },
    /audit\[roles\]\[app\]: "work_mem" is no parameter of pgAudit's/,
  ],
  [
    "audit",
    { roles: { app: { "pgaudit.log": "READS" } } },
    /roles\]\[app\]: pgaudit\.log is "READS", but it has no class "READS"/,
  ],
  [
    "audit",
    { databases: { db: { "pgaudit.logs": "on" } } },
    /pgAudit has no parameter pgaudit\.logs/,
  ],
  ["attendees", ["Alice"], /"Alice" was given; a role name/],
  ["attendees", ["azure_pg_admin"], /Azure reserves that name/],
  ["attendees", ["alice", "alice"], /attendees: has "alice" twice/],
  ["attendees", ["pgadmin"], /attendees: has "pgadmin", the administrator's login/],
  [
    "microsoftEntra",
    { administrators: [administrator()] },
    /microsoftEntra: needs the tenantId of its administrators/,
  ],
  ["microsoftEntra", { tenantId: "contoso.com" }, /"contoso\.com" was given; a tenant's id/],
  [
    "microsoftEntra",
    { administrators: [{ ...administrator(), objectId: "ann" }] },
    /"ann" was given; the principal's object id/,
  ],
  [
    "microsoftEntra",
    { administrators: [{ ...administrator(), principalType: "user" }] },
    /one of User, Group, ServicePrincipal/,
  ],
])("%s can't be %j", (key, value, problem) => expect(problems({ [key]: value })).toMatch(problem));

test("audited objects and a pgaudit.role of one's own exclude each other", () => {
  expect(problems({ audit: objects({}), serverParameters: { "pgaudit.role": "mine" } })).toMatch(
    /serverParameters: pgaudit\.role is the role of audit\.objects/,
  );
});

test("PostgreSQL 14 has no parameters of roles that others than superusers set", () => {
  const audit = { roles: { app: { "pgaudit.log": "DDL" } } };
  expect(problems({ audit, postgresVersion: "14" })).toMatch(/need PostgreSQL 15/);
  expect(problems({ audit, postgresVersion: "15" })).toBe("");
});

describe("a warning is given", () => {
  const warnings = (changes: object) => configWarnings(validateConfig(rawConfig({ ...changes })));

  test("where objects are audited twice", () => {
    const log = (value: string) =>
      warnings({ audit: objects({}), serverParameters: { "pgaudit.log": value } });
    expect(log("DDL, read")).toEqual([expect.stringMatching(/twice, as SESSION and as OBJECT/)]);
    expect(log("DDL,ROLE")).toEqual([]);
    expect(warnings({ audit: objects({}) })).toEqual([expect.stringMatching(/ALL, the default/)]);
  });

  test("where a role or a database is silenced", () => {
    const audit = {
      roles: { app: { "pgaudit.log": "none" } },
      databases: { db: { "pgaudit.log": "DDL" } },
    };
    expect(warnings({ audit })).toEqual([
      'audit.roles: pgaudit.log is NONE for "app", which wins over the server\'s: its sessions leave no SESSION records.',
    ]);
  });
});

function administrator() {
  return { objectId: "11111111-2222-4333-8444-555555555555", principalName: "ann@contoso.com" };
}
