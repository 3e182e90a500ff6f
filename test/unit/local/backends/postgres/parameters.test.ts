import {
  azureTable,
  DESCRIPTIONS,
  isOfTheService,
} from "../../../../../local/backends/postgres/parameters/azure-table";
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
import {
  MAJOR_VERSIONS,
  type MajorVersion,
} from "../../../../../local/backends/postgres/server-build";
import { requireAllowedValue } from "../../../../../local/backends/postgres/parameters/value-rules";

const setting = (name: string, more: Partial<Setting> = {}): Setting => ({
  name,
  setting: "0",
  unit: null,
  short_desc: "Does something.",
  context: "sighup",
  ...more,
});

const parametersOf = (version: MajorVersion, settings: Setting[], overrides = {}, running = {}) =>
  parameterDefinitions(version, settings).map((one) => withValue(one, overrides, running));

describe.each(MAJOR_VERSIONS)("Azure's table of PostgreSQL %s", (version) => {
  const rows = [...azureTable(version).values()];
  const shown = parametersOf(version, []);

  test("has all parameters, each with the columns of its type", () => {
    expect(rows.length).toBeGreaterThan(400);
    for (const row of rows) {
      expect(row.name).toMatch(/^[\w.]+$/);
      expect(row.type).toMatch(/^(dynamic|static|read-only)$/);
      expect(row.dataType).toMatch(/^(Boolean|Enumeration|Integer|Numeric|Set|String)$/);
    }
  });

  test("allows every default value", () => {
    const refused = shown
      // Empty by default, although only versions can be written.
      .filter(
        ({ name, properties }) => !properties.isReadOnly && name !== "ssl_max_protocol_version",
      )
      .filter((parameter) => {
        try {
          requireAllowedValue(parameter, parameter.properties.defaultValue, () => true);
          return false;
        } catch {
          return true;
        }
      });
    expect(refused.map(({ name, properties }) => [name, properties.defaultValue])).toEqual([]);
  });

  test("allows only the default of a read-only parameter", () => {
    for (const { properties } of shown.filter((one) => one.properties.isReadOnly)) {
      expect(properties.allowedValues).toBe(properties.defaultValue);
    }
  });

  test("has what audit logging needs", () => {
    expect(azureTable(version).get("pgaudit.log")).toMatchObject({
      type: "dynamic",
      dataType: "Set",
      allowedValues: "none,read,write,function,role,ddl,misc,all",
    });
    expect(azureTable(version).get("log_line_prefix")).toMatchObject({
      type: "dynamic",
      defaultValue: "%t-%c-",
    });
    const preloads = azureTable(version).get("shared_preload_libraries");
    expect(preloads?.allowedValues.split(",")).toContain("pgaudit");
  });
});

test("descriptions of parameters that PostgreSQL doesn't have are sentences", () => {
  for (const description of DESCRIPTIONS.values()) expect(description).toMatch(/^[A-Z].*\.$/);
});

describe("the list of parameters", () => {
  const one = (overrides: Record<string, string>, running: Record<string, string>) =>
    parametersOf("15", [], overrides, running).find(({ name }) => name === "max_connections")
      ?.properties;

  test.each([
    ["nothing was written", {}, {}, "50", false],
    ["a value was written", { max_connections: "60" }, {}, "60", true],
    ["the server runs with it", { max_connections: "60" }, { max_connections: "60" }, "60", false],
    [
      "it is spelled differently",
      { max_connections: "060" },
      { max_connections: "60" },
      "060",
      false,
    ],
    ["it was reset", {}, { max_connections: "60" }, "50", true],
  ] as const)(
    "shows whether a static parameter waits for a restart when %s",
    (_, overrides, running, value, pending) => {
      expect(one(overrides, running)).toMatchObject({ value, isConfigPendingRestart: pending });
    },
  );

  test("has the units and descriptions of PostgreSQL, and only the parameters of Azure's table", () => {
    const settings = [
      setting("work_mem", { unit: "kB" }),
      setting("pgaudit.log_parameter_max_size"),
      setting("server_version", { setting: "15.9 (Debian 15.9-1)" }),
    ];
    const listed = new Map(parametersOf("15", settings).map((it) => [it.name, it.properties]));
    expect(listed.get("work_mem")).toMatchObject({ unit: "kB", description: "Does something." });
    expect(listed.has("pgaudit.log_parameter_max_size")).toBe(false);
    expect(listed.get("server_version")).toMatchObject({ value: "15.9", isReadOnly: true });
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
    expect(file).not.toMatch(/pg_qs|log_destination|azure\.|lc_numeric|server_version|fsync/);
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
    expect(hostBasedAuthenticationFile("15", overrides)).toBe(file);
  });
});
