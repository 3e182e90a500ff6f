import { PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import type { TokenCredential } from "@azure/identity";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { ResourceStore } from "../../../local/arm/resource-store";
import { resourceTypes, type ResourceTypeOptions } from "../../../local/arm/resource-types";
import { startArmServer } from "../../../local/arm/server";
import { type LogParts } from "../../../local/azure/compose";
import { FlexibleServers } from "../../../local/backends/postgres";
import { StorageBackend } from "../../../local/backends/storage";
import {
  type VirtualMachineBackend,
  type VirtualMachineSpec,
} from "../../../local/backends/virtual-machine";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../local/tls/certificate-authority";
import { LabPaths } from "../../../local/paths";
import { LOOPBACK } from "../../../common/ports";
import { type Answer, call } from "./http";

/** Stands where QEMU's backend stands, and writes down what it is asked for. */
export class MachineRecorder {
  readonly created: VirtualMachineSpec[] = [];
  readonly done: string[] = [];
  /** What `create` fails with. */
  problem?: Error;

  async create(spec: VirtualMachineSpec): Promise<void> {
    if (this.problem) throw this.problem;
    this.created.push(spec);
  }
  start = async (name: string) => void this.done.push(`start ${name}`);
  powerOff = async (name: string) => void this.done.push(`powerOff ${name}`);
  restart = async (name: string) => void this.done.push(`restart ${name}`);
  delete = async (name: string) => void this.done.push(`delete ${name}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject);
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** How each of Microsoft's clients of the Resource Manager is made. */
type ManagementClient<Client> = new (
  credential: TokenCredential,
  subscriptionId: string,
  options: { endpoint: string; tlsOptions: { ca: string }; apiVersion?: string },
) => Client;

/** Local Azure's Resource Manager on a port of its own, with real PostgreSQL and Azurite behind it. */
export class TestCloud {
  readonly subscription = `/subscriptions/${crypto.randomUUID()}`;
  readonly group = `${this.subscription}/resourceGroups/PG-WORKSHOP`;
  readonly tenantId = crypto.randomUUID();
  readonly clientId = crypto.randomUUID();
  readonly clientSecret = crypto.randomBytes(16).toString("hex");
  readonly machines = new MachineRecorder();
  url = "";
  ca = "";
  private token = "";
  private closers: (() => Promise<void>)[] = [];

  private constructor(
    readonly paths: LabPaths,
    readonly postgresPort: number,
    readonly blobPort: number,
    private readonly options: ResourceTypeOptions,
  ) {}

  static async start(options: ResourceTypeOptions = {}): Promise<TestCloud> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "local-azure-"));
    // PostgreSQL runs as another user where this one is root.
    fs.chmodSync(folder, 0o755);
    const cloud = new TestCloud(new LabPaths(folder), await freePort(), await freePort(), options);
    await cloud.listen();
    return cloud;
  }

  /** What the log shipper takes. */
  readonly parts = {} as { -readonly [Part in keyof LogParts]: LogParts[Part] };

  private async listen(): Promise<void> {
    const { paths, postgresPort, blobPort } = this;
    await ensureCertificateAuthority(paths);
    this.ca = fs.readFileSync(paths.caCertificate, "utf8");
    const tls = await ensureServerCertificate(paths, "arm", ["localhost"]);
    const names = ["*.postgres.database.azure.com", "*.blob.core.windows.net"];
    const backendTls = await ensureServerCertificate(paths, "backends", names);
    const store = new ResourceStore(paths.arm);
    const servers = new FlexibleServers({ paths, port: postgresPort, tls: backendTls });
    const storage = new StorageBackend({ paths, port: blobPort, tls: backendTls });
    Object.assign(this.parts, { paths, store, servers, storage });
    const { tenantId, clientId, clientSecret } = this;
    const virtualMachines = this.machines as unknown as VirtualMachineBackend;
    const arm = await startArmServer({
      port: 0,
      tls: { key: fs.readFileSync(tls.key, "utf8"), cert: fs.readFileSync(tls.cert, "utf8") },
      subscriptionId: this.subscription.split("/")[2] ?? "",
      identity: { tenantId, clientId, clientSecret },
      store,
      types: resourceTypes(
        { servers, storage, virtualMachines, publicAddress: LOOPBACK },
        this.options,
      ),
    });
    this.closers = [() => arm.close(), () => servers.close(), () => storage.close()];
    this.url = arm.url;
    this.token = await this.signIn();
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    fs.rmSync(this.paths.root, { recursive: true, force: true });
  }

  /** The token endpoint's answer to these form fields. */
  requestToken(fields: Record<string, string> = {}): Promise<Answer> {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: this.clientId,
      client_secret: this.clientSecret,
      scope: `${this.url}/.default`,
      ...fields,
    });
    return call(`${this.url}/${this.tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      ca: this.ca,
    });
  }

  private async signIn(): Promise<string> {
    const { body } = await this.requestToken();
    return (body as { access_token: string }).access_token;
  }

  /** One request, signed in. @param path with its api-version */
  request(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    return call(`${this.url}${path}`, { method, headers, body, ca: this.ca });
  }

  /** The status that a long-running request ends with, or its own answer where it isn't one. */
  async finish(answer: Answer): Promise<Answer> {
    const url = answer.headers["azure-asyncoperation"] as string | undefined;
    if (url === undefined) return answer.status === 202 ? this.resultOf(answer) : answer;
    for (;;) {
      const status = await this.request("GET", url.slice(this.url.length));
      if ((status.body as { status: string }).status !== "InProgress") return status;
    }
  }

  /** What an operation leaves that only Location names. */
  private async resultOf(answer: Answer): Promise<Answer> {
    const path = (answer.headers.location as string).slice(this.url.length);
    for (;;) {
      const result = await this.request("GET", path);
      if (result.status !== 202) return result;
    }
  }

  /** PUT, waited for. */
  async put(path: string, body: unknown): Promise<Answer> {
    return this.finish(await this.request("PUT", path, body));
  }

  /** With all that is in it, waited for. */
  async deleteGroup(): Promise<Answer> {
    return this.finish(await this.request("DELETE", `${this.group}?api-version=2024-03-01`));
  }

  makeGroup(): Promise<Answer> {
    return this.put(`${this.group}?api-version=2024-03-01`, { location: "westeurope" });
  }

  /** One of Microsoft's own clients of the Resource Manager, signed in. @param apiVersion where it isn't the client's own */
  client<Client>(type: ManagementClient<Client>, apiVersion?: string): Client {
    const credential = {
      getToken: async () => ({ token: this.token, expiresOnTimestamp: Date.now() + 3_000_000 }),
    };
    return new type(credential, this.subscription.split("/")[2] ?? "", {
      endpoint: this.url,
      tlsOptions: { ca: this.ca },
      ...(apiVersion === undefined ? {} : { apiVersion }),
    });
  }

  postgresqlClient(): PostgreSQLManagementFlexibleServerClient {
    return this.client(PostgreSQLManagementFlexibleServerClient);
  }
}
