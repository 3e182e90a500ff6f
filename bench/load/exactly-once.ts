import { type ContainerClient } from "@azure/storage-blob";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as readline from "node:readline";
import { type Readable } from "node:stream";
import { blobsOf } from "./readers";

export interface Comparison {
  readonly lines: number;
  readonly lost: number;
  readonly doubled: number;
  /** Server processes whose lines have another order. */
  readonly disordered: number;
}

/**
 * Compares the files of PostgreSQL's log with the blobs, millions of lines: only for the server processes whose lines
 * differ are they counted one by one.
 * @param since milliseconds since 1970; lines before it were written without a diagnostic setting
 */
export async function compare(
  files: readonly string[],
  container: ContainerClient,
  since: number,
): Promise<Comparison> {
  const log = () => linesSince(since, logLines(files));
  const blobs = () => linesSince(since, blobLines(container));
  const [logged, shipped] = [await ordersOf(log()), await ordersOf(blobs())];
  const differing = new Set(
    [...logged.orders.keys(), ...shipped.orders.keys()].filter(
      (pid) => logged.orders.get(pid) !== shipped.orders.get(pid),
    ),
  );
  const counts = new Map<string, number>();
  const count = async (lines: AsyncIterable<Line>, step: number) => {
    for await (const { pid, key } of lines) {
      if (differing.has(pid)) counts.set(key, (counts.get(key) ?? 0) + step);
    }
  };
  if (differing.size > 0) {
    await count(log(), 1);
    await count(blobs(), -1);
  }
  const sum = (sign: number) =>
    [...counts.values()].reduce((total, each) => total + Math.max(0, sign * each), 0);
  return { lines: logged.total, lost: sum(1), doubled: sum(-1), disordered: differing.size };
}

interface Line {
  readonly time: number;
  readonly pid: number;
  /** Equal for the same line of the log and of a blob. */
  readonly key: string;
}

const hash = (text: string): string => createHash("md5").update(text).digest("base64");

const newLine = (timestamp: string, pid: number, message: string): Line => ({
  time: Date.parse(timestamp),
  pid,
  key: hash(`${timestamp} ${pid} ${message}`),
});

async function* logLines(files: readonly string[]): AsyncGenerator<Line> {
  for (const file of files) {
    for await (const text of textLines(fs.createReadStream(file))) {
      const { timestamp, pid, message } = JSON.parse(text) as {
        readonly timestamp: string;
        readonly pid: number;
        readonly message: string;
      };
      yield newLine(timestamp, pid, message);
    }
  }
}

async function* blobLines(container: ContainerClient): AsyncGenerator<Line> {
  for (const { name } of await blobsOf(container)) {
    const { readableStreamBody } = await container.getBlobClient(name).download();
    for await (const text of textLines(readableStreamBody as Readable)) {
      const { timestamp, processId, message } = (
        JSON.parse(text) as {
          readonly properties: {
            readonly timestamp: string;
            readonly processId: number;
            readonly message: string;
          };
        }
      ).properties;
      yield newLine(timestamp, processId, message.slice(message.indexOf(":  ") + 3));
    }
  }
}

const textLines = (input: Readable) => readline.createInterface({ input, crlfDelay: Infinity });

async function* linesSince(since: number, lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  for await (const line of lines) if (line.time >= since) yield line;
}

/** A hash of each server process's lines in their order. */
async function ordersOf(
  lines: AsyncIterable<Line>,
): Promise<{ readonly orders: ReadonlyMap<number, string>; readonly total: number }> {
  const orders = new Map<number, string>();
  let total = 0;
  for await (const { pid, key } of lines) {
    orders.set(pid, hash(`${orders.get(pid)}${key}`));
    total++;
  }
  return { orders, total };
}
