import { NewFile } from "../../common/new-file";
import type { OutputShare, RecordOutput } from "../output/record-output";
import type { LogRecord } from "../record";
import { AuditTable } from "./audit-table";
import { TableInput } from "./table-input";

export interface ParquetOptions {
  readonly file: string;
  /** Whether an existing file is replaced. @default false */
  readonly force?: boolean;
  /** Aborted by Ctrl-C: no file is written then, because it would be incomplete. */
  readonly signal: AbortSignal;
}

/** Exports the records as a Parquet file that only its owner may read; the file is either complete or doesn't exist. */
export class ParquetOutput implements RecordOutput {
  readonly share: OutputShare;
  private readonly input = new TableInput(() => AuditTable.create({ filesAllowed: true }));
  private readonly signal: AbortSignal;
  private readonly file: NewFile;

  /** @throws UserError if the file exists or can't be created */
  constructor({ file, force, signal }: ParquetOptions) {
    this.signal = signal;
    this.file = new NewFile({ option: "--parquet", file, replace: force, signal });
    this.share = this.input.share;
  }

  write(record: LogRecord): void {
    this.input.write(record);
  }

  async drain(): Promise<void> {
    await this.input.drain();
  }

  async end(): Promise<void> {
    try {
      if (this.signal.aborted) return;
      await this.export(await this.input.finish());
    } finally {
      await this.input.close();
    }
  }

  private async export(table: AuditTable): Promise<void> {
    const interrupt = () => table.connection.interrupt();
    this.signal.addEventListener("abort", interrupt);
    try {
      // DuckDB writes into the existing file, and keeps its mode.
      await this.file.create(async (part) => {
        await table.connection.run(
          `COPY audit TO '${part.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
        );
      });
    } finally {
      this.signal.removeEventListener("abort", interrupt);
    }
  }
}
