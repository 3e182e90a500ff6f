import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../common/user-error";
import type { OutputShare, RecordOutput } from "../output/record-output";
import type { LogRecord } from "../record";
import { AuditTable, messageOf } from "./audit-table";
import { TableInput } from "./table-input";

/** Exports the records as a Parquet file that only its owner may read; the file is either complete or doesn't exist. */
export class ParquetOutput implements RecordOutput {
  readonly share: OutputShare;
  private readonly input = new TableInput(() => AuditTable.create({ filesAllowed: true }));

  /**
   * @param signal no file is written then, because it would be incomplete
   * @throws UserError if the file exists or can't be created
   */
  constructor(
    private readonly file: string,
    private readonly signal: AbortSignal,
  ) {
    refuseToReplace(file);
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
    const { file } = this;
    const part = `${file}.${process.pid}.part`;
    const interrupt = () => table.connection.interrupt();
    this.signal.addEventListener("abort", interrupt);
    try {
      // DuckDB writes into an existing file, and keeps its mode.
      fs.writeFileSync(part, "", { mode: 0o600, flag: "wx" });
      await table.connection.run(
        `COPY audit TO '${part.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
      );
      refuseToReplace(file);
      fs.renameSync(part, file);
    } catch (error) {
      if (this.signal.aborted) return;
      if (error instanceof UserError) throw error;
      throw new UserError(`--parquet: ${file} can't be written: ${messageOf(error)}`);
    } finally {
      this.signal.removeEventListener("abort", interrupt);
      fs.rmSync(part, { force: true });
    }
  }
}

function refuseToReplace(file: string): void {
  const folder = path.dirname(file);
  if (!fs.existsSync(folder)) throw new UserError(`--parquet: there is no folder ${folder}.`);
  if (fs.existsSync(file)) {
    throw new UserError(`--parquet: ${file} exists; choose another name, or remove it first.`);
  }
}
