import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { FIELDS } from "../../../../audit/record";
import { ParquetOutput } from "../../../../audit/sql/parquet-output";
import { logRecord } from "../records";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "parquet-output-test-"));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const { signal: neverAborted } = new AbortController();

test("the file contains every record with its types, compressed, readable by its owner only", async () => {
  const file = path.join(folder, "it's a trail.parquet");
  const output = new ParquetOutput({ file, signal: neverAborted });
  for (let index = 0; index < 3000; index += 1) {
    output.write(logRecord({ file_offset: index, parameters: ["1", "客户"] }));
  }
  await output.end();
  expect(fs.readdirSync(folder)).toEqual([path.basename(file)]);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);

  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const name = `'${file.replaceAll("'", "''")}'`;
  const rows = await connection.runAndReadAll(
    `select time, parameters, file_offset from ${name} where file_offset = 2999`,
  );
  expect(rows.getRowsJson()).toEqual([["2026-11-22 17:51:17.034", ["1", "客户"], "2999"]]);
  const columns = await connection.runAndReadAll(`describe select * from ${name}`);
  expect(columns.getRowsJson().map(([column]) => column)).toEqual(Object.keys(FIELDS));
  const codecs = await connection.runAndReadAll(
    `select distinct compression, max(row_group_num_rows) from parquet_metadata(${name}) group by 1`,
  );
  expect(codecs.getRowsJson()).toEqual([["ZSTD", "3000"]]);
  instance.closeSync();
});

test("a file that exists is left alone", () => {
  const file = path.join(folder, "trail.parquet");
  fs.writeFileSync(file, "mine");
  expect(() => new ParquetOutput({ file, signal: neverAborted })).toThrow(
    /exists; add --force to replace it, or give another name/,
  );
  expect(fs.readFileSync(file, "utf8")).toBe("mine");
});

test("with --force a file is replaced by the complete new one", async () => {
  const file = path.join(folder, "trail.parquet");
  fs.writeFileSync(file, "mine");
  await new ParquetOutput({ file, force: true, signal: neverAborted }).end();
  expect(fs.readFileSync(file).subarray(0, 4).toString()).toBe("PAR1");
  expect(fs.readdirSync(folder)).toEqual(["trail.parquet"]);
});

test("a missing folder is reported before anything is read", () => {
  const file = path.join(folder, "none", "trail.parquet");
  expect(() => new ParquetOutput({ file, signal: neverAborted })).toThrow(
    /there is no folder .*none; create it first/,
  );
});

test("Ctrl-C leaves no incomplete file", async () => {
  const interrupt = new AbortController();
  const output = new ParquetOutput({
    file: path.join(folder, "trail.parquet"),
    signal: interrupt.signal,
  });
  output.write(logRecord());
  await output.drain();
  interrupt.abort();
  await output.end();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test("without records it is a table without rows", async () => {
  const file = path.join(folder, "trail.parquet");
  await new ParquetOutput({ file, signal: neverAborted }).end();
  expect(fs.statSync(file).size).toBeGreaterThan(0);
});
