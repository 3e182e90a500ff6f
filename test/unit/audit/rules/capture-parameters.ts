/**
 * Writes a fixture of this folder's tests: the log of a real PostgreSQL 15 with pgAudit whose server parameters are
 * changed, as by Azure's portal: a file of the server changes, and it reloads its configuration.
 *
 *     npx tsx test/unit/audit/rules/capture-parameters.ts
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import { AuditedServer } from "../../../support/audited-server";

const FIXTURE = path.join(__dirname, "fixtures/parameters.jsonlog");

/** Each list is one reload. */
const CHANGES: readonly (readonly string[])[] = [
  // What a stack sets up, and a change for the next restart.
  [
    `SET log_line_prefix = '${LOG_LINE_PREFIX}'`,
    "SET pgaudit.log = 'write,ddl,role'",
    "SET pgaudit.role = 'auditor'",
    "SET pgaudit.log_parameter = 'on'",
    "SET pgaudit.log_relation = 'on'",
    "SET pgaudit.log_rows = 'on'",
    "SET pgaudit.log_level = 'warning'",
    "SET shared_preload_libraries = ''",
  ],
  [
    "RESET shared_preload_libraries",
    "SET pgaudit.log = 'NONE'",
    "SET pgaudit.role = ''",
    "SET pgaudit.log_catalog = 'off'",
    "SET pgaudit.log_level = 'notice'",
    "SET pgaudit.log_parameter = 'off'",
    "SET pgaudit.log_relation = 'OFF'",
    "SET pgaudit.log_rows = 'false'",
    "SET pgaudit.log_statement = 'off'",
    "SET log_connections = 'off'",
    "SET log_disconnections = 'off'",
    "SET log_line_prefix = '%t-%c-'",
  ],
  ["SET log_line_prefix = '%t user=%u '"],
  ["SET log_line_prefix = '%t user=%-10u host=%r '", "SET pgaudit.log = 'all'"],
  // The server doesn't log the change that silences its own lines, only its end.
  ["SET log_min_messages = 'fatal'"],
  ["RESET log_min_messages"],
  ["RESET pgaudit.log", "RESET pgaudit.log_level", "RESET pgaudit.log_statement"],
];

async function main(): Promise<void> {
  const parameters = "log_line_prefix = '%t-%c-'\nlog_checkpoints = off\n";
  const server = await AuditedServer.start(parameters);
  try {
    const { log } = server;
    const client = await server.connect({ applicationName: "changes" });
    await client.query("SELECT set_config('pgaudit.log', 'none', false)");
    const start = log.sizes();
    for (const changes of CHANGES) {
      for (const change of changes) await client.query(`ALTER SYSTEM ${change}`);
      await client.query("SELECT pg_reload_conf()");
      await log.quiet();
    }
    fs.writeFileSync(FIXTURE, log.since(start).jsonlog);
    await client.end();
  } finally {
    await server.remove();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
