import execa from "execa";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  type ProcessEnd,
  runningPid,
  spawnDetached,
  stopProcess,
} from "../../../common/child-process";
import { readFileIfExists, writeFile, writeSecretFile } from "../../../common/files";
import { parseJson } from "../../../common/json";
import { pollUntil } from "../../../common/poll";
import { isSuspended } from "../../../common/processes";
import { lastLines } from "../../../common/run-command";
import { type OsUser } from "./os-user";
import { type MajorVersion, programFolder } from "./server-build";
import { endSurvivors } from "./survivors";
import { hostBasedAuthenticationFile, parametersFile } from "./parameters/server-files";
import { type Values } from "./parameters/server-parameter";

/** The superuser of Azure's sessions; on Azure, too, they come from 127.0.0.1. */
export const SUPERUSER = "azuresu";

/** For a server whose process is alive: after a crash under load it replays its write-ahead log first. */
const START_TIMEOUT_SECONDS = 600;

export interface ClusterOptions {
  readonly version: MajorVersion;
  /** The folder of that version's build: `ensureServerBuild`. */
  readonly build: string;
  /** Below `.lab/azure/postgres`. */
  readonly folder: string;
  /** Contains the superuser's password; mode 600. */
  readonly superuserPasswordFile: string;
  /** A loopback address of its own. */
  readonly address: string;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly user: OsUser;
  /** Called when a server process that this process started ends. */
  readonly onEnd?: (end: ProcessEnd) => void;
}

/** What is wrong with a server. */
export interface ServerProblem {
  /** Follows its name. */
  readonly text: string;
  readonly isStarting?: boolean;
}

/** A PostgreSQL cluster: its files, and its server process, which continues when this process ends. */
export class Cluster {
  constructor(private readonly options: ClusterOptions) {}

  private at(...parts: string[]): string {
    return path.join(this.options.folder, ...parts);
  }

  /** The same path as the server's user sees it. */
  private place(...parts: string[]): string {
    return path.join(this.options.user.placeOf(this.options.folder), ...parts);
  }

  private commandLine(program: string, args: readonly string[]): [string, string[]] {
    const { folder, build, version, user } = this.options;
    const programs = programFolder(user.placeOfPrograms(build), version);
    return user.commandLine({ cluster: folder, build }, path.join(programs, program), args);
  }

  /** @param folder of the cluster */
  static dataFolder(folder: string): string {
    return path.join(folder, "data");
  }

  get dataFolder(): string {
    return Cluster.dataFolder(this.options.folder);
  }

  /** The server writes its log there, one JSON object per line. */
  get logFolder(): string {
    return this.at("log");
  }

  get superuserPassword(): string {
    return (readFileIfExists(this.options.superuserPasswordFile) ?? "").trim();
  }

  get isRunning(): boolean {
    return runningPid(this.at("postgres.pid")) !== undefined;
  }

  /** Receives what the server writes before its logging starts. */
  get startLogFile(): string {
    return this.at("postgres.log");
  }

  /**
   * Why the running server can't be working; undefined if it seems to work. A connection would add lines to the server's
   * log, which is the audit trail, so this reads the status in postmaster.pid (its 8th line), as pg_ctl does.
   */
  get problem(): ServerProblem | undefined {
    const pid = runningPid(this.at("postgres.pid"));
    if (pid === undefined) return { text: "doesn't run" };
    if (isSuspended(pid)) return { text: "is suspended by a signal" };
    const file = readFileIfExists(path.join(this.dataFolder, "postmaster.pid"));
    const status = file?.split("\n")[7]?.trim() || "starting";
    return status === "ready" ? undefined : { text: `is ${status}`, isStarting: true };
  }

