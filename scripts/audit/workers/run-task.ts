import * as fs from "node:fs";
import { EncodedFormat } from "../output";
import { encoderOf } from "../output/encoders";
import { LogRecord } from "../record";
import { RecordReader } from "../record-reader";
import { Summary } from "../summary";
import { FileRange, Task, TaskResult, WorkerSetup } from "./task";

const READ_BYTES = 1024 ** 2;
/** Text is turned into bytes in pieces of about this length. */
const PIECE_LENGTH = 256 * 1024;

const buffer = Buffer.allocUnsafe(READ_BYTES);

/** Reads the ranges of a task, in the thread that calls it. */
export function runTask({ selection, format }: WorkerSetup, task: Task): TaskResult {
  const work = format === undefined ? countRecords() : encodeRecords(format);
  const reader = new RecordReader(selection, work.take);
  for (const range of task.ranges) readRange(reader, range);
  return { tally: reader.tally, findings: reader.decoder.findings.counts, ...work.result() };
}

function readRange(reader: RecordReader, { name, path, fromByte, toByte }: FileRange): void {
  const file = { name, path };
  const splitter = reader.splitterOf(file);
  const descriptor = fs.openSync(path, "r");
  try {
    for (let offset = fromByte; offset < toByte;) {
      const length = Math.min(buffer.length, toByte - offset);
      const bytesRead = fs.readSync(descriptor, buffer, 0, length, offset);
      if (bytesRead === 0) break;
      splitter.push({ file, offset, bytes: buffer.subarray(0, bytesRead) });
      offset += bytesRead;
    }
    splitter.finish();
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What is done with the records, and what comes of it. */
interface Work {
  readonly take: (record: LogRecord, line: Buffer) => void;
  readonly result: () => Pick<TaskResult, "summary" | "encoded">;
}

function countRecords(): Work {
  const summary = new Summary();
  return { take: (record) => summary.add(record), result: () => ({ summary: summary.part() }) };
}

function encodeRecords(format: EncodedFormat): Work {
  const encoder = encoderOf(format);
  const utf8 = new TextEncoder();
  const encoded: Uint8Array[] = [];
  let text = "";
  const flush = () => {
    if (text !== "") encoded.push(utf8.encode(text));
    text = "";
  };
  return {
    take: (record, line) => {
      text += encoder.encode(record, line);
      if (text.length >= PIECE_LENGTH) flush();
    },
    result: () => {
      flush();
      return { encoded };
    },
  };
}
