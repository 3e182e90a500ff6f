import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { ResourceStore } from "../../../local/arm/resource-store";
import { resourceType } from "../../../local/arm/resource-type";
import { resourceGroup } from "../../../local/arm/resource-types/resource-group";
import { type ArmServer, startArmServer } from "../../../local/arm/server";
import { type Timing } from "../../../local/arm/timing";
import {
  ensureCertificateAuthority,
  ensureServerCertificate,
} from "../../../local/tls/certificate-authority";
import { LabPaths } from "../../../local/paths";
import { type Answer, call } from "../support/http";

/** Has Azure's long operations and nothing behind it. */
export const SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers";
const API = "api-version=2024-08-01";

/** The Resource Manager with resource groups and a type without a backend: no database, no storage. */
export class SmallCloud {
  readonly clientId = crypto.randomUUID();
  readonly tenantId = crypto.randomUUID();
  readonly clientSecret = crypto.randomBytes(16).toString("hex");
  readonly subscriptionId = crypto.randomUUID();
  readonly group = `/subscriptions/${this.subscriptionId}/resourceGroups/g`;
  /** What the log says. */
  readonly said: string[] = [];
  /** Names of the servers whose work was done, in order. */
  readonly made: string[] = [];
  ca = "";
  private token = "";

  private constructor(
    readonly paths: LabPaths,
    private readonly timing: Timing | undefined,
  ) {}

  private server: ArmServer | undefined;

  get url(): string {
    return this.server?.url ?? "";
  }

  static async start(timing?: Timing): Promise<SmallCloud> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "small-cloud-"));
    const cloud = new SmallCloud(new LabPaths(folder), timing);
    await cloud.listen();
    return cloud;
  }

  private async listen(): Promise<void> {
    const { paths, tenantId, clientId, clientSecret, subscriptionId, timing } = this;
    await ensureCertificateAuthority(paths);
    this.ca = fs.readFileSync(paths.caCertificate, "utf8");
    const tls = await ensureServerCertificate(paths, "arm", ["localhost"]);
    const server = resourceType({
      type: SERVERS,
      apiVersions: ["2024-08-01"],
      schema: z.strictObject({ location: z.string() }),
      asynchronous: ["PUT", "DELETE"],
      lock: (id) => id,
      put: ({ name, body }) => {
        this.made.push(name);
        return { location: body.location, properties: { state: "Ready" } };
      },
      actions: { restart: { asynchronous: true, run: async () => undefined } },
    });
    this.server = await startArmServer({
      port: 0,
      tls: { key: fs.readFileSync(tls.key, "utf8"), cert: fs.readFileSync(tls.cert, "utf8") },
      subscriptionId,
      identity: { tenantId, clientId, clientSecret },
      store: new ResourceStore(paths.arm),
      types: [resourceGroup, server],
      timing,
      say: (line) => this.said.push(line),
    });
    const form = {
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    };
    const { body } = await call(`${this.url}/${tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ ...form, scope: `${this.url}/.default` }).toString(),
      ca: this.ca,
    });
    this.token = (body as { access_token: string }).access_token;
    await this.request("PUT", `${this.group}?api-version=2024-03-01`, { location: "westeurope" });
  }

  /** One request, signed in. @param url a path of this cloud, or a whole URL */
  request(method: string, url: string, body?: unknown): Promise<Answer> {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    return call(new URL(url, this.url).href, { method, headers, body, ca: this.ca });
  }

  serverPath(name = "s", action = ""): string {
    return `${this.group}/providers/${SERVERS}/${name}${action}?${API}`;
  }

  put(name = "s"): Promise<Answer> {
    return this.request("PUT", this.serverPath(name), { location: "westeurope" });
  }

  get(name = "s"): Promise<Answer> {
    return this.request("GET", this.serverPath(name));
  }

  /** One look at the operation that an answer began. */
  poll({ headers }: Answer): Promise<Answer> {
    return this.request("GET", headers["azure-asyncoperation"] as string);
  }

  arm(...faults: unknown[]): Promise<Answer> {
    return this.request("POST", "/local-azure/faults", faults);
  }

  async close(): Promise<void> {
    await this.server?.close();
    fs.rmSync(this.paths.root, { recursive: true, force: true });
  }
}

/** Status and code of an error answer. */
export const errorOf = ({ status, body }: Answer) => ({
  status,
  ...(body as { error: { code: string; message: string } }).error,
});
