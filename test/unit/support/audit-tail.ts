import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pollUntil } from "../../../common/poll";
import { PROJECT_ROOT } from "../../../local/paths";
import { ensureDebianPackages } from "../../../local/setup/system-packages";

export const AUDIT_TAIL = path.join(PROJECT_ROOT, "scripts", "vm", "audit-tail");
const SERVER =
  "resourceId=/SUBSCRIPTIONS/S/RESOURCEGROUPS/PG-WORKSHOP/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/";

/** A folder in place of the mounted container. */
export class Container {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "audit-tail-"));
  readonly root = path.join(this.folder, "mycontainer");

  constructor() {
    fs.mkdirSync(this.root);
  }

  /** The blob of an hour like `2024/03/05/09`. */
  blob(hour: string, server = "PSQLFLEXI1"): string {
    const [y, m, d, h] = hour.split("/");
    const folder = path.join(SERVER, server, `y=${y}`, `m=${m}`, `d=${d}`, `h=${h}`, "m=00");
    return path.join(this.root, folder, "PT1H.json");
  }

  append(hour: string, text: string, server?: string): void {
    const blob = this.blob(hour, server);
    fs.mkdirSync(path.dirname(blob), { recursive: true });
    fs.appendFileSync(blob, text);
  }

  /** Makes the blob this large, without content, and ends its line. */
  enlarge(hour: string, mebibytes: number): void {
    this.append(hour, "");
    fs.truncateSync(this.blob(hour), mebibytes * 1024 ** 2);
    this.append(hour, "\n");
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A running audit-tail and what it has printed. */
export class Follower {
  readonly process: ChildProcess;
  out = "";
  err = "";
  status: Promise<number | null>;

  constructor(container: Container, options: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const args = ["--root", container.root, "--interval", "0.02", ...options];
    this.process = spawn(AUDIT_TAIL, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.process.stdout?.on("data", (data: Buffer) => (this.out += data.toString()));
    this.process.stderr?.on("data", (data: Buffer) => (this.err += data.toString()));
    this.status = new Promise((resolve) => this.process.once("close", resolve));
  }

  async waitFor(text: string, where: "out" | "err" = "out"): Promise<void> {
    const what = `'${text}' on std${where}; out: ${this.out}; err: ${this.err}`;
    await pollUntil(() => this[where].includes(text), { what, timeoutSeconds: 25 });
  }
}

/** A container for each test, and runs of audit-tail that end with the test. */
export class AuditTail {
  container!: Container;
  private readonly followers: Follower[] = [];

  constructor() {
    beforeAll(() => ensureDebianPackages(["jq"], console.log), 300_000);
    beforeEach(() => {
      this.container = new Container();
    });
    afterEach(async () => {
      for (const follower of this.followers.splice(0)) {
        follower.process.kill("SIGTERM");
        await follower.status;
      }
      this.container.remove();
    });
  }

  follow(...options: string[]): Follower {
    return this.followWith({}, ...options);
  }

  /** With variables of its environment. */
  followWith(env: NodeJS.ProcessEnv, ...options: string[]): Follower {
    const follower = new Follower(this.container, options, env);
    this.followers.push(follower);
    return follower;
  }

  /** A PATH that begins with these programs, each a line of Bash. */
  pathWith(programs: Record<string, string>): string {
    const folder = path.join(this.container.folder, "fakes");
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, line] of Object.entries(programs)) {
      fs.writeFileSync(path.join(folder, name), `#!/bin/bash\n${line}\n`, { mode: 0o755 });
    }
    return `${folder}:${process.env.PATH}`;
  }

  /** A PATH with every program of this machine but jq. */
  pathWithoutJq(): string {
    const folder = path.join(this.container.folder, "programs");
    fs.mkdirSync(folder);
    for (const name of fs.readdirSync("/usr/bin")) {
      if (name !== "jq") fs.symlinkSync(path.join("/usr/bin", name), path.join(folder, name));
    }
    return folder;
  }
}
