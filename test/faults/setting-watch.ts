import { type JsonLogLine } from "../../local/backends/log-shipper/log-line-prefix";
import { readFileIfExists } from "../../common/files";
import { type LabPaths } from "../../local/paths";

const INTERVAL_MILLISECONDS = 50;
/** What is logged shortly before a setting's end, and before its first delivery, may be delivered. */
const TOLERANCE_MILLISECONDS = 2000;

/** A time without a diagnostic setting, in milliseconds since 1970. */
interface Gap {
  start: number;
  end: number;
}

/**
 * Notes when the lab has no diagnostic setting: what is logged then is delivered nowhere, as on Azure; and when it has no
 * storage account: the trail until then was deleted with it.
 */
export class SettingWatch {
  private gaps: Gap[] = [];
  private current: Gap | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly paths: LabPaths) {}

  start(): void {
    this.current = { start: 0, end: Infinity };
    this.gaps = [this.current];
    this.timer = setInterval(() => this.look(), INTERVAL_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Whether the line was logged while there was a setting, so that the trail must contain it. */
  isDelivered({ timestamp }: JsonLogLine): boolean {
    const time = Date.parse(timestamp);
    return !this.gaps.some(({ start, end }) => time >= start && time <= end);
  }

  private look(): void {
    const resources = readFileIfExists(this.paths.arm) ?? "";
    const hasSetting = /\/diagnosticSettings\//i.test(resources);
    const hasAccount = /\/storageAccounts\//i.test(resources);
    const now = Date.now();
    if (hasSetting) {
      if (this.current) this.current.end = now + TOLERANCE_MILLISECONDS;
      this.current = undefined;
    } else if (!this.current) {
      this.current = { start: now - TOLERANCE_MILLISECONDS, end: Infinity };
      this.gaps.push(this.current);
    }
    if (this.current && !hasAccount) this.current.start = 0;
  }
}
