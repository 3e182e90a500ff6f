import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type * as DuckDBModule from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { UserError } from "../../common/user-error";
import { ROWS_QUOTE } from "../output/encoded-output";
import { FIELDS, type FieldType } from "../record";

export type DuckDB = typeof DuckDBModule;

const COLUMNS = Object.entries(FIELDS);

const SQL_TYPES: Readonly<Record<FieldType, string>> = {
  text: "VARCHAR",
  // Offsets in files of more than 2 GiB, and counts of rows, need more than INTEGER.
  integer: "BIGINT",
  double: "DOUBLE",
  timestamp: "TIMESTAMP",
  "text[]": "VARCHAR[]",
};
/** As DuckDB reads them; it knows lists in a notation of its own only. */
const CSV_TYPES: Readonly<Record<FieldType, string>> = { ...SQL_TYPES, "text[]": "VARCHAR" };

/** DuckDB loads rows in parts of about this size, while the next part is written. */
const PART_BYTES = 8 * 1024 ** 2;
/** Beyond it DuckDB uses its folder. Less while it loads, so that memory doesn't grow with the trail. */
const MEMORY_LIMIT = { loading: "256MB", query: "1GB" };

/**
 * Who signed in with a token of Microsoft Entra ID: members of a group sign in with the group's name as the user, and only a line
 * of the sign-in names the person (UPN) or application (appid). A session can imitate that line by RAISE LOG, but only later: the
 * first one counts. Source: Microsoft's "Audit logging for Microsoft Entra ID principals", Kusto query; its page shows no whole line.
 */
const PEOPLE = `CREATE VIEW people AS
  SELECT server, session_id,
    arg_min(trim(regexp_extract(message, '(?:UPN|appid)=(.*?)oid=', 1), ' ,;'), session_line_num) AS person,
    arg_min(regexp_extract(message, 'oid=([0-9a-fA-F-]+)', 1), session_line_num) AS object_id,
    min(session_line_num) AS session_line_num
  FROM audit
  WHERE kind IN ('log', 'connection') AND contains(message, 'Microsoft Entra ID connection authorized') AND session_id IS NOT NULL
  GROUP BY ALL`;

export interface AuditTableOptions {
  /** Whether statements may read and write files. @default false */
  readonly filesAllowed?: boolean;
}

/**
 * The table `audit` and the view `people` in a temporary DuckDB database, whose folder is removed at the end of the process. Its rows go
 * through files, because DuckDB reads them three times as fast as it takes values one by one from JavaScript.
 */
