import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { runningPid, spawnDetached, stopProcess } from "../../common/child-process";
import { readFileIfExists, writeSecretFile } from "../../common/files";
import { type LabPaths } from "../paths";
import { pollUntil } from "../../common/poll";
import { isPortFree, LOOPBACK } from "../../common/ports";

export interface StorageOptions {
  readonly paths: LabPaths;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls: { readonly key: string; readonly cert: string };
}

export interface ContainerSignatureOptions {
  readonly container: string;
  /** Letters such as rl. */
  readonly permissions: string;
  readonly expiry: Date;
}

/** The two keys of each account, by its name. */
const ACCOUNTS = z.record(z.string(), z.tuple([z.string(), z.string()]));
type Accounts = z.infer<typeof ACCOUNTS>;

const KEY_BYTES = 64;

/** Storage accounts: one process of Azurite's blob service, over TLS, for all of them. */
export class StorageBackend {
  private readonly pidFile: string;
  private readonly accountsFile: string;

  constructor(private readonly options: StorageOptions) {
    this.pidFile = path.join(options.paths.run, "azurite.pid");
    this.accountsFile = path.join(options.paths.secrets, "storage-accounts.json");
  }

  /** Creates an account with new keys; an existing one isn't changed. */
  async createAccount(name: string): Promise<void> {
    const accounts = this.accounts();
    if (!accounts[name]) {
      const key = () => crypto.randomBytes(KEY_BYTES).toString("base64");
      this.save({ ...accounts, [name]: [key(), key()] });
      // Azurite reads its accounts from its environment.
      await this.close();
    }
    await this.start();
  }

  async deleteAccount(name: string): Promise<void> {
    const { [name]: _gone, ...rest } = this.accounts();
    await this.close();
    this.save(rest);
    if (Object.keys(rest).length > 0) return this.start();
    fs.rmSync(this.options.paths.storage, { recursive: true, force: true });
  }

  /** @throws Error if the account doesn't exist */
  accountKeys(name: string): readonly [string, string] {
    const keys = this.accounts()[name];
    if (!keys) throw new Error(`the storage account '${name}' does not exist`);
    return keys;
  }

  async createContainer(account: string, container: string): Promise<void> {
    await this.client(account).getContainerClient(container).createIfNotExists();
  }

  async deleteContainer(account: string, container: string): Promise<void> {
    await this.client(account).getContainerClient(container).deleteIfExists();
  }

  /** A service SAS for a container, without the leading question mark. */
  containerSignature(account: string, options: ContainerSignatureOptions): string {
    const { container, permissions, expiry } = options;
    return generateBlobSASQueryParameters(
      {
        containerName: container,
        permissions: ContainerSASPermissions.parse(permissions),
        protocol: SASProtocol.Https,
        expiresOn: expiry,
      },
      this.credential(account),
    ).toString();
  }

  /** A client that names the account in the path (`https://127.0.0.1:<port>/<account>`): its host name resolves only in the VM. */
  client(account: string): BlobServiceClient {
    const url = `https://${LOOPBACK}:${this.options.port}/${account}`;
    return new BlobServiceClient(url, this.credential(account), this.trust());
  }

  /** Trusts only the lab's authority; the client passes `tlsOptions` to its transport, although its type doesn't have it. */
  private trust(): StoragePipelineOptions & { tlsOptions: { ca: string } } {
    return { tlsOptions: { ca: fs.readFileSync(this.options.paths.caCertificate, "utf8") } };
  }

  /** Starts Azurite if there is an account and it doesn't run. */
  async start(): Promise<void> {
    const accounts = Object.entries(this.accounts());
    if (accounts.length === 0 || runningPid(this.pidFile) !== undefined) return;
    const { paths, port, tls } = this.options;
    fs.mkdirSync(paths.storage, { recursive: true, mode: 0o700 });
    spawnDetached(
      process.execPath,
      [
        require.resolve("azurite/dist/src/blob/main.js"),
        ...["--blobHost", LOOPBACK, "--blobPort", String(port)],
        ...["--cert", tls.cert, "--key", tls.key, "--location", paths.storage],
        ...["--silent", "--skipApiVersionCheck", "--disableTelemetry"],
      ],
      {
        pidFile: this.pidFile,
        logFile: path.join(paths.logs, "azurite.log"),
        cwd: paths.storage,
        env: {
          PATH: process.env.PATH,
          AZURITE_ACCOUNTS: accounts.map(([name, keys]) => [name, ...keys].join(":")).join(";"),
        },
      },
    );
    await pollUntil(async () => !(await isPortFree(port)), {
      what: "Azurite to listen",
      timeoutSeconds: 30,
    });
  }

  async close(): Promise<void> {
    await stopProcess(this.pidFile);
  }

  private credential(account: string): StorageSharedKeyCredential {
    return new StorageSharedKeyCredential(account, this.accountKeys(account)[0]);
  }

  private accounts(): Accounts {
    const text = readFileIfExists(this.accountsFile);
    return text === undefined ? {} : ACCOUNTS.parse(JSON.parse(text));
  }

  private save(accounts: Accounts): void {
    writeSecretFile(this.accountsFile, JSON.stringify(accounts));
  }
}
