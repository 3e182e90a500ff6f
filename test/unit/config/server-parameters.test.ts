import { parameterValue, serverParameterProblem } from "../../../config/server-parameters";

describe("a server parameter", () => {
  test.each([
    ["pgaudit.log", "ALL"],
    ["pgaudit.log", "read, write,-misc_set"],
    ["pgaudit.log_catalog", "off"],
    ["pgaudit.log_client", "on"],
    ["pgaudit.log_level", "notice"],
    ["pgaudit.log_parameter", "on"],
    ["pgaudit.log_parameter_max_size", "0"],
    ["pgaudit.log_relation", "on"],
    ["pgaudit.log_rows", "ON"],
    ["pgaudit.log_statement", "off"],
    ["pgaudit.log_statement_once", "on"],
    ["pgaudit.role", "auditor"],
    // Whatever isn't pgAudit's is the server's to judge.
    ["log_connections", "perhaps"],
    ["cron.database_name", "pgbench"],
  ])("%s may be %j", (name, value) => expect(serverParameterProblem(name, value)).toBeUndefined());

  test.each([
    ["pgaudit.log", "DLL", /"DLL", but it has no class "DLL"; the classes are READ, WRITE,/],
    ["pgaudit.log", "READ,WRIET,-ALLL", /no class "WRIET", "-ALLL"/],
    ["pgaudit.log", "", /no class ""/],
    ["pgaudit.log_catalog", "yes", /"yes", but it takes one of on, off/],
    ["pgaudit.log_level", "error", /takes one of debug5,/],
    ["pgaudit.log_parameter_max_size", "1kB", /number of bytes/],
    ["pgaudit.log_parameter_max_size", "-1", /number of bytes/],
    ["pgaudit.logs", "ALL", /pgAudit has no parameter pgaudit\.logs; it has pgaudit\.log,/],
    ["shared_preload_libraries", "pgaudit", /set by the key sharedPreloadLibraries/],
    ["azure.extensions", "PGAUDIT", /set by the key extensions/],
    ["Log_Connections", "on", /"Log_Connections" is no parameter name/],
    ["work mem", "4MB", /no parameter name/],
  ])("%s may not be %j", (name, value, problem) =>
    expect(serverParameterProblem(name, value)).toMatch(problem),
  );

  test.each([
    [true, "on"],
    [false, "off"],
    [4096, "4096"],
    [0.5, "0.5"],
    ["%t ", "%t "],
  ])("the YAML value %j is written as %j", (value, text) =>
    expect(parameterValue(value)).toBe(text),
  );
});
