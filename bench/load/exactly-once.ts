import { type ContainerClient } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { type Readable } from "node:stream";
import { blobsOf } from "./readers";

const LINK_MILLISECONDS = 500;

/** Keeps PostgreSQL's log, whose files the shipper removes. */
export class KeptLog {
  private readonly timer = setInterval(() => this.link(), LINK_MILLISECONDS);

  /** @param folder on the same file system as the log */
  constructor(
    private readonly logFolder: string,
    readonly folder: string,
  ) {}

  stop(): void {
    clearInterval(this.timer);
    this.link();
  }

  private link(): void {
    for (const name of fs.readdirSync(this.logFolder)) {
      const kept = path.join(this.folder, name);
      if (!name.endsWith(".json") || fs.existsSync(kept)) continue;
      fs.linkSync(path.join(this.logFolder, name), kept);
    }
  }
}

/** The lines of a log: how often each occurs, and a hash of each process's lines in their order. */
interface Census {
  readonly counts: Map<string, number>;
  readonly orders: Map<number, string>;
  total: number;
}

export interface Comparison {
  readonly lines: number;
  readonly lost: number;
  readonly doubled: number;
  /** Server processes whose lines have another order. */
  readonly disordered: number;
}

/** Compares PostgreSQL's log with the blobs. @param since lines before it were written without a diagnostic setting */
export async function compare(
  logFolder: string,
  container: ContainerClient,
  since: number,
): Promise<Comparison> {
  const [log, blobs] = [newCensus(), newCensus()];
  for (const name of fs.readdirSync(logFolder).sort()) {
    for await (const text of linesOf(fs.createReadStream(path.join(logFolder, name)))) {
      const { timestamp, pid, message } = JSON.parse(text) as LogLine;
      if (Date.parse(isoTime(timestamp)) >= since) count(log, timestamp, pid, message);
    }
  }
  for (const { name } of await blobsOf(container)) {
    const { readableStreamBody } = await container.getBlobClient(name).download();
    for await (const text of linesOf(readableStreamBody as Readable)) {
      const { timestamp, processId, message } = (JSON.parse(text) as BlobLine).properties;
      const own = message.slice(message.indexOf(":  ") + 3);
      if (Date.parse(isoTime(timestamp)) >= since) count(blobs, timestamp, processId, own);
    }
  }
  let [lost, doubled] = [0, 0];
  for (const key of new Set([...log.counts.keys(), ...blobs.counts.keys()])) {
    const difference = (log.counts.get(key) ?? 0) - (blobs.counts.get(key) ?? 0);
    if (difference > 0) lost += difference;
    else doubled -= difference;
  }
  const disordered = [...log.orders].filter(([pid, order]) => blobs.orders.get(pid) !== order);
  return { lines: log.total, lost, doubled, disordered: disordered.length };
}

interface LogLine {
  readonly timestamp: string;
  readonly pid: number;
  readonly message: string;
}

interface BlobLine {
  readonly properties: {
    readonly timestamp: string;
    readonly processId: number;
    readonly message: string;
  };
}

const newCensus = (): Census => ({ counts: new Map(), orders: new Map(), total: 0 });
const linesOf = (input: Readable) => readline.createInterface({ input, crlfDelay: Infinity });
const isoTime = (timestamp: string) => `${timestamp.replace(" UTC", "").replace(" ", "T")}Z`;
const hash = (text: string) => createHash("md5").update(text).digest("base64");

function count(census: Census, timestamp: string, pid: number, message: string): void {
  const key = hash(`${timestamp} ${pid} ${message}`);
  census.total++;
  census.counts.set(key, (census.counts.get(key) ?? 0) + 1);
  census.orders.set(pid, hash(`${census.orders.get(pid)}${key}`));
}
