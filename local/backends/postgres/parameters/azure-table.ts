import * as fs from "node:fs";
import * as path from "node:path";
import type { MajorVersion } from "../server-build";
import type { DataType } from "./server-parameter";

/** A row of Azure's table of a version. */
export interface AzureParameter {
  readonly name: string;
  /** `Resource Usage / Memory`. */
  readonly category: string;
  readonly type: "dynamic" | "static" | "read-only";
  readonly dataType: DataType;
  readonly defaultValue: string;
  /** `on,off`, `1-100`, a list of words, or a regular expression that must match the whole value. */
  readonly allowedValues: string;
}

/**
 * Defaults that depend on the server's size; these are the ones of Standard_B1ms (1 vCore, 2 GiB) with 32 GiB of storage.
 * Source, notes on the pages of the tables: shared_buffers is 16384 pages a GiB up to 2 GiB, effective_cache_size the rest
 * of the memory, maintenance_work_mem (82.5 ln GiB + 40) MiB, max_connections 25 a GiB, wal_buffers 2048 up to 4 vCores,
 * max_wal_size 2048 MiB up to 32 GiB of disk.
 */
const SIZE_DEPENDENT: Readonly<Record<string, string>> = {
  effective_cache_size: "229376",
  maintenance_work_mem: "99328",
  max_active_replication_origins: "10",
  max_connections: "50",
  max_wal_size: "2048",
  shared_buffers: "32768",
  wal_buffers: "2048",
};

/** The file of a version's table, which names its source and its columns. */
export const tableFile = (version: MajorVersion): string =>
  path.join(__dirname, "azure-tables", `${version}.tsv`);

/** The category of what the build and the start determine. */
export const PRESET_OPTIONS = "Preset Options";

const tables = new Map<MajorVersion, ReadonlyMap<string, AzureParameter>>();

/** Azure's table of a version, by name. */
export function azureTable(version: MajorVersion): ReadonlyMap<string, AzureParameter> {
  const known = tables.get(version);
  if (known) return known;
  const rows = fs
    .readFileSync(tableFile(version), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseRow);
  const table = new Map(rows.map((row) => [row.name, row]));
  tables.set(version, table);
  return table;
}

function parseRow(line: string): AzureParameter {
  const [name, category, type, dataType, defaultValue, allowedValues] = line.split("\t") as [
    string,
    string,
    AzureParameter["type"],
    string,
    string,
    string,
  ];
  return {
    name,
    category,
    type,
    dataType: `${dataType[0]?.toUpperCase()}${dataType.slice(1)}` as DataType,
    defaultValue: SIZE_DEPENDENT[name] ?? defaultValue,
    allowedValues,
  };
}

/** Descriptions of parameters that PostgreSQL doesn't have, or has only while a library is loaded. */
export const DESCRIPTIONS: ReadonlyMap<string, string> = new Map(
  fs
    .readFileSync(path.join(__dirname, "not-in-postgres.tsv"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t") as [string, string]),
);

/** Libraries of Debian; their parameters are written to the server's configuration, loaded or not. */
const INSTALLED_LIBRARIES = ["auto_explain", "cron", "pg_stat_statements", "pgaudit"];

/**
 * Whether a parameter belongs to Azure's service, so that PostgreSQL doesn't know it. Its value is stored and shown; only
 * `azure.extensions`, `require_secure_transport` and `azure.accepted_password_auth_method` have an effect.
 */
export const isOfTheService = (name: string): boolean => {
  const [library = "", ...rest] = name.split(".");
  return rest.length > 0 ? !INSTALLED_LIBRARIES.includes(library) : DESCRIPTIONS.has(name);
};
