import { parameterValue, serverParameterProblem } from "../../../config/server-parameters";

describe("a server parameter", () => {
  test.each([
    ["pgaudit.log", "ALL"],
    ["pgaudit.log", "read, write,misc"],
    ["pgaudit.log_catalog", "off"],
    ["pgaudit.log_client", "on"],
    ["pgaudit.log_level", "notice"],
    ["pgaudit.log_parameter", "on"],
    ["pgaudit.log_relation", "ON"],
    ["pgaudit.log_statement_once", "on"],
    ["pgaudit.log_rows", "on"],
    ["pgaudit.log_statement", "off"],
    ["pgaudit.role", "auditor"],
    // Read-only on Azure until 2025.
    ["log_connections", "off"],
    ["log_parameter_max_length", "0"],
    // Azure doesn't have it yet.
    ["pgaudit.log_parameter_max_size", "100"],
    // Whatever isn't pgAudit's is the server's to judge.
    ["log_lock_waits", "perhaps"],
    ["TimeZone", "Europe/Berlin"],
    ["cron.database_name", "pgbench"],
  ])("%s may be %j", (name, value) => expect(serverParameterProblem(name, value)).toBeUndefined());

  test.each([
    ["pgaudit.log", "DLL", /"DLL", but it has no class "DLL"; Azure's classes are READ, WRITE,/],
    ["pgaudit.log", "READ,WRIET,-ALLL", /no class "WRIET", "-ALLL"/],
    // pgAudit knows these two, and Azure refuses them.
    ["pgaudit.log", "ALL,-MISC", /no class "-MISC"/],
    ["pgaudit.log", "MISC_SET", /no class "MISC_SET"/],
    ["pgaudit.log", "", /no class ""/],
    ["pgaudit.log_catalog", "yes", /"yes", but it must be one of on, off/],
    ["pgaudit.log_level", "error", /must be one of debug5,/],
    ["pgaudit.logs", "ALL", /pgAudit has no parameter pgaudit\.logs; it has pgaudit\.log,/],
    ["pgaudit.log_rows", "yes", /"yes", but it must be one of on, off/],
    ["pgaudit.role", "auditor1", /must be a role's name of letters/],
    ["log_timezone", "CET", /log_timezone is read-only on Azure, where it is UTC/],
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