  /** Creates an empty cluster; deletes an existing one. */
  async initialise(): Promise<void> {
    const { folder, superuserPasswordFile, tls, user } = this.options;
    await this.stop();
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    fs.mkdirSync(this.logFolder, { mode: 0o700 });
    const passwordFile = this.at("initdb-password");
    writeSecretFile(superuserPasswordFile, crypto.randomBytes(24).toString("base64url"));
    fs.copyFileSync(superuserPasswordFile, passwordFile);
    for (const entry of [folder, this.logFolder, passwordFile]) user.own(entry);
    const [command, args] = this.commandLine("initdb", [
      ...["--pgdata", this.place("data"), "--username", SUPERUSER],
      ...["--pwfile", this.place("initdb-password")],
      ...["--auth-host", "scram-sha-256", "--auth-local", "reject"],
      ...["--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums", "--no-sync"],
    ]);
    await execa(command, args, { cwd: folder, stdin: "ignore" });
    fs.rmSync(passwordFile);
    for (const [source, name] of [
      [tls.key, "server.key"],
      [tls.cert, "server.crt"],
    ] as const) {
      const copy = path.join(this.dataFolder, name);
      fs.copyFileSync(source, copy);
      fs.chmodSync(copy, 0o600);
      user.own(copy);
    }
    this.writeDataFile("postgresql.conf", this.serverConfiguration());
  }

  /** @param overrides the values that differ from Azure's defaults */
  writeParameters(overrides: Values): void {
    this.writeDataFile("parameters.conf", parametersFile(this.options.version, overrides));
    this.writeDataFile("pg_hba.conf", hostBasedAuthenticationFile(this.options.version, overrides));
  }

  /** Replaces a file in the data folder. */
  writeDataFile(name: string, content: string): void {
    const file = path.join(this.dataFolder, name);
    writeFile(file, content, 0o600);
    this.options.user.own(file);
  }

  /** Starts the server if it doesn't run, and waits until it accepts connections. */
  async start(isReady: () => Promise<boolean>): Promise<void> {
    if (!this.isRunning) await endSurvivors(this.dataFolder);
    if (!this.isRunning) {
      const { folder, onEnd } = this.options;
      const [command, args] = this.commandLine("postgres", ["-D", this.place("data")]);
      spawnDetached(command, args, {
        pidFile: this.at("postgres.pid"),
        logFile: this.startLogFile,
        cwd: folder,
        env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
        onEnd,
      });
    }
    await pollUntil(
      async () => {
        if (this.isRunning) return isReady();
        // Its logging process ends after it.
        await endSurvivors(this.dataFolder);
        throw new Error(`PostgreSQL ended during its start:\n${this.logTail()}`);
      },
      { what: "PostgreSQL to accept connections", timeoutSeconds: START_TIMEOUT_SECONDS },
    );
  }

  /** Ends all sessions at once, as a restart on Azure does. */
  async stop(): Promise<void> {
    await stopProcess(this.at("postgres.pid"), { signal: "SIGINT", timeoutSeconds: 30 });
    await endSurvivors(this.dataFolder);
  }

  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.options.folder, { recursive: true, force: true });
    fs.rmSync(this.options.superuserPasswordFile, { force: true });
  }

  /** The end of what the server wrote at its start, and the reasons in its log, which it writes to from then on. */
  private logTail(): string {
    const start = lastLines(readFileIfExists(this.startLogFile) ?? "", 5);
    const names = fs.existsSync(this.logFolder) ? fs.readdirSync(this.logFolder).sort() : [];
    const newest = names.findLast((name) => name.endsWith(".json"));
    const log =
      newest === undefined ? undefined : readFileIfExists(path.join(this.logFolder, newest));
    const reasons = lastLines(log ?? "", 20)
      .split("\n")
      .map((line) => parseJson(line) as { error_severity?: string; message?: string } | undefined)
      .filter((entry) => ["ERROR", "FATAL", "PANIC"].includes(entry?.error_severity ?? ""))
      .map((entry) => `${entry?.error_severity}: ${entry?.message}`);
    return [start, ...reasons].join("\n");
  }

  /** The values that local Azure needs, see `OWN_VALUES`. Server parameters are in `parameters.conf`. */
  private serverConfiguration(): string {
    return `listen_addresses = '${this.options.address}'
port = ${this.options.port}
unix_socket_directories = ''
# The log that the log shipper reads: one object per line.
logging_collector = on
log_destination = 'jsonlog'
log_directory = '../log'
# Allows the administrator, who is no superuser, to create the extensions in azure.extensions.
local_preload_libraries = 'pgextwlist'
include = 'parameters.conf'
`;
  }
}
