import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFile } from "../../../common/files";
import { parseJson } from "../../../common/json";
import { readJsonFile } from "../../../common/json-file";
import { REPLACE_LAB } from "../../paths";
import { MAJOR_VERSIONS } from "./server-build";
import type { Setting } from "./parameters/catalogue";

/** The state of a server. Written last, so that a server without it is incomplete. */
const STATE = z.object({
  /** Servers of before 0.2 have none. */
  version: z.enum(MAJOR_VERSIONS).default("15"),
  /** The loopback address on which it listens. */
  address: z.ipv4(),
  /** The written server parameters; the others have their defaults. */
  parameters: z.record(z.string(), z.string()),
  /** The same at the last start of the server. */
  running: z.record(z.string(), z.string()).default({}),
  stopped: z.boolean(),
});
export type ServerRecordState = z.infer<typeof STATE>;

/** Local Azure's records of its servers, in their folders below `.lab/azure/postgres`. */
export class ServerRecords {
  constructor(private readonly folder: string) {}

  names(): string[] {
    return fs.existsSync(this.folder) ? fs.readdirSync(this.folder) : [];
  }

  folderOf(name: string): string {
    return path.join(this.folder, name);
  }

  state(name: string): ServerRecordState | undefined {
    return readJsonFile(this.stateFile(name), STATE, {
      content: `the version and the parameters of the server ${name}`,
      remedy: REPLACE_LAB,
    });
  }

  /** The servers that were created completely, by their names. */
  states(): Map<string, ServerRecordState> {
    const states = this.names().map((name) => [name, this.state(name)] as const);
    return new Map(states.filter((entry): entry is [string, ServerRecordState] => !!entry[1]));
  }

  requireState(name: string): ServerRecordState {
    const state = this.state(name);
    if (!state) throw new Error(`the server '${name}' does not exist`);
    return state;
  }

  writeState(name: string, state: ServerRecordState): void {
    writeFile(this.stateFile(name), JSON.stringify(state));
  }

  /** pg_settings at the last start; undefined if the file is missing or damaged, since the server has them too. */
  settings(name: string): Setting[] | undefined {
    const settings = parseJson(readFileIfExists(this.settingsFile(name)) ?? "");
    return Array.isArray(settings) ? (settings as Setting[]) : undefined;
  }

  writeSettings(name: string, settings: readonly Setting[]): void {
    writeFile(this.settingsFile(name), JSON.stringify(settings));
  }

  private stateFile(name: string): string {
    return path.join(this.folder, name, "server.json");
  }

  private settingsFile(name: string): string {
    return path.join(this.folder, name, "pg-settings.json");
  }
}
