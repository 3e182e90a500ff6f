/**
 * Writes the fixtures of this folder's tests, and of those of the rules: the log of a real PostgreSQL 15 with pgAudit, as csvlog, jsonlog and
 * plain text, of sessions that cause every kind of line.
 *
 *     npx tsx test/unit/audit/decode/capture.ts
 */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Client } from "pg";
import { LOG_LINE_PREFIX } from "../../../../components/server-parameters";
import type { JsonLogLine } from "../../../../local/backends/log-shipper/log-line-prefix";
import { AuditedServer } from "../../../support/audited-server";
import { NOTABLE_SESSIONS } from "../rules/capture-sessions";
import { type CapturedSession, PREFIX_SESSION, PREFIXES, SESSIONS } from "./capture-sessions";

const FIXTURES = path.join(__dirname, "fixtures");
const RULE_FIXTURES = path.join(__dirname, "../rules/fixtures");

async function main(): Promise<void> {
  const server = await AuditedServer.start(`log_line_prefix = '${LOG_LINE_PREFIX}'\n`);
  try {
    const { log } = server;
    const start = log.sizes();
    for (const session of SESSIONS) await run(session, server);
    await log.quiet();
    const { stderr, csvlog, jsonlog } = log.since(start);
    fs.writeFileSync(path.join(FIXTURES, "trail.stderr"), stderr);
    fs.writeFileSync(path.join(FIXTURES, "trail.csvlog"), csvlog);
    fs.writeFileSync(path.join(FIXTURES, "trail.jsonlog"), jsonlog);
    const notableStart = log.sizes();
    for (const session of NOTABLE_SESSIONS) await run(session, server);
    await log.quiet();
    const notable = log.since(notableStart).jsonlog;
    fs.writeFileSync(path.join(RULE_FIXTURES, "notable.jsonlog"), notable);
    const lines: string[] = [];
    for (const prefix of PREFIXES) lines.push(...(await capturePrefix(prefix, server)));
    fs.writeFileSync(path.join(FIXTURES, "prefixes.jsonl"), `${lines.join("\n")}\n`);
  } finally {
    await server.remove();
  }
}

async function run(session: CapturedSession, server: AuditedServer): Promise<void> {
  const tolerate = (error: unknown): void => {
    if (!session.mayFail) throw error;
  };
  let client: Client;
  try {
    client = await server.connect({ ...session, password: "wonderland" });
  } catch (error) {
    tolerate(error);
    return;
  }
  for (const [name, value] of Object.entries(session.settings ?? {})) {
    await client.query("SELECT set_config($1, $2, false)", [name, value]);
  }
  for (const statement of session.statements) {
    const query =
      typeof statement === "string"
        ? { text: statement }
        : { ...statement, values: [...statement.values] };
    await client.query(query).catch(tolerate);
  }
  await client.end();
}

/** Lines of plain log with their jsonlog, as JSON: a session's, and a background process's at a checkpoint. */
async function capturePrefix(prefix: string, server: AuditedServer): Promise<readonly string[]> {
  const { log } = server;
  const superuser = await server.connect();
  await superuser.query(`ALTER SYSTEM SET log_line_prefix = '${prefix}'`);
  await superuser.query("SELECT pg_reload_conf()");
  await superuser.end();
  await log.quiet();
  const start = log.sizes();
  await run(PREFIX_SESSION, server);
  const checkpointer = await server.connect();
  await checkpointer.query("CHECKPOINT");
  await checkpointer.end();
  await log.quiet();
  const { stderr, jsonlog } = log.since(start);
  const plain = stderr.split("\n").filter((line) => !/(?:STATEMENT|DETAIL):  /.test(line));
  return jsonlog
    .trimEnd()
    .split("\n")
    .map((json, index) => {
      const entry = JSON.parse(json) as JsonLogLine;
      const line = plain[index] ?? "";
      const end = line.indexOf(`${entry.error_severity}:  ${entry.message.split("\n")[0]}`);
      if (end < 0) throw new Error(`The logs differ:\n${line}\n${json}`);
      return JSON.stringify({ format: prefix, prefix: line.slice(0, end), line: entry });
    });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
