import { type AccessToken } from "@azure/identity";
import { BlobServiceClient, type StoragePipelineOptions } from "@azure/storage-blob";
import * as fs from "node:fs";
import { LOOPBACK } from "../../../common/ports";
import { type LabPaths } from "../../paths";
import { STORAGE_AUDIENCE } from "../../tokens/audiences";
import { TokenAuthority } from "../../tokens/token-authority";

/**
 * Local Azure's own services, the log shipper among them, sign in as this application, whatever an account allows others: as
 * Azure's trusted services do. Source: Azure Storage, "Trusted Azure services", Azure Monitor.
 */
const PLATFORM = {
  tenantId: "00000000-0000-0000-0000-000000000000",
  appId: "00000000-0000-0000-0000-000000000001",
  objectId: "00000000-0000-0000-0000-000000000001",
};
const TOKEN_SECONDS = 3600;
const TOKEN_RENEWAL_SECONDS = 600;

/** Clients of local Azure's own services. */
export class PlatformClients {
  readonly platformId = PLATFORM.objectId;
  private readonly tokens: TokenAuthority;
  private token: AccessToken | undefined;
  private tlsOptions: { readonly ca: string } | undefined;

  constructor(
    private readonly paths: LabPaths,
    private readonly port: number,
  ) {
    this.tokens = new TokenAuthority(paths);
  }

  /** Of the tokens; PEM. */
  get publicKey(): string {
    return this.tokens.publicKey;
  }

  /** It names the account in the path (`https://127.0.0.1:<port>/<account>`): its host name resolves only in the VM. */
  client(account: string, options: StoragePipelineOptions): BlobServiceClient {
    const url = `https://${LOOPBACK}:${this.port}/${account}`;
    const credential = { getToken: async () => this.currentToken() };
    return new BlobServiceClient(url, credential, { ...options, ...this.trust() });
  }

  private currentToken(): AccessToken {
    const renewal = Date.now() + TOKEN_RENEWAL_SECONDS * 1000;
    if (this.token && this.token.expiresOnTimestamp > renewal) return this.token;
    const request = { ...PLATFORM, audience: STORAGE_AUDIENCE, seconds: TOKEN_SECONDS };
    const expiresOnTimestamp = Date.now() + TOKEN_SECONDS * 1000;
    return (this.token = { token: this.tokens.issue(request), expiresOnTimestamp });
  }

  /**
   * Trusts only the lab's authority; the client passes `tlsOptions` to its transport, although its type doesn't have it.
   * The same object each time: the transport keeps its connections by it.
   */
  private trust(): { readonly tlsOptions: { readonly ca: string } } {
    this.tlsOptions ??= { ca: fs.readFileSync(this.paths.caCertificate, "utf8") };
    return { tlsOptions: this.tlsOptions };
  }
}
