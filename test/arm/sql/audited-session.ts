import * as fs from "node:fs";
import * as path from "node:path";
import { type ClientConfig } from "pg";
import { pollUntil } from "../../../common/poll";
import { type TestCloud, testCloud } from "../support/cloud";
import { connection, createServer, GROUP, SERVER, setParameter } from "../support/flexible-server";

/** A cloud with a server of a version that has pgAudit loaded, for the tests of a file. */
export function auditedServer(
  version: string,
  parameters: Readonly<Record<string, string>>,
): TestCloud {
  const cloud = testCloud();
  beforeAll(async () => {
    await createServer(cloud, version);
    await setParameter(cloud, "azure.extensions", "PGAUDIT,PG_STAT_STATEMENTS");
    await setParameter(cloud, "shared_preload_libraries", "pg_stat_statements,pgaudit");
    await cloud.postgresql.servers.beginRestartAndWait(GROUP, SERVER);
    for (const [name, value] of Object.entries(parameters)) await setParameter(cloud, name, value);
  }, 120_000);
  return cloud;
}

/** Runs SQL in one session, and returns the rows of the last statement; warnings are added to `warnings`. */
export async function inSession(
  cloud: TestCloud,
  sql: string,
  options: ClientConfig = {},
  warnings: string[] = [],
): Promise<Record<string, unknown>[]> {
  const client = connection(cloud, options);
  client.on("notice", ({ severity, message }) => {
    if (severity === "WARNING") warnings.push(message ?? "");
  });
  await client.connect();
  try {
    const results = await client.query<Record<string, unknown>>(sql);
    return [results].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** The lines of the server's log, each one JSON object. */
export function logLines({ paths }: TestCloud): string[] {
  const folder = path.join(paths.postgres, SERVER, "log");
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => fs.readFileSync(path.join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "");
}

/** Waits until the server's log contains a text, which the last of the statements has. */
export async function logged(cloud: TestCloud, text: string): Promise<void> {
  await pollUntil(() => logLines(cloud).some((line) => line.includes(text)), {
    what: `${text} to be logged`,
    timeoutSeconds: 30,
  });
}

/** pgAudit's lines up to a text, which the last of the statements has: `OBJECT,READ,SELECT,public.orders`. */
export async function auditLines(cloud: TestCloud, text: string): Promise<string[]> {
  await logged(cloud, text);
  return logLines(cloud).flatMap((line) => {
    const { message = "" } = JSON.parse(line) as { message?: string };
    const [, kind, level, command, object] =
      /^AUDIT: (\w+),\d+,\d+,(\w+),([^,]*),[^,]*,([^,]*),/.exec(message) ?? [];
    return kind === undefined ? [] : [[kind, level, command, object].join()];
  });
}
