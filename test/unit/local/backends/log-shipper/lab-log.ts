import * as fs from "node:fs";
import * as path from "node:path";
import { type LogSource } from "../../../../../local/backends/log-shipper/log-shipper";
import { type FakeContainer } from "./fake-container";

export interface Line {
  readonly hour?: string;
  readonly message: string;
  readonly session_id?: string;
  readonly line_num?: number;
  readonly error_severity?: string;
  readonly detail?: string;
  readonly statement?: string;
}

/** PostgreSQL's log and the shipper's state, in a folder. */
export class LabLog {
  constructor(private readonly folder: string) {
    fs.mkdirSync(this.logs);
  }

  get stateFile(): string {
    return path.join(this.folder, "shipped.json");
  }

  get logs(): string {
    return path.join(this.folder, "log");
  }

  state(): { shipped?: unknown; steps: { appends: unknown[] }[] } {
    return JSON.parse(fs.readFileSync(this.stateFile, "utf8")) as ReturnType<LabLog["state"]>;
  }

  write(file: string, ...lines: readonly Line[]): void {
    const texts = lines.map(({ hour = "08", ...line }) =>
      JSON.stringify({
        timestamp: `2022-05-23 ${hour}:00:00.000 UTC`,
        ...{ pid: 1, error_severity: "LOG" },
        ...line,
      }),
    );
    this.append(file, texts.map((text) => `${text}\n`).join(""));
  }

  append(file: string, text: string): void {
    fs.appendFileSync(path.join(this.logs, file), text);
  }

  source(...containers: readonly FakeContainer[]): LogSource {
    return {
      resourceId: "/servers/n",
      location: "westeurope",
      logFolder: this.logs,
      stateFile: this.stateFile,
      logLinePrefix: async () => "%l ",
      containers: async () => new Map(containers.map(({ client }, index) => [`${index}`, client])),
    };
  }
}

export const blobOf = (hour: string): string =>
  `resourceId=/SERVERS/N/y=2022/m=05/d=23/h=${hour}/m=00/PT1H.json`;

/** The messages of the records in an hour's blob. */
export const messages = (container: FakeContainer, hour: string): string[] =>
  (container.text(blobOf(hour)) ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { properties: { message: string } }).properties.message);
