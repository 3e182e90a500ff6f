import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { type ClientConfig } from "pg";
import { LOOPBACK } from "../../common/ports";
import { pollUntil } from "../../common/poll";
import { answers } from "../../local/azure/health";
import { labProcesses, pidOf, stopAll } from "../../local/azure/process-list";
import { ensureSettings, type LabSettings } from "../../local/azure/settings";
import { ensureLocalAzure, stopLocalAzure } from "../../local/azure/start-stop";
import { LabPaths } from "../../local/paths";
import { ensureCertificateAuthority } from "../../local/tls/certificate-authority";
import { type Answer, call } from "../arm/support/http";
import { shareBuilds } from "../support/shared-builds";
import { type LabUnderTest } from "./lab-under-test";

const HEAL_SECONDS = 120;
const GROUP = "faults";
const SERVER = "psqlflexifaults";
const ACCOUNT = "faultslogs";
const DATABASE = "postgres";
/** The version that the tests' set-up installs. */
const POSTGRES_VERSION = "15";

/**
 * A lab without a VM and without the engine: local Azure as a process of its own, with a server, a storage account and a
 * diagnostic setting. Its folder has its own state, and this clone's downloads.
 */
export class SmallLab implements LabUnderTest {
  readonly kind = "small";
  readonly account = ACCOUNT;
  readonly paths: LabPaths;
  settings!: LabSettings;
  private readonly password = `Pw1~${crypto.randomBytes(18).toString("base64url")}`;
  private token = "";

  constructor(folder: string) {
    this.paths = new LabPaths(folder);
  }

  async start(): Promise<void> {
    shareBuilds(this.paths, ["postgresBuilds", "packages"]);
    await ensureCertificateAuthority(this.paths);
    const anyPort = { arm: 0, blob: 0, packages: 0, postgres: 0 };
    this.settings = await ensureSettings(this.paths, anyPort);
    await ensureLocalAzure(this.paths, this.settings, () => undefined);
    await this.signIn();
    await this.createResources();
  }

  /** What the set-up of `./lab up` does for these parts: starts local Azure where it doesn't run. */
  async heal(): Promise<string> {
    await ensureLocalAzure(this.paths, this.settings, () => undefined);
    for (const part of labProcesses(this.paths)) {
      await pollUntil(
        async () => pidOf(part) !== undefined && (await answers(part, this.paths, this.settings)),
        { what: `${part.name} to answer`, timeoutSeconds: HEAL_SECONDS },
      );
    }
    return "";
  }

  async remove(): Promise<undefined> {
    await stopLocalAzure(this.paths);
    await stopAll(this.paths);
    for (const place of this.paths.labState) fs.rmSync(place, { recursive: true, force: true });
  }

  async connection(): Promise<ClientConfig> {
    return {
      host: LOOPBACK,
      port: this.settings.ports.postgres,
      user: "pgadmin",
      password: this.password,
      database: DATABASE,
      ssl: {
        ca: fs.readFileSync(this.paths.caCertificate, "utf8"),
        servername: `${SERVER}.postgres.database.azure.com`,
      },
    };
  }

  private async createResources(): Promise<void> {
    const location = "westeurope";
    const group = `/subscriptions/${this.settings.subscriptionId}/resourceGroups/${GROUP}`;
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/${ACCOUNT}`;
    const server = `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${SERVER}`;
    await this.put(`${group}?api-version=2024-03-01`, { location });
    await this.put(`${account}?api-version=2024-01-01`, {
      location,
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
    });
    await this.put(`${server}?api-version=2025-08-01`, {
      location,
      sku: { name: "Standard_B1ms", tier: "Burstable" },
      properties: {
        version: POSTGRES_VERSION,
        administratorLogin: "pgadmin",
        administratorLoginPassword: this.password,
        storage: { storageSizeGB: 32 },
        createMode: "Default",
      },
    });
    await this.put(`${server}/configurations/log_statement?api-version=2025-08-01`, {
      properties: { value: "all", source: "user-override" },
    });
    const logs = [{ category: "PostgreSQLLogs", enabled: true }];
    await this.put(
      `${server}/providers/Microsoft.Insights/diagnosticSettings/logs?api-version=2021-05-01-preview`,
      { properties: { storageAccountId: account, logs } },
    );
  }

  private async signIn(): Promise<void> {
    const { tenantId, clientId } = this.settings;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: fs.readFileSync(this.paths.clientSecret, "utf8").trim(),
      scope: `${this.url}/.default`,
    });
    const { body } = await this.call("POST", `/${tenantId}/oauth2/v2.0/token`, form.toString(), {
      "Content-Type": "application/x-www-form-urlencoded",
    });
    this.token = (body as { access_token: string }).access_token;
  }

  /** A PUT, until its operation has ended. */
  private async put(place: string, body: unknown): Promise<void> {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    const answer = await pollUntil(
      async () => {
        const sent = await this.call("PUT", place, body, headers);
        return !JSON.stringify(sent.body ?? "").includes("ServerIsBusy") && sent;
      },
      { what: `${place} to be accepted`, timeoutSeconds: 120, intervalMilliseconds: 1000 },
    );
    if (answer.status >= 300) throw new Error(`${place}: ${JSON.stringify(answer.body)}`);
    const operation = answer.headers["azure-asyncoperation"] as string | undefined;
    if (operation === undefined) return;
    const status = await pollUntil(
      async () => {
        const polled = await this.call("GET", operation, undefined, headers);
        const { status } = polled.body as { status: string };
        return status !== "InProgress" && JSON.stringify(polled.body);
      },
      { what: `the operation at ${operation} to end`, timeoutSeconds: 120 },
    );
    if (!status.includes('"Succeeded"')) throw new Error(`${place}: ${status}`);
  }

  private call(
    method: string,
    place: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const ca = fs.readFileSync(this.paths.caCertificate, "utf8");
    return call(new URL(place, this.url).href, { method, headers, body, ca });
  }

  private get url(): string {
    return `https://${LOOPBACK}:${this.settings.ports.arm}`;
  }
}

/** A folder for a small lab and its kept logs. */
export function newFaultsFolder(parent: string): string {
  const folder = fs.mkdtempSync(path.join(parent, "faults-"));
  // If this process runs as root, PostgreSQL runs as another user.
  fs.chmodSync(folder, 0o755);
  return folder;
}
