import { PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import type { TokenCredential } from "@azure/identity";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ResourceStore } from "../../../local/arm/resource-store";
import { type ResourceType } from "../../../local/arm/resource-type";
import { MachineAddresses } from "../../../local/arm/resource-types/network/machine-addresses";
import {
  resourceTypes,
  type ResourceTypeOptions,
} from "../../../local/arm/resource-types/resource-types";
import { startArmServer } from "../../../local/arm/server";
import { keepStorageAccess } from "../../../local/arm/storage-access";
import { type Timing } from "../../../local/arm/timing";
import { type LogParts } from "../../../local/azure/log-sources";
import { FlexibleServers } from "../../../local/backends/postgres/flexible-servers";
import { gatewayOf } from "../../../local/backends/postgres/gateway/serve-gateway";
import { StorageBackend } from "../../../local/backends/storage-accounts";
import { type VirtualMachineSpec } from "../../../local/backends/virtual-machine/os-profile";
import { type VirtualMachineBackend } from "../../../local/backends/virtual-machine/virtual-machines";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../local/tls/certificate-authority";
import { LabPaths } from "../../../local/paths";
import { TokenAuthority } from "../../../local/tokens/token-authority";
import { type Notify } from "../../../common/notify";
import { pollUntil } from "../../../common/poll";
import { choosePort, LOOPBACK } from "../../../common/ports";
import { type Answer, call } from "./http";

/** Replaces the QEMU backend and records its calls; machines are named by their keys. */
export class MachineRecorder {
  readonly created: VirtualMachineSpec[] = [];
  /** The machines' addresses. */
  readonly at = new Map<string, string>();
  readonly done: string[] = [];
  /** The error of `create`. */
  problem?: Error;
  /** What `create` waits for. */
  ready: Promise<void> = Promise.resolve();

  async create(key: string, sshHost: string, spec: VirtualMachineSpec): Promise<void> {
    await this.ready;
    if (this.problem) throw this.problem;
    this.lost.delete(key);
    this.created.push(spec);
    this.at.set(key, sshHost);
  }
  /** Machines that are gone without a DELETE. */
  readonly lost = new Set<string>();
  state = (key: string) => (this.lost.has(key) ? "absent" : "running");
  sshHosts = () => [...this.at.values()];
  moveTo = async (key: string, sshHost: string) => void this.at.set(key, sshHost);
  start = async (key: string) => void this.done.push(`start ${key}`);
  powerOff = async (key: string) => void this.done.push(`powerOff ${key}`);
  restart = async (key: string) => void this.done.push(`restart ${key}`);
  delete = async (key: string) => {
    this.done.push(`delete ${key}`);
    this.at.delete(key);
  };
}

/** The constructor of Microsoft's clients of the Resource Manager. */
type ManagementClient<Client> = new (
  credential: TokenCredential,
  subscriptionId: string,
  options: { endpoint: string; tlsOptions: { ca: string }; apiVersion?: string },
) => Client;

export interface TestCloudOptions extends ResourceTypeOptions {
  /** @default all of local Azure's */
  readonly types?: readonly ResourceType[];
  /** Makes it differ from local Azure. */
  readonly alter?: (type: ResourceType) => ResourceType;
  readonly timing?: Timing;
  readonly notify?: Notify;
}

/** A deadline far beyond the duration of any operation in the tests. */
const OPERATION_TIMEOUT = { timeoutSeconds: 120, intervalMilliseconds: 1 };

/** Local Azure's Resource Manager, with a real PostgreSQL and Azurite and without virtual machines. */
export class TestCloud {
  readonly subscriptionId = crypto.randomUUID();
  readonly subscription = `/subscriptions/${this.subscriptionId}`;
  readonly group = `${this.subscription}/resourceGroups/PG-WORKSHOP`;
  readonly tenantId = crypto.randomUUID();
  readonly clientId = crypto.randomUUID();
  readonly clientSecret = crypto.randomBytes(16).toString("hex");
  readonly machines = new MachineRecorder();
  /** For the log shipper. */
  readonly parts = {} as { -readonly [Part in keyof LogParts]: LogParts[Part] };
  tokens!: TokenAuthority;
  paths!: LabPaths;
  postgresPort = 0;
  blobPort = 0;
  url = "";
  ca = "";
  private token = "";
  private passedMilliseconds = 0;
  private closers: (() => Promise<void>)[] = [];
  private postgresqlClient: PostgreSQLManagementFlexibleServerClient | undefined;

  constructor(private readonly options: TestCloudOptions = {}) {}

  static async start(options?: TestCloudOptions): Promise<TestCloud> {
    const cloud = new TestCloud(options);
    await cloud.listen();
    return cloud;
  }

  /** Puts the cloud's clock forward, by default to when Azure has forgotten the names of deleted servers. */
  passDays(days = 6): void {
    this.passedMilliseconds += days * 24 * 60 * 60_000;
  }

