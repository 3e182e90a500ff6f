import * as fs from "node:fs";
import { Client, type ClientConfig } from "pg";
import { type LabStatus } from "../../../cli/lab/lab-status";
import { pollUntil } from "../../../common/poll";
import { configurationWith, previewSteps } from "../configuration-change";
import { Background, onVm, output, pulumi, run, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";
import { killed } from "./killed-up";

const MINUTE = 60_000;
const NAME = "team-db";
const SERVER = `Microsoft.DBforPostgreSQL/flexibleServers/${NAME}`;
const API_VERSION = "api-version=2025-08-01";
const LOGIN = "dba";
const PASSWORD = "Team-pass.word_1";
const DATABASES = ["orders", "billing", "Odd name"];
/** What the team has set. */
const OWN = {
  "azure.extensions": "pg_trgm",
  shared_preload_libraries: "pg_cron,pg_stat_statements,auto_explain",
  log_line_prefix: "%m [%p] ",
  work_mem: "8192",
};

interface Parameter {
  readonly value: string;
  readonly source: string;
  readonly isConfigPendingRestart: boolean;
}

/** A server that a team has, with databases and parameters of its own: audited, and given back. */
export function auditsAnExistingServer(): void {
  describe("a server that exists already", () => {
    let azure: ResourceManager;
    let connection: ClientConfig;

    /** A statement of the team's; returns the first column, a line a row. */
    const inDatabase = async (database: string, sql: string): Promise<string> => {
      const client = new Client({ ...connection, database });
      await client.connect();
      try {
        const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
        return rows.map(([value]) => String(value)).join("\n");
      } finally {
        await client.end();
      }
    };

    const parameter = async (name: string): Promise<Parameter> =>
      (
        (await azure.get(`${SERVER}/configurations/${name}?${API_VERSION}`)) as {
          properties: Parameter;
        }
      ).properties;

    beforeAll(async () => {
      await succeed("node --import tsx test/e2e/set-up-only.ts", 15 * MINUTE);
      azure = await ResourceManager.open("TEAM");
      await azure.createGroup("westeurope");
      await createServer(azure);
      connection = await connectionOfTheTeam();
    }, 5 * MINUTE);

    it("is refused, with what to do, where the configuration doesn't fit it", async () => {
      const file = configuration(azure, "  pg-audit-lab:location: northeurope");
      const { exitCode, all } = await run(pulumi(`preview --config-file ${file}`));
      expect(exitCode).not.toBe(0);
      expect(all).toContain("pulumi config set location westeurope");
    });

    it("isn't restarted without permission, and the preview says so", async () => {
      const file = configuration(azure);
      const { all } = await run(pulumi(`preview --config-file ${file}`));
      expect(all).toContain(`The server ${NAME} needs one restart, for shared_preload_libraries`);
      const up = await run(pulumi(`up --yes --skip-preview --config-file ${file}`));
      expect(up.exitCode).not.toBe(0);
      expect(up.all).toMatch(/shared_preload_libraries is written .* allowRestart: false forbids/);
      // It is written, and the server wasn't restarted.
      expect(await parameter("shared_preload_libraries")).toMatchObject({
        isConfigPendingRestart: true,
      });
    });

    it("is audited after a kill in the middle of the update, with all that it had", async () => {
      const file = configuration(azure, "  pg-audit-lab:allowRestart: true");
      await killed(`./lab up --config-file ${file}`, /postgres-restart creat/, "pulumi up");
      await succeed(`./lab up --config-file ${file}`, 10 * MINUTE);
      await succeed(pulumi(`up --yes --skip-preview --expect-no-changes --config-file ${file}`));
      expect((await parameter("shared_preload_libraries")).value).toBe(
        `${OWN.shared_preload_libraries},pgaudit`,
      );
      expect((await parameter("azure.extensions")).value).toBe(
        `${OWN["azure.extensions"]},PGAUDIT`,
      );
      for (const database of DATABASES) {
        await inDatabase(database, "CREATE TABLE audited(id int)");
        expect(await inDatabase(database, "SELECT extname FROM pg_extension")).toContain("pgaudit");
      }
      const mount = await output("mountPath");
      await pollUntil(
        async () => {
          const records = await onVm(
            `sudo grep -rhF 'CREATE TABLE,TABLE,public.audited' ${mount} || true`,
          );
          return records.trimEnd().split("\n").length === DATABASES.length;
        },
        { what: "the records of three databases in the mount", timeoutSeconds: 60 },
      );
    });

    it("gets its former values back by destroy, and keeps its data", async () => {
      const { all, exitCode } = await run(pulumi("destroy --yes --skip-preview"), 10 * MINUTE);
      expect([exitCode, all]).toEqual([0, expect.any(String)]);
      expect(all).toMatch(/shared_preload_libraries: takes effect when the server is restarted/);
      for (const [name, value] of Object.entries(OWN)) {
        expect([name, (await parameter(name)).value]).toEqual([name, value]);
      }
      expect(await parameter("pgaudit.log")).toMatchObject({ source: "system-default" });
      await azure.call("POST", `${SERVER}/restart?${API_VERSION}`);
      for (const database of DATABASES) {
        // With the extension, but without the library, this fails.
        await inDatabase(database, "CREATE TABLE after_destroy AS SELECT id FROM audited");
        expect(await inDatabase(database, "SELECT extname FROM pg_extension")).not.toContain(
          "pgaudit",
        );
      }
    });

    it("is audited without a VM too, and its trail is read by ./lab audit", async () => {
      const file = configuration(
        azure,
        "  pg-audit-lab:allowRestart: true\n  pg-audit-lab:vm: false",
      );
      expect((await previewSteps(file)).filter((step) => / vm|mount|network/.test(step))).toEqual(
        [],
      );
      expect(await succeed(`./lab up --config-file ${file}`, 5 * MINUTE)).toContain("./lab audit");
      await inDatabase("billing", "CREATE TABLE without_vm(id int)");
      const follow = new Background("exec ./lab audit --follow --object public.without_vm");
      await follow.waitFor(/CREATE TABLE without_vm/, 60);
      await follow.interrupt();
      expect((await run("./lab ssh true")).all).toContain("has no VM (vm: false)");
      expect(await succeed("./lab status")).toContain("This stack has no VM.");
      await succeed(pulumi("destroy --yes --skip-preview"), 5 * MINUTE);
      expect((await parameter("shared_preload_libraries")).value).toBe(
        OWN.shared_preload_libraries,
      );
      await succeed("./lab down --force");
    });
  });
}

/** The local stack for the server. */
function configuration(azure: ResourceManager, more = ""): string {
  return configurationWith(
    "existing-server",
    `  pg-audit-lab:postgres:
    existingServerId: ${azure.id(SERVER)}
    administratorPassword: ${PASSWORD}
  pg-audit-lab:postgresNetworkAccess: public
${more}`,
  );
}

async function createServer(azure: ResourceManager): Promise<void> {
  await azure.call("PUT", `${SERVER}?${API_VERSION}`, {
    location: "westeurope",
    sku: { name: "Standard_B1ms", tier: "Burstable" },
    properties: {
      version: "17",
      administratorLogin: LOGIN,
      administratorLoginPassword: PASSWORD,
      storage: { storageSizeGB: 32 },
      createMode: "Default",
      network: { publicNetworkAccess: "Enabled" },
    },
  });
  for (const name of DATABASES) {
    await azure.call("PUT", `${SERVER}/databases/${encodeURIComponent(name)}?${API_VERSION}`, {
      properties: { charset: "UTF8", collation: "en_US.utf8" },
    });
  }
  for (const [name, value] of Object.entries(OWN)) {
    await azure.call("PUT", `${SERVER}/configurations/${name}?${API_VERSION}`, {
      properties: { value, source: "user-override" },
    });
  }
  await azure.call("POST", `${SERVER}/restart?${API_VERSION}`);
}

/** The team's way to its server, read once: with a VM, the status takes seconds. */
async function connectionOfTheTeam(): Promise<ClientConfig> {
  // It ends with 1, since there is no stack yet.
  const { parts, resourceManager } = JSON.parse(
    (await run("./lab status --json")).stdout,
  ) as LabStatus;
  const endpoint = parts.find(({ name }) => name === "PostgreSQL")?.endpoint ?? "";
  const [host, port] = endpoint.split(":");
  return {
    ...{ host, port: Number(port), user: LOGIN, password: PASSWORD },
    ssl: {
      ca: fs.readFileSync(resourceManager?.caCertificate ?? "", "utf8"),
      servername: `${NAME}.postgres.database.azure.com`,
    },
  };
}
