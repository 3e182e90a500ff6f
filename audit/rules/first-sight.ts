import * as fs from "node:fs";
import * as path from "node:path";
import { parseJson } from "../../common/json";
import { NewFile } from "../../common/new-file";
import { UserError } from "../../common/user-error";
import type { LogRecord } from "../record";
import { type Finding, findingOf, type RuleInfo } from "./finding";
import { isMap } from "./sigma/detection";

/** The users and client addresses that were seen before: the content of the file of --known. */
export interface Known {
  readonly users: readonly string[];
  readonly clients: readonly string[];
}

/** What is known before a reading. */
export interface Baseline extends Known {
  /** False for the first reading, which only learns: all of its users and clients would be new. */
  readonly exists: boolean;
}

/** Sigma has no rule for a value that was never seen before. */
const RULES = {
  users: { id: "first-sight-user", title: "First sight of a user", level: "medium" },
  clients: { id: "first-sight-client", title: "First sight of a client address", level: "low" },
} as const satisfies Readonly<Record<keyof Known, RuleInfo>>;

/** New users and addresses with their first findings; plain data, for messages between threads. */
export type Sights = Readonly<Record<keyof Known, ReadonlyMap<string, Finding>>>;

/** Finds users and client addresses of sessions that aren't known. */
export class FirstSights {
  private readonly known: Readonly<Record<keyof Known, ReadonlySet<string>>>;
  private sights = noSights();

  constructor(private readonly baseline: Baseline) {
    const { users, clients } = baseline;
    this.known = { users: new Set(users), clients: new Set(clients) };
  }

  add(record: LogRecord): void {
    if (!isOfSession(record)) return;
    this.see("users", record.user_name, record);
    this.see("clients", record.client, record);
  }

  /** Returns what was new, and forgets it. */
  take(): Sights {
    const { sights } = this;
    this.sights = noSights();
    return sights;
  }

  /** Adds what another thread has seen, of a later part of the trail. */
  addSights(sights: Sights): void {
    for (const kind of KINDS) {
      for (const [value, finding] of sights[kind]) this.keep(kind, value, finding);
    }
  }

  findings(): Finding[] {
    if (!this.baseline.exists) return [];
    return KINDS.flatMap((kind) => [...this.sights[kind].values()]);
  }

  /** The known and the new values, sorted. */
  all(): Known {
    const all = (kind: keyof Known) => [...this.known[kind], ...this.sights[kind].keys()].sort();
    return { users: all("users"), clients: all("clients") };
  }

  private see(kind: keyof Known, value: string | null, record: LogRecord): void {
    if (value === null || this.known[kind].has(value)) return;
    const seen = this.sights[kind].get(value);
    if (seen && seen.time <= record.time) return;
    this.keep(kind, value, findingOf(RULES[kind], record, value));
  }

  /** The earliest finding stays. */
  private keep(kind: keyof Known, value: string, finding: Finding): void {
    const seen = this.sights[kind].get(value);
    if (!seen || finding.time < seen.time) this.sights[kind].set(value, finding);
  }
}

const KINDS = ["users", "clients"] as const;
const noSights = () => ({
  users: new Map<string, Finding>(),
  clients: new Map<string, Finding>(),
});

/**
 * Whether the server has authenticated the user. Names and addresses of failed logins aren't seen: an attacker chooses
 * these, and would make them known.
 */
function isOfSession({ kind, message }: LogRecord): boolean {
  if (kind === "audit" || kind === "statement") return true;
  return kind === "connection" && /^(?:replication )?connection authorized: /.test(message ?? "");
}

/** The file of --known. It is written after a whole reading, and contains then what this has seen. */
export class KnownFile {
  constructor(private readonly file: string) {}

  /** @throws UserError for a file with other content */
  read(): Baseline {
    let text: string;
    try {
      text = fs.readFileSync(this.file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        const folder = path.dirname(this.file);
        if (!fs.existsSync(folder)) {
          throw new UserError(
            `--known is ${this.file}, and there is no folder ${folder}; create it first.`,
          );
        }
        return { exists: false, users: [], clients: [] };
      }
      throw new UserError(`--known is ${this.file}, which can't be read: ${String(error)}`);
    }
    const known = parseKnown(text);
    if (known) return { exists: true, ...known };
    throw new UserError(
      `--known is ${this.file}, which isn't a file of known users and clients; give the name of a new file, or one that --known has written.`,
    );
  }

  async write(known: Known): Promise<void> {
    const newFile = new NewFile({ option: "--known", file: this.file, replace: true });
    const text = `${JSON.stringify(known, null, 2)}\n`;
    await newFile.create((part) => fs.promises.writeFile(part, text));
  }
}

function parseKnown(text: string): Known | undefined {
  const value = parseJson(text);
  if (!isMap(value)) return undefined;
  const { users, clients } = value;
  return isTexts(users) && isTexts(clients) ? { users, clients } : undefined;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