  async listen(): Promise<void> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "local-azure-"));
    // If this process runs as root, PostgreSQL runs as another user.
    fs.chmodSync(folder, 0o755);
    // The downloads of PostgreSQL are shared.
    const { postgresBuilds } = new LabPaths();
    const paths = (this.paths = Object.assign(new LabPaths(folder), { postgresBuilds }));
    this.postgresPort = await choosePort(0);
    this.blobPort = await choosePort(0);
    await ensureCertificateAuthority(paths);
    this.ca = fs.readFileSync(paths.caCertificate, "utf8");
    const tls = await ensureServerCertificate(paths, "arm", ["localhost"]);
    const names = ["*.postgres.database.azure.com", "*.blob.core.windows.net"];
    const backendTls = await ensureServerCertificate(paths, "backends", names);
    const store = new ResourceStore(paths.arm);
    const gateway = gatewayOf(paths, this.postgresPort);
    const servers = new FlexibleServers({
      ...{ paths, port: this.postgresPort, labAddress: LOOPBACK, gateway, tls: backendTls },
    });
    const storage = new StorageBackend({ paths, port: this.blobPort, tls: backendTls });
    Object.assign(this.parts, { paths, store, servers, storage });
    const { subscriptionId, tenantId, clientId, clientSecret } = this;
    const virtualMachines = this.machines as unknown as VirtualMachineBackend;
    const addresses = new MachineAddresses(store, virtualMachines, LOOPBACK);
    const backends = { servers, storage, virtualMachines, addresses };
    const now = () => Date.now() + this.passedMilliseconds;
    const typeOptions = { now, tenantId, ...this.options };
    const tokens = (this.tokens = new TokenAuthority(paths));
    keepStorageAccess(store, storage, clientId, this.options.timing);
    const { alter = (type) => type, timing, notify } = this.options;
    const types = (this.options.types ?? resourceTypes(backends, typeOptions)).map(alter);
    const arm = await startArmServer({
      port: 0,
      tls: { key: fs.readFileSync(tls.key, "utf8"), cert: fs.readFileSync(tls.cert, "utf8") },
      subscriptionId,
      identity: { tenantId, clientId, clientSecret: () => clientSecret, tokens },
      ...{ store, types, timing, notify },
      passDays: (days) => storage.passDays(days),
    });
    this.closers = [() => arm.close(), () => servers.close(), () => storage.close()];
    this.url = arm.url;
    const { body } = await this.requestToken();
    this.token = (body as { access_token: string }).access_token;
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
    fs.rmSync(this.paths.root, { recursive: true, force: true });
  }

  /** The response of the token endpoint to these form fields. */
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

  /** A signed-in request. @param url a path with its api-version, or a whole URL */
  request(method: string, url: string, body?: unknown): Promise<Answer> {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    return call(new URL(url, this.url).href, { method, headers, body, ca: this.ca });
  }

  /** The last poll of a long-running operation, or the answer itself if it started none. */
  async finish(answer: Answer): Promise<Answer> {
    const status = answer.headers["azure-asyncoperation"] as string | undefined;
    if (status === undefined && answer.status !== 202) return answer;
    const url = status ?? (answer.headers.location as string);
    const poll = async () => {
      const polled = await this.request("GET", url);
      return polled.status !== 202 && polled;
    };
    return pollUntil(poll, { what: `the operation at ${url} to end`, ...OPERATION_TIMEOUT });
  }

  /** A PUT, until its operation has ended. */
  async put(path: string, body: unknown): Promise<Answer> {
    return this.finish(await this.request("PUT", path, body));
  }

  /** Deletes the group with its resources, until the operation has ended. */
  async deleteGroup(): Promise<Answer> {
    return this.finish(await this.request("DELETE", `${this.group}?api-version=2024-03-01`));
  }

  createGroup(): Promise<Answer> {
    return this.put(`${this.group}?api-version=2024-03-01`, { location: "westeurope" });
  }

  /** One of Microsoft's clients of the Resource Manager. @param apiVersion instead of the client's default */
  client<Client>(type: ManagementClient<Client>, apiVersion?: string): Client {
    const credential = {
      getToken: async () => ({ token: this.token, expiresOnTimestamp: Date.now() + 3_000_000 }),
    };
    return new type(credential, this.subscriptionId, {
      endpoint: this.url,
      tlsOptions: { ca: this.ca },
      ...(apiVersion === undefined ? {} : { apiVersion }),
    });
  }

  /** Microsoft's client of flexible servers. */
  get postgresql(): PostgreSQLManagementFlexibleServerClient {
    return (this.postgresqlClient ??= this.client(PostgreSQLManagementFlexibleServerClient));
  }
}

/** A cloud for the tests of a file: starts before them, with its resource group, and closes after them. */
export function testCloud({
  withGroup = true,
  ...options
}: TestCloudOptions & { readonly withGroup?: boolean } = {}): TestCloud {
  const cloud = new TestCloud(options);
  beforeAll(async () => {
    await cloud.listen();
    if (withGroup) await cloud.createGroup();
  });
  afterAll(() => cloud.close());
  return cloud;
}
