import * as fs from "node:fs";
import * as path from "node:path";
import type { DataType } from "./server-parameter";

/** A row of Azure's tables that pg_settings doesn't have, or has only while a library is loaded. */
export interface AzureRow {
  readonly name: string;
  readonly type: "dynamic" | "static" | "read-only";
  readonly dataType: DataType;
  readonly defaultValue: string;
  /** Empty if they follow from the type. */
  readonly allowedValues: string;
  readonly description: string;
}

/** The table in `azure-only.psv`, which names its sources. */
export const AZURE_ROWS: readonly AzureRow[] = fs
  .readFileSync(path.join(__dirname, "azure-only.psv"), "utf8")
  .trimEnd()
  .split("\n")
  .filter((line) => !line.startsWith("#"))
  .map((line) => {
    const [name, type, dataType, defaultValue, allowedValues, description] = line
      .split("|")
      .map((cell) => cell.trim()) as [string, AzureRow["type"], DataType, string, string, string];
    return { name, type, dataType, defaultValue, allowedValues, description };
  });

/** Libraries of Debian; their parameters are written to the server's configuration, loaded or not. */
const INSTALLED_LIBRARIES = ["auto_explain", "cron", "pg_stat_statements", "pgaudit"];

const NAMES = new Set(AZURE_ROWS.map(({ name }) => name));

/**
 * Whether a parameter belongs to Azure's service, so that PostgreSQL doesn't know it. Its value is stored and shown; only
 * `azure.extensions`, `require_secure_transport` and `azure.accepted_password_auth_method` have an effect.
 */
export const isOfTheService = (name: string): boolean =>
  NAMES.has(name) && !INSTALLED_LIBRARIES.includes(name.split(".")[0] ?? "");
