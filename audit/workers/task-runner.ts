import { EncodedPieces, type EncodedTexts } from "../order/encoded-pieces";
import type { BatchCounts } from "../order/batch";
import { IndexBuilder } from "../order/record-index";
import { ENCODERS, type RecordEncoder } from "../output/encoded-output";
import type { EncodedFormat } from "../output/record-output";
import { Summary, type SummaryPart } from "../output/summary";
import type { LogRecord } from "../record";
import { NotablesOfThread, type RulesPart, type RulesSetup } from "../rules/notables";
import { RecordReader, type Selection } from "../record-reader";
import { readBuffers, readLocalFile } from "../sources/local-files";
import { type FileProblem, UnreadableFile } from "../sources/unreadable";

/** Whole lines of a file on this machine. */
export interface FileRange {
  readonly name: string;
  readonly path: string;
  readonly fromByte: number;
  /** Exclusive. */
  readonly toByte: number;
}

/** Ranges that one thread reads, in the order of the files. */
export interface Task {
  readonly ranges: readonly FileRange[];
}

/** The same for all tasks of a thread. */
export interface WorkerSetup {
  readonly selection: Selection;
  /** Undefined: the records are counted. */
  readonly format?: EncodedFormat;
  /** Rules to apply to the counted records. */
  readonly rules?: RulesSetup;
}

/** The message to a thread. */
export interface TaskMessage {
  readonly task: Task;
  /** Memory of earlier results, to be reused. */
  readonly spare: readonly ArrayBuffer[];
}

export interface TaskResult extends BatchCounts {
  readonly problems: readonly FileProblem[];
  /** The values of a RecordIndex. */
  readonly index: Float64Array<ArrayBuffer>;
  readonly summary?: SummaryPart;
  readonly rules?: RulesPart;
  readonly encoded?: EncodedTexts;
}

/** Executes tasks one after the other, in the thread that calls it. */
export class TaskRunner {
  private readonly buffers = readBuffers();
  private readonly index = new IndexBuilder();
  private readonly sink: Sink;
  /** One reader for all tasks, because the decoder caches values that recur in many lines. */
  private readonly reader: RecordReader;

  constructor({ selection, format, rules }: WorkerSetup) {
    this.sink = format === undefined ? new Counting(rules) : new Encoding(ENCODERS[format]);
    this.reader = new RecordReader(selection, (record, line) => {
      this.index.add(record, line);
      this.sink.write(record, line);
    });
  }

  /** @param spare memory for encoded records */
  async run(task: Task, spare: readonly ArrayBuffer[] = []): Promise<TaskResult> {
    const { sink, reader, buffers, index } = this;
    sink.begin(spare);
    const problems: FileProblem[] = [];
    for (const { name, path, fromByte, toByte } of task.ranges) {
      const file = { name, path };
      const splitter = reader.splitterOf(file);
      try {
        for await (const chunk of readLocalFile(file, { fromByte, toByte, buffers })) {
          splitter.push(chunk);
        }
      } catch (error) {
        if (!(error instanceof UnreadableFile)) throw error;
        problems.push({ file: name, reason: error.reason });
      }
      splitter.finish();
    }
    return {
      problems,
      tally: reader.takeTally(),
      findings: reader.decoder.findings.take(),
      index: index.take(),
      ...sink.end(),
    };
  }
}

/** Receives a task's records, and returns its part of the result. */
interface Sink {
  begin(spare: readonly ArrayBuffer[]): void;
  write(record: LogRecord, line: Buffer): void;
  end(): Pick<TaskResult, "summary" | "rules" | "encoded">;
}

class Counting implements Sink {
  private summary = new Summary();
  private readonly notables: NotablesOfThread | undefined;

  constructor(rules: RulesSetup | undefined) {
    this.notables = rules && new NotablesOfThread(rules);
  }

  begin(): void {
    this.summary = new Summary();
  }

  write(record: LogRecord): void {
    this.summary.add(record);
    this.notables?.add(record);
  }

  end() {
    return { summary: this.summary.part(), rules: this.notables?.takePart() };
  }
}

class Encoding implements Sink {
  private readonly pieces = new EncodedPieces();

  constructor(private readonly encoder: RecordEncoder) {}

  begin(spare: readonly ArrayBuffer[]): void {
    this.pieces.addSpare(spare);
  }

  write(record: LogRecord, line: Buffer): void {
    this.pieces.write(this.encoder.encode(record, line));
  }

  end() {
    return { encoded: this.pieces.take() };
  }
}
