import * as fs from "node:fs";
import * as path from "node:path";

const INTERVAL_MILLISECONDS = 50;

/**
 * Keeps PostgreSQL's logs: the log shipper deletes the files that it has read, so each one gets a hard link in another
 * folder as soon as it appears.
 */
export class KeptLog {
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param servers the folder with a folder for each server, which contains its `log`
   * @param folder on the same file system, outside a lab's folder, which may contain the lab's files only
   */
  constructor(
    private readonly servers: string,
    private readonly folder: string,
  ) {}

  start(): void {
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.link();
    this.timer = setInterval(() => this.link(), INTERVAL_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.link();
  }

  /** Forgets what it has kept. */
  clear(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  /** The files until now, those of each server in their order. */
  files(): string[] {
    this.link();
    return entries(this.folder).map((name) => path.join(this.folder, name));
  }

  private link(): void {
    for (const server of entries(this.servers)) {
      const log = path.join(this.servers, server, "log");
      for (const name of entries(log).filter((entry) => entry.endsWith(".json"))) {
        const kept = path.join(this.folder, `${server}-${name}`);
        if (!fs.existsSync(kept)) tryLink(path.join(log, name), kept);
      }
    }
  }
}

/** The file may have been deleted meanwhile, with its server. */
function tryLink(file: string, kept: string): void {
  try {
    fs.linkSync(file, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

const entries = (folder: string): string[] =>
  fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
