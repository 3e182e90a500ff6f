import * as fs from "node:fs";
import { type EncodedFormat } from "../output/record-output";
import { encoderOf } from "../output/encoders";
import { type LogRecord } from "../record";
import { RecordReader } from "../record-reader";
import { Summary } from "../output/summary";
import { EncodedPieces } from "./encoded-pieces";
import { type FileRange, type Task, type TaskResult, type WorkerSetup } from "./task";

const READ_BYTES = 1024 ** 2;

/** Reads tasks, in the thread that calls it. */
export class TaskRunner {
  private readonly buffer = Buffer.allocUnsafe(READ_BYTES);
  private readonly work: Work;
  /** One for all tasks: the decoder remembers what lines have in common. */
  private readonly reader: RecordReader;

  constructor({ selection, format }: WorkerSetup) {
    this.work = format === undefined ? new Counting() : new Encoding(format);
    this.reader = new RecordReader(selection, (record, line) => this.work.take(record, line));
  }

  /** @param spare memory for what is encoded */
  run(task: Task, spare: readonly ArrayBuffer[] = []): TaskResult {
    this.work.begin(spare);
    for (const range of task.ranges) this.readRange(range);
    const { reader } = this;
    return {
      tally: reader.takeTally(),
      findings: reader.decoder.findings.take(),
      ...this.work.end(),
    };
  }

  private readRange({ name, path, fromByte, toByte }: FileRange): void {
    const { buffer } = this;
    const file = { name, path };
    const splitter = this.reader.splitterOf(file);
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
}

/** What is done with a task's records, and what comes of it. */
interface Work {
  begin(spare: readonly ArrayBuffer[]): void;
  take(record: LogRecord, line: Buffer): void;
  end(): Pick<TaskResult, "summary" | "encoded">;
}

class Counting implements Work {
  private summary = new Summary();

  begin(): void {
    this.summary = new Summary();
  }

  take(record: LogRecord): void {
    this.summary.add(record);
  }

  end() {
    return { summary: this.summary.part() };
  }
}

class Encoding implements Work {
  private readonly encoder;
  private readonly pieces = new EncodedPieces();

  constructor(format: EncodedFormat) {
    this.encoder = encoderOf(format);
  }

  begin(spare: readonly ArrayBuffer[]): void {
    this.pieces.addSpare(spare);
  }

  take(record: LogRecord, line: Buffer): void {
    this.pieces.write(this.encoder.encode(record, line));
  }

  end() {
    return { encoded: this.pieces.take() };
  }
}
