import { azureTable } from "../../../local/backends/postgres/parameters/azure-table";
import { MAJOR_VERSIONS } from "../../../local/backends/postgres/server-build";
import {
  azurePreloadLibraries,
  planServerParameters,
  type ServerParameter,
} from "../../../components/server-parameters";

const plan = (choices: Partial<Parameters<typeof planServerParameters>[0]> = {}) =>
  planServerParameters({
    presentExtensions: [],
    presentLibraries: azurePreloadLibraries("15"),
    extensions: [],
    sharedPreloadLibraries: [],
    audit: { objects: [] },
    serverParameters: {},
    ...choices,
  });
const names = (parameters: readonly { name: string }[]) => parameters.map(({ name }) => name);
const valueOf = (parameters: readonly ServerParameter[], name: string) =>
  parameters.find((parameter) => parameter.name === name)?.value;

describe("the plan of server parameters", () => {
  test("has pgAudit's needs and the original workshop's values by default", () => {
    expect(plan()).toEqual({
      beforeRestart: [
        { name: "azure.extensions", value: "PGAUDIT" },
        { name: "shared_preload_libraries", value: "pg_cron,pg_stat_statements,pgaudit" },
      ],
      static: [{ name: "shared_preload_libraries", value: "pg_cron,pg_stat_statements,pgaudit" }],
      afterRestart: [
        { name: "log_line_prefix", value: "%t %p %l-1 %c %s db-%d,user-%u,app-%a,client-%h " },
        { name: "pgaudit.log", value: "ALL" },
        { name: "pgaudit.log_relation", value: "on" },
      ],
    });
  });

  test("names the role of audited objects", () => {
    const { afterRestart } = plan({ audit: { objects: [{}] } });
    expect(valueOf(afterRestart, "pgaudit.role")).toBe("pgaudit_objects");
  });

  test("preloads what Azure preloads for the version", () => {
    const preloaded = (version: string) =>
      valueOf(
        plan({ presentLibraries: azurePreloadLibraries(version) }).static,
        "shared_preload_libraries",
      );
    expect(preloaded("17")).toBe("pg_stat_statements,pgaudit");
    expect(preloaded("18")).toBe("pg_cron,pg_stat_statements,pgaudit");
  });

  test("extends the lists, without duplicates", () => {
    const { beforeRestart } = plan({
      extensions: ["pg_trgm", "pgaudit"],
      sharedPreloadLibraries: ["pg_prewarm", "pg_cron"],
    });
    expect(valueOf(beforeRestart, "azure.extensions")).toBe("PGAUDIT,PG_TRGM");
    expect(valueOf(beforeRestart, "shared_preload_libraries")).toBe(
      "pg_cron,pg_stat_statements,pgaudit,pg_prewarm",
    );
  });

  test("writes static parameters before the restart and dynamic ones after it", () => {
    const {
      beforeRestart,
      static: needRestart,
      afterRestart,
    } = plan({
      serverParameters: {
        work_mem: "8192",
        max_connections: "100",
        "pgaudit.log": "DDL",
        "cron.database_name": "pgbench",
      },
    });
    const statics = ["shared_preload_libraries", "cron.database_name", "max_connections"];
    expect(names(beforeRestart)).toEqual(["azure.extensions", ...statics]);
    expect(names(needRestart)).toEqual(statics);
    expect(names(afterRestart)).toEqual([
      "log_line_prefix",
      "pgaudit.log",
      "pgaudit.log_relation",
      "work_mem",
    ]);
    expect(valueOf(afterRestart, "pgaudit.log")).toBe("DDL");
  });

  test.each(MAJOR_VERSIONS)("knows what is static in Azure's table of PostgreSQL %s", (version) => {
    const rows = [...azureTable(version).values()].filter(
      ({ name, type }) => type === "static" && name !== "shared_preload_libraries",
    );
    const serverParameters = Object.fromEntries(rows.map(({ name }) => [name, "x"]));
    expect(
      plan({ presentLibraries: azurePreloadLibraries(version), serverParameters }).afterRestart,
    ).toHaveLength(3);
  });

  test("doesn't depend on the order of the parameters", () => {
    const given = { work_mem: "8192", max_connections: "100", log_lock_waits: "on" };
    const turned = Object.fromEntries(Object.entries(given).reverse());
    expect(plan({ serverParameters: turned })).toEqual(plan({ serverParameters: given }));
  });
});
