import {
  type BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { describeEnd, runningPid, spawnDetached, stopProcess } from "../../common/child-process";
import { readFileIfExists, writeFile, writeSecretFile } from "../../common/files";
import { readJsonFile } from "../../common/json-file";
import { pollUntil } from "../../common/poll";
import { processFile } from "../../common/processes";
import { LOOPBACK } from "../../common/ports";
import { lastLines } from "../../common/run-command";
import { Turns } from "../../common/turns";
import { type LabPaths, REPLACE_LAB } from "../paths";
import { type AccessFile, type StorageAccess } from "./azurite/storage-access";
import { deleteExpiredBlobs } from "./azurite/lifecycle";
import { requireOpenFiles } from "./azurite/open-files";
import { PlatformClients } from "./azurite/platform-client";
import { StorageRetention } from "./azurite/storage-retention";
import { httpsAnswers, isListening } from "./probes";

export interface StorageOptions {
  readonly paths: LabPaths;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Lowered by tests. @default Azure's limit of 50,000. Source: "Scalability and performance targets for Blob storage". */
  readonly blocksPerAppendBlob?: number;
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

/** When clients of the API created the containers of each account; in milliseconds since 1970. */
const CREATIONS = z.record(z.string(), z.record(z.string(), z.number()));
type Creations = z.infer<typeof CREATIONS>;

/** Azurite saves its database so often. Source: azurite/dist/src/blob/persistence/LokiBlobMetadataStore.js */
const SAVE_MILLISECONDS = 5000;

const KEY_BYTES = 64;

/** Azurite reads its database before it listens; after a load, on a busy machine, that took more than 30 s. */
const START_TIMEOUT_SECONDS = 600;

/** What Azurite's process loads before Azurite: each file says what it changes. */
const HOOKS = ["read-blocks.js", "authorize.js", "retention.js"].map((file) =>
  path.join(__dirname, "azurite", file),
);

const newKey = (): string => crypto.randomBytes(KEY_BYTES).toString("base64");

/** The files of Azurite's process. */
export const azuriteFiles = ({ logs, run }: Pick<LabPaths, "logs" | "run">) => ({
  pidFile: path.join(run, "azurite.pid"),
  logFile: path.join(logs, "azurite.log"),
});

/** Storage accounts: one process of Azurite's blob service, over TLS, for all of them. */
export class StorageBackend {
  /** What is kept, and how long. */
  readonly retention: StorageRetention;
  private readonly pidFile: string;
  private readonly accountsFile: string;
  private readonly creationsFile: string;
  private readonly accessFile: string;
  private readonly platform: PlatformClients;
  private readonly turns = new Turns();
  private access: StorageAccess = {};
  private lastEnd: string | undefined;

  constructor(private readonly options: StorageOptions) {
    this.retention = new StorageRetention(options.paths);
    this.pidFile = azuriteFiles(options.paths).pidFile;
    this.accountsFile = path.join(options.paths.secrets, "storage-accounts.json");
    this.creationsFile = path.join(options.paths.storage, "container-creations.json");
    this.accessFile = path.join(options.paths.storage, "access.json");
    this.platform = new PlatformClients(options.paths, options.port);
  }

  /** Who may use the accounts; counts from the next request on. @default every key, and no token */
  setAccess(access: StorageAccess): void {
    if (isDeepStrictEqual(access, this.access)) return;
    this.access = access;
    // Without accounts there is no folder.
    if (this.isNeeded) this.writeAccess();
  }

  /** Creates an account with new keys; an existing one isn't changed. */
  createAccount(name: string): Promise<void> {
    return this.turns.take(async () => {
      const accounts = this.accounts();
      if (!accounts[name]) this.save({ ...accounts, [name]: [newKey(), newKey()] });
      await this.ensureRunning();
    });
  }

  deleteAccount(name: string): Promise<void> {
    return this.turns.take(async () => {
      const { [name]: _gone, ...rest } = this.accounts();
      this.save(rest);
      this.saveCreations(name, {});
      this.retention.forget(name);
      if (Object.keys(rest).length > 0) return this.ensureRunning();
      await this.close();
      fs.rmSync(this.options.paths.storage, { recursive: true, force: true });
    });
  }

  /** @throws Error if the account doesn't exist */
  accountKeys(name: string): readonly [string, string] {
    const keys = this.accounts()[name];
    if (!keys) throw new Error(`the storage account '${name}' does not exist`);
    return keys;
  }

  /** Replaces a key: requests and signatures with the old one are refused from now on. */
  regenerateKey(name: string, index: 0 | 1): Promise<void> {
    return this.turns.take(async () => {
      const [first, second] = this.accountKeys(name);
      const keys: [string, string] = index === 0 ? [newKey(), second] : [first, newKey()];
      this.save({ ...this.accounts(), [name]: keys });
      await this.ensureRunning();
    });
  }

  /** The names of an account's containers; none for an account that doesn't exist. */
  async containers(account: string): Promise<string[]> {
    if (!this.accounts()[account]) return [];
    const names: string[] = [];
    for await (const { name } of this.client(account).listContainers()) names.push(name);
    return names;
  }

  async createContainer(account: string, container: string): Promise<void> {
    await this.client(account).getContainerClient(container).createIfNotExists();
    this.saveCreations(account, { ...this.creations()[account], [container]: Date.now() });
  }

  async deleteContainer(account: string, container: string): Promise<void> {
    this.retention.setImmutability(account, container);
    const { [container]: _gone, ...others } = this.creations()[account] ?? {};
    this.saveCreations(account, others);
    await this.client(account).getContainerClient(container).deleteIfExists();
  }

  /** Whether a container has no blob. */
  async isEmpty(account: string, container: string): Promise<boolean> {
    const blobs = this.client(account).getContainerClient(container).listBlobsFlat();
    return (await blobs.next()).done === true;
  }

  /** Does what the accounts' lifecycle policies say. @returns `<container>/<blob>` of each deleted blob */
  async runLifecycle(): Promise<string[]> {
    const deleted: string[] = [];
    for (const account of Object.keys(this.accounts())) {
      const { retention } = this;
      const rules = retention.lifecycle(account);
      deleted.push(
        ...(await deleteExpiredBlobs(this.client(account), rules, (time) =>
          retention.ageDays(time),
        )),
      );
    }
    return deleted;
  }

  /** Puts the clock of the storage forward, and then runs the lifecycle. */
  passDays(days: number): Promise<string[]> {
    this.retention.passDays(days);
    return this.runLifecycle();
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

  /** A client of local Azure's own services. */
  client(account: string, options: StoragePipelineOptions = {}): BlobServiceClient {
    return this.platform.client(account, options);
  }

  private writeAccess(): void {
    const content: AccessFile = {
      publicKey: this.platform.publicKey,
      platformId: this.platform.platformId,
      accounts: this.access,
    };
    writeFile(this.accessFile, JSON.stringify(content));
  }

  get logFile(): string {
    return azuriteFiles(this.options.paths).logFile;
  }

  /** Whether there is an account, without which Azurite doesn't run. */
  get isNeeded(): boolean {
    return Object.keys(this.accounts()).length > 0;
  }

  /** Whether a change of the accounts or a start is going on. */
  get isBusy(): boolean {
    return this.turns.isBusy;
  }

  get isRunning(): boolean {
    return this.pid !== undefined;
  }

  /** How the process ended last; undefined where another process started it. */
  get howItEnded(): string | undefined {
    return this.lastEnd;
  }

  /** Whether Azurite responds. @param timeoutSeconds @default 5 */
  answers(timeoutSeconds?: number): Promise<boolean> {
    return httpsAnswers({ port: this.options.port, path: "/", ca: this.ca(), timeoutSeconds });
  }

  /** Whether Azurite listens; it reads its database before it does. */
  isListening(): Promise<boolean> {
    return isListening(this.options.port);
  }

  /** Starts Azurite if there is an account and it doesn't run with the current accounts; resolves when it responds. */
  start(): Promise<void> {
    return this.turns.take(() => this.ensureRunning());
  }

  async close(): Promise<void> {
    await stopProcess(this.pidFile);
  }

  private async ensureRunning(): Promise<void> {
    if (!this.isNeeded) return;
    if (this.isRunning && !this.hasCurrentAccounts()) await this.close();
    const lost = this.isRunning ? [] : this.unsavedContainers();
    if (!this.isRunning) this.spawn();
    await pollUntil(
      () => {
        if (!this.isRunning) {
          const how = this.lastEnd ?? "ended";
          const log = lastLines(readFileIfExists(this.logFile) ?? "");
          throw new Error(`Azurite ${how} before it responded; the end of its log:\n${log}`);
        }
        return this.answers();
      },
      { what: "Azurite to respond", timeoutSeconds: START_TIMEOUT_SECONDS },
    );
    for (const [account, name] of lost) {
      await this.client(account).getContainerClient(name).createIfNotExists();
    }
  }

  /** Containers that Azurite doesn't know after a kill -9, since it hadn't saved them yet. Azure never loses one. */
  private unsavedContainers(): [account: string, container: string][] {
    const database = path.join(this.options.paths.storage, "__azurite_db_blob__.json");
    const saved = fs.statSync(database, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Object.keys(this.accounts()).flatMap((account) =>
      Object.entries(this.creations()[account] ?? {})
        .filter(([, created]) => created > saved - SAVE_MILLISECONDS)
        .map(([name]): [string, string] => [account, name]),
    );
  }

  private spawn(): void {
    const { paths, port, tls, blocksPerAppendBlob } = this.options;
    requireOpenFiles("Azurite");
    fs.mkdirSync(paths.storage, { recursive: true, mode: 0o700 });
    this.writeAccess();
    this.lastEnd = undefined;
    spawnDetached(
      process.execPath,
      [
        ...HOOKS.flatMap((file) => ["--require", file]),
        require.resolve("azurite/dist/src/blob/main.js"),
        ...["--blobHost", LOOPBACK, "--blobPort", String(port)],
        ...["--cert", tls.cert, "--key", tls.key, "--location", paths.storage],
        ...["--oauth", "basic", "--silent", "--skipApiVersionCheck", "--disableTelemetry"],
      ],
      {
        pidFile: this.pidFile,
        logFile: this.logFile,
        cwd: paths.storage,
        env: {
          PATH: process.env.PATH,
          ...this.variables(),
          ...(blocksPerAppendBlob && { BLOCKS_PER_APPEND_BLOB: String(blocksPerAppendBlob) }),
        },
        onEnd: (end) => (this.lastEnd = describeEnd(end)),
      },
    );
  }

  private get pid(): number | undefined {
    return runningPid(this.pidFile);
  }

  /** Azurite reads its accounts from its environment, at its start only. */
  private accountsVariable(): string {
    return Object.entries(this.accounts())
      .map(([name, keys]) => [name, ...keys].join(":"))
      .join(";");
  }

  /** False where a process that was killed had saved an account and not restarted Azurite. */
  private hasCurrentAccounts(): boolean {
    const environment = this.pid === undefined ? undefined : processFile(this.pid, "environ");
    const variables = environment?.split("\0") ?? [];
    return Object.entries(this.variables()).every(([name, value]) =>
      variables.includes(`${name}=${value}`),
    );
  }

  private variables(): Record<string, string> {
    return {
      AZURITE_ACCOUNTS: this.accountsVariable(),
      STORAGE_ACCESS: this.accessFile,
      RETENTION_FILE: this.retention.file,
    };
  }

  private credential(account: string): StorageSharedKeyCredential {
    return new StorageSharedKeyCredential(account, this.accountKeys(account)[0]);
  }

  private ca(): string {
    return fs.readFileSync(this.options.paths.caCertificate, "utf8");
  }

  private accounts(): Accounts {
    return (
      readJsonFile(this.accountsFile, ACCOUNTS, {
        content: "the keys of the storage accounts",
        remedy: REPLACE_LAB,
      }) ?? {}
    );
  }

  private creations(): Creations {
    return (
      readJsonFile(this.creationsFile, CREATIONS, {
        content: "when the containers were created",
        remedy: REPLACE_LAB,
      }) ?? {}
    );
  }

  private saveCreations(account: string, creations: Creations[string]): void {
    writeFile(this.creationsFile, JSON.stringify({ ...this.creations(), [account]: creations }));
  }

  private save(accounts: Accounts): void {
    writeSecretFile(this.accountsFile, JSON.stringify(accounts));
  }
}
