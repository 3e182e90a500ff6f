import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type * as DuckDBModule from "@duckdb/node-api";
import type {
  DuckDBAppender,
  DuckDBConnection,
  DuckDBInstance,
  DuckDBValue,
} from "@duckdb/node-api";
import { UserError } from "../../common/user-error";
import { FIELDS, type FieldName, type FieldType, type LogRecord } from "../record";

export type DuckDB = typeof DuckDBModule;

const COLUMNS = Object.entries(FIELDS) as [FieldName, FieldType][];

const SQL_TYPES: Readonly<Record<FieldType, string>> = {
  text: "VARCHAR",
  // Offsets in files of more than 2 GiB, and counts of rows, need more than INTEGER.
  integer: "BIGINT",
  double: "DOUBLE",
  timestamp: "TIMESTAMP",
  "text[]": "VARCHAR[]",
};

/** Rows per DuckDB data chunk. Source: DuckDB's vector size. */
const ROWS_AT_ONCE = 2048;
/** Beyond it DuckDB uses its folder. */
const MEMORY_LIMIT = "1GB";

export interface AuditTableOptions {
  /** Whether statements may read and write files. @default false */
  readonly filesAllowed?: boolean;
}

/** The table `audit` in a temporary DuckDB database, whose folder is removed at the end of the process. */
export class AuditTable {
  private pending: LogRecord[] = [];

  private constructor(
    readonly duckdb: DuckDB,
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly appender: DuckDBAppender,
    private readonly folder: TemporaryFolder,
  ) {}

  /** @throws UserError if DuckDB can't be loaded */
  static async create({ filesAllowed = false }: AuditTableOptions = {}): Promise<AuditTable> {
    const duckdb = await loadDuckDb();
    // On disk, compressed: the trail may be larger than the memory.
    const folder = new TemporaryFolder();
    try {
      const instance = await duckdb.DuckDBInstance.create(path.join(folder.path, "audit.duckdb"), {
        memory_limit: MEMORY_LIMIT,
        // Otherwise DuckDB downloads extensions that a query needs.
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
      });
      const connection = await instance.connect();
      const columns = COLUMNS.map(([name, type]) => `${name} ${SQL_TYPES[type]}`);
      await connection.run(`CREATE TABLE audit (${columns.join(", ")})`);
      // The records' times are UTC; so must now() be in a query.
      await connection.run("SET TimeZone = 'UTC'");
      if (!filesAllowed) {
        // The query may be another person's: it can read the trail, but nothing else of this machine.
        await connection.run("SET enable_external_access = false");
      }
      await connection.run("SET lock_configuration = true");
      const appender = await connection.createAppender("audit");
      return new AuditTable(duckdb, instance, connection, appender, folder);
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  append(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.pending.push(record);
      if (this.pending.length === ROWS_AT_ONCE) this.appendPending();
    }
  }

  /** Makes all appended records visible to queries. */
  flush(): void {
    if (this.pending.length > 0) this.appendPending();
    this.appender.flushSync();
  }

  /** Ends DuckDB and removes its files. */
  close(): void {
    this.appender.closeSync();
    this.connection.closeSync();
    this.instance.closeSync();
    this.folder.remove();
  }

  private appendPending(): void {
    const { DuckDBDataChunk, BIGINT, DOUBLE, LIST, TIMESTAMP, VARCHAR } = this.duckdb;
    const types = {
      text: VARCHAR,
      integer: BIGINT,
      double: DOUBLE,
      timestamp: TIMESTAMP,
      "text[]": LIST(VARCHAR),
    };
    const chunk = DuckDBDataChunk.create(
      COLUMNS.map(([, type]) => types[type]),
      this.pending.length,
    );
    for (const [index, [name, type]] of COLUMNS.entries()) {
      chunk.setColumnValues(
        index,
        this.pending.map((record) => this.toSql(record[name], type)),
      );
    }
    this.appender.appendDataChunk(chunk);
    this.pending = [];
  }

  private toSql(value: LogRecord[FieldName], type: FieldType): DuckDBValue {
    const { DuckDBListValue, DuckDBTimestampValue } = this.duckdb;
    if (value === null) return null;
    if (type === "integer") return BigInt(value as number);
    if (type === "timestamp") {
      return new DuckDBTimestampValue(BigInt(Date.parse(value as string)) * 1000n);
    }
    return typeof value === "object" ? new DuckDBListValue(value) : value;
  }
}

/** A folder that only this user can read, and that is removed at the end of the process. */
class TemporaryFolder {
  /** In TMPDIR, or in the system's folder for temporary files. */
  readonly path = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-"));
  private readonly atExit = () => this.remove();

  constructor() {
    process.once("exit", this.atExit);
  }

  remove(): void {
    process.off("exit", this.atExit);
    fs.rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * Loads DuckDB when it is needed: 100 MB of native code, which npm has for some platforms only.
 * @throws UserError if it isn't installed for this platform
 */
export async function loadDuckDb(load = () => import("@duckdb/node-api")): Promise<DuckDB> {
  try {
    return await load();
  } catch (error) {
    const [reason] = messageOf(error).split("\n");
    throw new UserError(
      `--sql and --parquet need DuckDB, which can't be loaded on ${process.platform} ${process.arch}: ${reason}. ` +
        "npm ci --include=optional installs it if it exists for this platform; otherwise process the output of --format json with another tool.",
    );
  }
}

/** An error's message; errors of native code aren't always instances of this program's Error. */
export function messageOf(error: unknown): string {
  return String(error).replace(/^Error: /, "");
}
