import * as fs from "node:fs";
import { Client } from "pg";
import { type LabStatus } from "../../../cli/lab/lab-status";
import { pollUntil } from "../../../common/poll";
import { configurationWith, previewSteps } from "../configuration-change";
import { Background, onVm, output, pulumi, run, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";
import { killed } from "./killed-up";

const MINUTE = 60_000;
const NAME = "team-db";
const OTHER_NAME = "other-db";
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

const RESTART = "  pg-audit-lab:allowRestart: true";

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly ssl: { readonly ca: string };
}

interface Parameter {
  readonly value: string;
  readonly source: string;
  readonly isConfigPendingRestart: boolean;
}

const resource = (server: string): string => `Microsoft.DBforPostgreSQL/flexibleServers/${server}`;

/** Servers that a team has, with databases and parameters of their own: audited, and given back. */
export function auditsAnExistingServer(): void {
  describe("a server that exists already", () => {
    let azure: ResourceManager;
    let connection: Connection;

    /** A statement of the team's; returns the first column, a line a row. */
    const inDatabase = async (server: string, database: string, sql: string): Promise<string> => {
      const client = new Client({
        ...{ ...connection, database },
        ssl: { ca: connection.ssl.ca, servername: `${server}.postgres.database.azure.com` },
      });
      await client.connect();
      try {
        const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
        return rows.map(([value]) => String(value)).join("\n");
      } finally {
        await client.end();
      }
    };

    const parameter = async (server: string, name: string): Promise<Parameter> =>
      (
        (await azure.get(`${resource(server)}/configurations/${name}?${API_VERSION}`)) as {
          properties: Parameter;
        }
      ).properties;

    const extensions = (server: string, database: string): Promise<string> =>
      inDatabase(server, database, "SELECT extname FROM pg_extension");

    const restart = (server: string): Promise<void> =>
      azure.call("POST", `${resource(server)}/restart?${API_VERSION}`);

    /** All that the team had is there, and the next restart changes nothing that a statement would notice. */
    const isAsBefore = async (server: string): Promise<void> => {
      for (const [name, value] of Object.entries(OWN)) {
        expect([name, (await parameter(server, name)).value]).toEqual([name, value]);
      }
      expect(await parameter(server, "pgaudit.log")).toMatchObject({ source: "system-default" });
      await restart(server);
      for (const database of DATABASES) {
        // With the extension, but without the library, this fails.
        await inDatabase(server, database, "CREATE TABLE after_it AS SELECT id FROM audited");
        expect(await extensions(server, database)).not.toContain("pgaudit");
      }
    };

    /** DDL in each database is in the mount with its object. */
    const isAuditedInTheMount = async (server: string): Promise<void> => {
      for (const database of DATABASES) {
        await inDatabase(server, database, "CREATE TABLE audited(id int)");
        expect(await extensions(server, database)).toContain("pgaudit");
      }
      const mount = await output("mountPath");
      await pollUntil(
        async () => {
          const records = await onVm(
            `sudo grep -rhF 'CREATE TABLE,TABLE,public.audited' ${mount} | grep -iF 'flexibleServers/${server}' || true`,
          );
          return records.trimEnd().split("\n").length === DATABASES.length;
        },
        { what: "the records of three databases in the mount", timeoutSeconds: 60 },
      );
    };

    beforeAll(async () => {
      await succeed("node --import tsx test/e2e/set-up-only.ts", 15 * MINUTE);
      azure = await ResourceManager.open("TEAM");
      await azure.createGroup("westeurope");
      for (const server of [NAME, OTHER_NAME]) {
        await createServer(azure, resource(server));
        await restart(server);
      }
      connection = await connectionOfTheTeam();
    }, 5 * MINUTE);

    it("is refused, with what to do, where the configuration doesn't fit it", async () => {
      const file = configuration(azure, NAME, "  pg-audit-lab:location: northeurope");
      const { exitCode, all } = await run(pulumi(`preview --config-file ${file}`));
      expect(exitCode).not.toBe(0);
      expect(all).toContain("pulumi config set location westeurope");
      const elsewhere = pulumi(`preview --config-file ${configuration(azure, NAME)}`).replace(
        "pulumi preview",
        "ARM_SUBSCRIPTION_ID=11111111-1111-4111-8111-111111111111 pulumi preview",
      );
      expect((await run(elsewhere)).all).toMatch(/can't be audited:.*sign-in is for 1{8}-/s);
    });

    it("isn't restarted without permission, and the preview says so", async () => {
      const file = configuration(azure, NAME);
      const { all } = await run(pulumi(`preview --config-file ${file}`));
      expect(all).toContain(`The server ${NAME} needs one restart, for shared_preload_libraries`);
      const up = await run(pulumi(`up --yes --skip-preview --config-file ${file}`));
      expect(up.exitCode).not.toBe(0);
      expect(up.all).toMatch(/shared_preload_libraries is written .* allowRestart: false forbids/);
      // It is written, and the server wasn't restarted.
      expect(await parameter(NAME, "shared_preload_libraries")).toMatchObject({
        isConfigPendingRestart: true,
      });
    });

    it("is audited after a kill in the middle of the update, with all that it had", async () => {
      const file = configuration(azure, NAME, RESTART);
      await killed(`./lab up --config-file ${file}`, /postgres-restart creat/, "pulumi up");
      await succeed(`./lab up --config-file ${file}`, 10 * MINUTE);
      await succeed(pulumi(`up --yes --skip-preview --expect-no-changes --config-file ${file}`));
      expect((await parameter(NAME, "shared_preload_libraries")).value).toBe(
        `${OWN.shared_preload_libraries},pgaudit`,
      );
      expect((await parameter(NAME, "azure.extensions")).value).toBe(
        `${OWN["azure.extensions"]},PGAUDIT`,
      );
      await isAuditedInTheMount(NAME);
    });

    it("is given back when another server takes its place, whose trail is in the mount then", async () => {
      const file = configuration(azure, OTHER_NAME, RESTART);
      const { all, exitCode } = await run(`./lab up --config-file ${file}`, 10 * MINUTE);
      expect([exitCode, all]).toEqual([0, expect.any(String)]);
      expect(all).toMatch(/shared_preload_libraries: takes effect when the server is restarted/);
      await succeed(pulumi(`up --yes --skip-preview --expect-no-changes --config-file ${file}`));
      await isAsBefore(NAME);
      await isAuditedInTheMount(OTHER_NAME);
    });

    it("stays audited when the VM is given up, and its trail is read by ./lab audit", async () => {
      const file = configuration(azure, OTHER_NAME, `${RESTART}\n  pg-audit-lab:vm: false`);
      const steps = await previewSteps(file);
      expect(steps).toEqual(expect.arrayContaining(["delete vm", "delete mount"]));
      expect(steps.filter((step) => step.includes("audit-extension"))).toEqual([
        `update audit-extension-${OTHER_NAME}`,
      ]);
      expect(await succeed(`./lab up --config-file ${file}`, 5 * MINUTE)).toContain("./lab audit");
      await succeed(pulumi(`up --yes --skip-preview --expect-no-changes --config-file ${file}`));
      expect(await extensions(OTHER_NAME, "billing")).toContain("pgaudit");
      await inDatabase(OTHER_NAME, "billing", "CREATE TABLE without_vm(id int)");
      const follow = new Background("exec ./lab audit --follow --object public.without_vm");
      await follow.waitFor(/CREATE TABLE without_vm/, 60);
      await follow.interrupt();
      expect((await run("./lab ssh true")).all).toContain("has no VM (vm: false)");
      expect(await succeed("./lab status")).toContain("This stack has no VM.");
    });

    it("gets its former values back by destroy, and keeps its data", async () => {
      const { all, exitCode } = await run(pulumi("destroy --yes --skip-preview"), 10 * MINUTE);
      expect([exitCode, all]).toEqual([0, expect.any(String)]);
      expect(all).toMatch(/shared_preload_libraries: takes effect when the server is restarted/);
      await isAsBefore(OTHER_NAME);
      await succeed("./lab down --force");
    });
  });
}

/** The local stack for a server. */
function configuration(azure: ResourceManager, server: string, more = ""): string {
  return configurationWith(
    "existing-server",
    `  pg-audit-lab:postgres:
    existingServerId: ${azure.id(resource(server))}
    administratorPassword: ${PASSWORD}
  pg-audit-lab:postgresNetworkAccess: public
${more}`,
  );
}

async function createServer(azure: ResourceManager, server: string): Promise<void> {
  await azure.call("PUT", `${server}?${API_VERSION}`, {
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
    await azure.call("PUT", `${server}/databases/${encodeURIComponent(name)}?${API_VERSION}`, {
      properties: { charset: "UTF8", collation: "en_US.utf8" },
    });
  }
  for (const [name, value] of Object.entries(OWN)) {
    await azure.call("PUT", `${server}/configurations/${name}?${API_VERSION}`, {
      properties: { value, source: "user-override" },
    });
  }
}

/** The team's way to its servers, read once: with a VM, the status takes seconds. */
async function connectionOfTheTeam(): Promise<Connection> {
  // It ends with 1, since there is no stack yet.
  const { parts, resourceManager } = JSON.parse(
    (await run("./lab status --json")).stdout,
  ) as LabStatus;
  const endpoint = parts.find(({ name }) => name === "PostgreSQL gateway")?.endpoint ?? "";
  const [host = "", port] = endpoint.split(":");
  return {
    ...{ host, port: Number(port), user: LOGIN, password: PASSWORD },
    ssl: { ca: fs.readFileSync(resourceManager?.caCertificate ?? "", "utf8") },
  };
}
