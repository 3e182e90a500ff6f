import {
  AZURE_ROWS,
  isOfTheService,
} from "../../../../../local/backends/postgres/parameters/azure-only";
import * as differences from "../../../../../local/backends/postgres/parameters/azure-differences";
import {
  parameterDefinitions,
  type Setting,
  withValue,
} from "../../../../../local/backends/postgres/parameters/catalogue";
import { documentationLink } from "../../../../../local/backends/postgres/parameters/documentation";
import {
  hostBasedAuthenticationFile,
  parametersFile,
} from "../../../../../local/backends/postgres/parameters/server-files";
import { isSameValue } from "../../../../../local/backends/postgres/parameters/server-parameter";
import { requireAllowedValue } from "../../../../../local/backends/postgres/parameters/value-rules";

const setting = (name: string, more: Partial<Setting> = {}): Setting => ({
  name,
  setting: "0",
  unit: null,
  category: "Autovacuum",
  short_desc: "Does something.",
  context: "sighup",
  vartype: "integer",
  min_val: "0",
  max_val: "10",
  enumvals: null,
  boot_val: "0",
  ...more,
});

const serverParameters = (settings: Setting[], overrides = {}, running = {}) =>
  parameterDefinitions("15", settings).map((one) => withValue(one, overrides, running));

describe("Azure's tables", () => {
  const shown = serverParameters([]);

  test("have complete rows, and each parameter once", () => {
    for (const row of AZURE_ROWS) {
      expect(row.type).toMatch(/^(dynamic|static|read-only)$/);
      expect(row.dataType).toMatch(/^(Boolean|Enumeration|Integer|Numeric|Set|String)$/);
      expect(row.description).toMatch(/\.$/);
    }
    expect(new Set(AZURE_ROWS.map(({ name }) => name)).size).toBe(AZURE_ROWS.length);
  });

  test.each(shown.filter(({ properties }) => !properties.isReadOnly))(
    "allow the default value of $name",
    (parameter) => {
      expect(() =>
        requireAllowedValue(parameter, parameter.properties.defaultValue, () => true),
      ).not.toThrow();
    },
  );

  test("allow only the default of a read-only parameter", () => {
    const [parameter] = serverParameters([setting("fsync", { boot_val: "on" })]).filter(
      ({ name }) => name === "fsync",
    );
    expect(parameter?.properties).toMatchObject({ isReadOnly: true, allowedValues: "on" });
  });

  test("contain no range or type of a parameter that Azure doesn't list", () => {
    const named = [differences.ALLOWED_VALUES, differences.DATA_TYPES, differences.DEFAULTS];
    const names = named.flatMap((table) => Object.keys(table));
    expect(names.filter((name) => differences.NOT_LISTED.has(name))).toEqual([]);
  });
});

describe("the list of parameters", () => {
  const one = (overrides: Record<string, string>, running: Record<string, string>) =>
    serverParameters([setting("some_static", { context: "postmaster" })], overrides, running).find(
      ({ name }) => name === "some_static",
    )?.properties;

  test.each([
    ["nothing was written", {}, {}, "0", false],
    ["a value was written", { some_static: "5" }, {}, "5", true],
    ["the server runs with it", { some_static: "5" }, { some_static: "5" }, "5", false],
    ["it is spelled differently", { some_static: "05" }, { some_static: "5" }, "05", false],
    ["it was reset", {}, { some_static: "5" }, "0", true],
  ] as const)(
    "shows whether a static parameter waits for a restart when %s",
    (_, overrides, running, value, pending) => {
      expect(one(overrides, running)).toMatchObject({ value, isConfigPendingRestart: pending });
    },
  );

  test("takes the parameters of libraries from Azure's table", () => {
    const names = serverParameters([
      setting("pgaudit.log_parameter_max_size"),
      setting("pgaudit.role"),
    ]);
    expect(names.filter(({ name }) => name.startsWith("pgaudit.ro"))).toHaveLength(1);
    expect(names.map(({ name }) => name)).not.toContain("pgaudit.log_parameter_max_size");
  });
});

test.each([
  ["Boolean", "ON", "on", true],
  ["Integer", "8192", "8192 ", true],
  ["Integer", "1", "", false],
  ["Numeric", "1", "1.0", true],
  ["Set", "PGAUDIT, pg_cron", "pgaudit,pg_cron", true],
  ["Set", "pg_cron,pgaudit", "pgaudit,pg_cron", false],
  ["String", "A", "a", false],
] as const)("as a %s, %j and %j are the same value: %s", (dataType, a, b, same) => {
  expect(isSameValue(dataType, a, b)).toBe(same);
});

test.each([
  [
    "work_mem",
    "Resource Usage / Memory",
    "https://www.postgresql.org/docs/15/runtime-config-resource.html#GUC-WORK-MEM",
  ],
  ["pgaudit.log", undefined, "https://github.com/pgaudit/pgaudit/blob/master/README.md"],
  ["cron.log_run", undefined, undefined],
])("%s has the documentation link of Azure's table", (name, category, link) => {
  expect(documentationLink("15", name, category)).toBe(link);
});

describe("the server's files", () => {
  test("contain the written values for PostgreSQL, and none of the service's parameters", () => {
    const file = parametersFile("15", {
      work_mem: "8192",
      "azure.extensions": "PGAUDIT, pg_trgm",
      "pg_qs.query_capture_mode": "all",
      log_destination: "csvlog",
      log_line_prefix: "it's\\n",
    });
    expect(file).toContain("work_mem = '8192'\n");
    expect(file).toContain("extwlist.extensions = 'pgaudit,pg_trgm'\n");
    expect(file).toContain("log_line_prefix = 'it''s\\\\n'\n");
    expect(file).not.toMatch(/pg_qs|log_destination|azure\.|lc_numeric/);
    expect(isOfTheService("pg_qs.query_capture_mode")).toBe(true);
    expect(isOfTheService("pgaudit.log")).toBe(false);
  });

  test.each([
    [{}, "hostssl all all 127.0.0.1/32 md5\n"],
    [{ require_secure_transport: "OFF" }, "host all all 127.0.0.1/32 md5\n"],
    [
      { "azure.accepted_password_auth_method": "scram-sha-256" },
      "hostssl all all 127.0.0.1/32 scram-sha-256\n",
    ],
  ])("allow sessions according to %j", (overrides, file) => {
    expect(hostBasedAuthenticationFile(overrides)).toBe(file);
  });
});
