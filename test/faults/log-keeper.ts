import * as fs from "node:fs";
import { parseJson } from "../../common/json";
import { type JsonLogLine } from "../../local/backends/log-shipper/log-line-prefix";
import { type LabPaths } from "../../local/paths";
import { KeptLog } from "../support/kept-log";
import { SettingWatch } from "./setting-watch";

/** Keeps the logs of a lab's servers, and knows what of them must be delivered. */
export class LogKeeper extends KeptLog {
  private readonly setting: SettingWatch;

  /** @param folder on the same file system, outside the lab's folder */
  constructor(paths: LabPaths, folder: string) {
    super(paths.postgres, folder);
    this.setting = new SettingWatch(paths);
  }

  override start(): void {
    super.start();
    this.setting.start();
  }

  override stop(): void {
    super.stop();
    this.setting.stop();
  }

  /** Whether the line was logged while there was a diagnostic setting, so that the trail must contain it. */
  readonly isDelivered = (line: JsonLogLine): boolean => this.setting.isDelivered(line);

  /** All whole lines, in their order; a line that the server's end cut short is none. */
  lines(): JsonLogLine[] {
    return this.files().flatMap((file) => wholeLines(fs.readFileSync(file, "utf8")));
  }
}

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
