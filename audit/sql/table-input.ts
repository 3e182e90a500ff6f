import { ENCODERS } from "../output/encoded-output";
import type { OutputShare } from "../output/record-output";
import type { LogRecord } from "../record";
import type { AuditTable } from "./audit-table";

/** Puts records, or rows that threads have encoded, into the table `audit`, which it opens when it needs it. */
export class TableInput {
  readonly share: OutputShare = {
    kind: "encoded",
    format: "rows",
    writeEncoded: (bytes) => this.append(bytes),
  };
  private text = "";
  private table: Promise<AuditTable> | undefined;

  constructor(private readonly open: () => Promise<AuditTable>) {}

  write(record: LogRecord): void {
    this.text += ENCODERS.rows.encode(record, NO_LINE);
  }

  /** @throws UserError if the table can't be opened, before more of the trail is read */
  async drain(): Promise<void> {
    const { text } = this;
    this.text = "";
    await this.append(Buffer.from(text));
    await (await this.opened()).drain();
  }

  /** The table with all records. */
  async finish(): Promise<AuditTable> {
    await this.drain();
    const table = await this.opened();
    await table.finish();
    return table;
  }

  async close(): Promise<void> {
    const table = await this.table?.catch(() => undefined);
    await table?.close();
  }

  /** Calls are completed in their order, because all wait for the same table. */
  private async append(rows: Buffer): Promise<void> {
    (await this.opened()).append(rows);
  }

  private opened(): Promise<AuditTable> {
    return (this.table ??= this.open());
  }
}

const NO_LINE = Buffer.alloc(0);