export class AuditTable {
  private part: PartFile;
  private otherPart: PartFile;
  /** DuckDB's work at the other part. */
  private loading: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly duckdb: DuckDB,
    private readonly instance: DuckDBInstance,
    readonly connection: DuckDBConnection,
    private readonly folder: TemporaryFolder,
  ) {
    const [one, other] = folder.partPaths;
    this.part = new PartFile(one);
    this.otherPart = new PartFile(other);
  }

  /** @throws UserError if DuckDB can't be loaded */
  static async create({ filesAllowed = false }: AuditTableOptions = {}): Promise<AuditTable> {
    const duckdb = await loadDuckDb();
    // On disk, compressed: the trail may be larger than the memory.
    const folder = new TemporaryFolder();
    try {
      const instance = await duckdb.DuckDBInstance.create(path.join(folder.path, "audit.duckdb"), {
        memory_limit: MEMORY_LIMIT.loading,
        // Otherwise DuckDB downloads extensions that a query needs.
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
      });
      const connection = await instance.connect();
      const columns = COLUMNS.map(([name, type]) => `${name} ${SQL_TYPES[type]}`);
      await connection.run(`CREATE TABLE audit (${columns.join(", ")})`);
      await connection.run(PEOPLE);
      // The records' times are UTC; so must now() be in a query.
      await connection.run("SET TimeZone = 'UTC'");
      if (!filesAllowed) {
        // The query may be another person's: it can read the trail, but nothing else of this machine.
        await connection.run(`SET allowed_paths = [${folder.partPaths.map(sqlText).join(", ")}]`);
        await connection.run("SET enable_external_access = false");
      }
      // The other cores decode meanwhile.
      await connection.run("SET threads = 1");
      // One transaction, because DuckDB writes every committed row twice.
      await connection.run("BEGIN");
      return new AuditTable(duckdb, instance, connection, folder);
    } catch (error) {
      folder.remove();
      throw error;
    }
  }

  /**
   * Adds rows in the format `rows` of ENCODERS, also a part of a row. The memory of the rows may be reused then.
   * @throws Error of the file system, such as a full disk
   */
  append(rows: Uint8Array): void {
    this.part.append(rows);
  }

  /**
   * Called when the last row is whole; from time to time lets DuckDB load the rows.
   * @throws DuckDB's error for earlier rows
   */
  async drain(): Promise<void> {
    if (this.part.bytes >= PART_BYTES) await this.load();
  }

  /** Makes all appended rows visible to queries, which can't change DuckDB's settings. */
  async finish(): Promise<void> {
    if (this.part.bytes > 0) await this.load();
    await this.loading;
    await this.connection.run("COMMIT");
    await this.connection.run("RESET threads");
    await this.connection.run(`SET memory_limit = '${MEMORY_LIMIT.query}'`);
    await this.connection.run("SET lock_configuration = true");
  }

  /** Ends DuckDB and removes its files. */
  async close(): Promise<void> {
    await this.loading.catch(() => undefined);
    this.connection.closeSync();
    this.instance.closeSync();
    for (const part of [this.part, this.otherPart]) part.close();
    this.folder.remove();
  }

  /** Begins to load the current part; the next rows go to the other one. */
  private async load(): Promise<void> {
    await this.loading;
    this.loading = this.connection.run(insertFrom(this.part));
    // Whoever waits for it gets the error.
    this.loading.catch(() => undefined);
    [this.part, this.otherPart] = [this.otherPart, this.part];
    this.part.clear();
  }
}

/** Source: DuckDB, "CSV Import", Parameters. */
function insertFrom({ path: file, bytes }: PartFile): string {
  const columns = COLUMNS.map(([name, type]) => `${name}: '${CSV_TYPES[type]}'`);
  const values = COLUMNS.map(([name, type]) =>
    type === "text[]" ? `from_json(${name}, '["VARCHAR"]')` : name,
  );
  const options = [
    `columns = {${columns.join(", ")}}`,
    "auto_detect = false, header = false, parallel = false",
    `delim = ',', quote = '${ROWS_QUOTE}', escape = '${ROWS_QUOTE}', new_line = '\\n'`,
    // An empty text is quoted, null isn't.
    "nullstr = '', allow_quoted_nulls = false",
    // A row may be as long as the file; the buffer is no shorter than a row.
    `max_line_size = ${bytes}, buffer_size = ${bytes}`,
  ];
  return `INSERT INTO audit SELECT ${values.join(", ")} FROM read_csv(${sqlText(file)}, ${options.join(", ")})`;
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Rows that DuckDB is to load. */
class PartFile {
  bytes = 0;
  private readonly descriptor: number;

  constructor(readonly path: string) {
    this.descriptor = fs.openSync(path, "a", 0o600);
  }

  append(rows: Uint8Array): void {
    fs.writeFileSync(this.descriptor, rows);
    this.bytes += rows.length;
  }

  clear(): void {
    fs.ftruncateSync(this.descriptor);
    this.bytes = 0;
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }
}

/** A folder that only this user can read, and that is removed at the end of the process. */
class TemporaryFolder {
  /** In TMPDIR, or in the system's folder for temporary files. */
  readonly path = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-"));
  readonly partPaths = [
    path.join(this.path, "rows-1.csv"),
    path.join(this.path, "rows-2.csv"),
  ] as const;
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
