import * as fs from "node:fs";
import { type Needle, secretsIn } from "./secret-needles";

const INTERVAL_MILLISECONDS = 100;

/**
 * Reads, again and again, what every local user sees of all processes, their command lines, and the environments of processes
 * of other users than this one. It keeps each text once, because the secrets of a lab are known only when it is up.
 */
export class ProcessWatch {
  private readonly texts = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  start(): void {
    this.look();
    this.timer = setInterval(() => this.look(), INTERVAL_MILLISECONDS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Number of different command lines and environments. */
  get count(): number {
    return this.texts.size;
  }

  /** Each text with a secret: its program, and the secret's name and form. */
  leaks(needles: readonly Needle[]): string[] {
    return [...this.texts].flatMap((text) =>
      secretsIn(text, needles).map((what) => `${text.split("\0")[0]}: ${what}`),
    );
  }

  private look(): void {
    for (const entry of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        this.add(fs.readFileSync(`/proc/${entry}/cmdline`, "latin1"));
        if (fs.statSync(`/proc/${entry}`).uid !== process.getuid?.()) {
          this.add(fs.readFileSync(`/proc/${entry}/environ`, "latin1"));
        }
      } catch {
        // The process has ended, or its environment is closed to this user.
      }
    }
  }

  private add(text: string): void {
    if (text !== "") this.texts.add(text);
  }
}
