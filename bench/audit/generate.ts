import * as fs from "node:fs";
import { LOG_LINE_PREFIX } from "../../components/server-parameters";
import {
  type JsonLogLine,
  renderLogLinePrefix,
} from "../../local/backends/log-shipper/log-line-prefix";
import { azureRecord } from "../../local/backends/log-shipper/record";
import { Events, FILTERED_USER } from "./events";

/** The generated files. */
export interface Generated {
  readonly sizeMb: number;
  /** Azure Monitor's records, one per line. */
  readonly trail: string;
  readonly trailBytes: number;
  /** A trail of one record. */
  readonly line: string;
  /** The same events as PostgreSQL's own log (log_destination stderr). */
  readonly postgresLog: string;
  readonly postgresLogBytes: number;
  readonly records: number;
  /** Records of the user in the filter. */
  readonly filteredRecords: number;
}

const SEED = 5;
const WRITE_LENGTH = 1024 ** 2;
const CONTEXT = {
  resourceId:
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/audit/providers/Microsoft.DBforPostgreSQL/flexibleServers/bench",
  location: "westeurope",
  logLinePrefix: LOG_LINE_PREFIX,
};

/** Writes a trail of this size (10^6 bytes per MB), and the same events as PostgreSQL's log. */
export function generate(folder: string, sizeMb: number): Generated {
  const trail = new TextFile(`${folder}/trail-${sizeMb}.json`);
  const line = new TextFile(`${folder}/line.json`);
  const log = new TextFile(`${folder}/postgresql-${sizeMb}.log`);
  const events = new Events(SEED);
  let [records, filteredRecords] = [0, 0];
  while (trail.bytes < sizeMb * 1e6) {
    const event = events.next();
    const record = `${azureRecord(event, CONTEXT)}\n`;
    trail.write(record);
    if (records === 0) line.write(record);
    log.write(postgresLine(event));
    records += 1;
    if (event.user === FILTERED_USER) filteredRecords += 1;
  }
  trail.close();
  line.close();
  log.close();
  return {
    sizeMb,
    trail: trail.path,
    trailBytes: trail.bytes,
    line: line.path,
    postgresLog: log.path,
    postgresLogBytes: log.bytes,
    records,
    filteredRecords,
  };
}

/** A line in the format of stderr: continuation lines begin with a tab. Source: PostgreSQL 15, elog.c. */
function postgresLine(event: JsonLogLine): string {
  const prefix = renderLogLinePrefix(LOG_LINE_PREFIX, event);
  return `${prefix}${event.error_severity}:  ${event.message.replaceAll("\n", "\n\t")}\n`;
}

class TextFile {
  bytes = 0;
  private readonly descriptor: number;
  private text = "";

  constructor(readonly path: string) {
    this.descriptor = fs.openSync(path, "w");
  }

  write(line: string): void {
    this.text += line;
    this.bytes += Buffer.byteLength(line);
    if (this.text.length >= WRITE_LENGTH) this.flush();
  }

  close(): void {
    this.flush();
    fs.closeSync(this.descriptor);
  }

  private flush(): void {
    fs.writeSync(this.descriptor, this.text);
    this.text = "";
  }
}
