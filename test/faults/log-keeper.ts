import * as fs from "node:fs";
import * as path from "node:path";
import { parseJson } from "../../common/json";
import { type JsonLogLine } from "../../local/backends/log-shipper/log-line-prefix";
import { type LabPaths } from "../../local/paths";
import { SettingWatch } from "./setting-watch";

const INTERVAL_MILLISECONDS = 50;

/**
 * Keeps PostgreSQL's log: the log shipper deletes the files that it has read, so each one gets a hard link in another
 * folder of the same file system as soon as it appears.
 */
export class LogKeeper {
  private timer: NodeJS.Timeout | undefined;
  private readonly setting: SettingWatch;

  /** @param folder outside the lab's folder, which may contain the lab's files only */
  constructor(
    private readonly paths: LabPaths,
    private readonly folder: string,
  ) {
    this.setting = new SettingWatch(paths);
  }

  start(): void {
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.link();
    this.setting.start();
    this.timer = setInterval(() => this.link(), INTERVAL_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.setting.stop();
  }

  /** Forgets what it has kept: for the next lab, with another server. */
  clear(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Whether the line was logged while there was a diagnostic setting, so that the trail must contain it. */
  readonly isDelivered = (line: JsonLogLine): boolean => this.setting.isDelivered(line);

  /** All whole lines, in their order; a line that the server's end cut short is none. */
  lines(): JsonLogLine[] {
    this.link();
    return fs
      .readdirSync(this.folder)
      .sort()
      .flatMap((name) => wholeLines(fs.readFileSync(path.join(this.folder, name), "utf8")));
  }

  private link(): void {
    for (const server of entries(this.paths.postgres)) {
      const log = path.join(this.paths.postgres, server, "log");
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

const LINE_START = '{"timestamp":"';

/**
 * On a full disk PostgreSQL leaves half a line, and later appends the next one right behind it. In JSON's texts a quote is
 * escaped, so a line's start can't be part of one.
 */
export function wholeLines(text: string): JsonLogLine[] {
  return text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      const start = line.lastIndexOf(LINE_START);
      const parsed = start < 0 ? undefined : parseJson(line.slice(start));
      return parsed === undefined ? [] : [parsed as JsonLogLine];
    });
}
