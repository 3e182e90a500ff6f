import { compareText } from "../../common/compare-text";
import type { DecoderOptions } from "../decode/decoder";
import type { BrokenLine, LogRecord } from "../record";
import { BrokenRecordReader } from "./broken-record";
import { type Finding, timeOf } from "./finding";
import { Judgement } from "./judgement";
import { ServerTrail } from "./server-trail";
import { DigestBudget, type SessionTrail } from "./session-trail";

/** Broken lines without a number that may explain gaps. */
const UNREADABLE_KEPT = 1000;

/** The names are the keys of the JSON output. */
export interface ServerReport {
  readonly server: string | null;
  /** Times of the earliest and the latest line. */
  readonly first: string;
  readonly last: string;
  readonly lines: number;
  readonly lines_without_number: number;
  /** Time of the latest line without a number; null if there is none. */
  readonly last_without_number: string | null;
  readonly sessions: number;
  /** Sessions from their beginning to their end, without a finding that isn't explained. */
  readonly complete_sessions: number;
  /** Numbers that each message takes, without its further lines. */
  readonly numbers_per_message: number;
  /** Whether some messages take fewer numbers: single lines may be missing unseen. */
  readonly mixed_numbers: boolean;
  /** Whether a missing end of a session can be seen. */
  readonly logs_disconnections: boolean;
}

export interface TrailReport {
  readonly verdict: "complete" | "not complete" | "can't be verified";
  readonly servers: readonly ServerReport[];
  readonly unexplained: number;
  readonly broken_lines: number;
  /** Broken lines whose session and number could be read: they aren't missing. */
  readonly broken_lines_with_number: number;
  /** By time. */
  readonly findings: readonly Finding[];
}

/** Checks that no number of a session is missing. Memory: sessions and gaps, not lines, but for 8 bytes per line. */
export class TrailCheck {
  private readonly servers = new Map<string | null, ServerTrail>();
  private readonly serverOfFile = new Map<string, ServerTrail>();
  private readonly unreadable: BrokenLine[] = [];
  private readonly budget = new DigestBudget();
  private readonly brokenRecords: BrokenRecordReader;
  private brokenLines = 0;
  private brokenLinesWithNumber = 0;

  /** @param decoder as for the lines themselves */
  constructor(decoder: DecoderOptions = {}) {
    this.brokenRecords = new BrokenRecordReader(decoder);
  }

  /** @param line the record's line as it is in the file */
  add(record: LogRecord, line: Buffer): void {
    const server = this.serverOf(record.server);
    this.serverOfFile.set(record.file, server);
    server.add(record, line);
  }

  /** @param bytes undefined if the line is too long to be kept */
  addBroken(line: BrokenLine, bytes: Buffer | undefined): void {
    const { file, file_offset: offset } = line;
    this.brokenLines += 1;
    const record = bytes && this.brokenRecords.read(bytes, file, offset);
    if (record && bytes) {
      // The server's name may be in the part of the record that was cut off.
      const known = record.server === null ? this.serverOfFile.get(file) : undefined;
      if ((known ?? this.serverOf(record.server)).addBroken(record, bytes)) {
        this.brokenLinesWithNumber += 1;
        return;
      }
    }
    if (this.unreadable.length < UNREADABLE_KEPT) this.unreadable.push(line);
  }

  report(): TrailReport {
    const findings: Finding[] = [];
    const servers = [...this.servers.values()]
      .filter(({ lines }) => lines > 0)
      .map((server) => {
        server.finish();
        const judgement = new Judgement(server, this.unreadable);
        let complete = 0;
        for (const session of server.sessions) {
          const found = judgement.findings(session);
          for (const finding of found) findings.push(finding);
          if (isComplete(session, found)) complete += 1;
        }
        return serverReport(server, complete);
      })
      .sort((left, right) => compareText(left.server ?? "", right.server ?? ""));
    findings.sort((left, right) => compareText(timeOf(left), timeOf(right)));
    const unexplained = findings.filter(({ explained }) => !explained).length;
    return {
      verdict: verdictOf(servers, unexplained + this.brokenLines),
      ...{ servers, unexplained, findings },
      broken_lines: this.brokenLines,
      broken_lines_with_number: this.brokenLinesWithNumber,
    };
  }

  private serverOf(name: string | null): ServerTrail {
    let server = this.servers.get(name);
    if (!server) {
      server = new ServerTrail(name, this.budget);
      this.servers.set(name, server);
    }
    return server;
  }
}

function isComplete(session: SessionTrail, findings: readonly Finding[]): boolean {
  return (
    session.runs.length > 0 &&
    findings.every(({ kind, explained }) => explained && (kind === "gap" || kind === "repeat"))
  );
}

function serverReport(server: ServerTrail, complete: number): ServerReport {
  const { name, first, last, lines, unnumbered, sessions, step, isMixed, logsDisconnections } =
    server;
  return {
    ...{ server: name, first, last, lines, lines_without_number: unnumbered },
    last_without_number: server.lastUnnumbered || null,
    ...{ sessions: sessions.length, complete_sessions: complete, numbers_per_message: step },
    mixed_numbers: isMixed,
    logs_disconnections: logsDisconnections,
  };
}

function verdictOf(servers: readonly ServerReport[], doubts: number): TrailReport["verdict"] {
  const isWithout = (server: ServerReport) => server.lines_without_number === server.lines;
  if (servers.every(isWithout)) return "can't be verified";
  const isUncertain = servers.some(
    (server) => server.lines_without_number > 0 || server.mixed_numbers,
  );
  return doubts > 0 || isUncertain ? "not complete" : "complete";
}
