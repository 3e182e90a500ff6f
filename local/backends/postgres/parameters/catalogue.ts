import type { MajorVersion } from "../server-build";
import { differencesOf, NOT_LISTED, READ_ONLY } from "./azure-differences";
import { AZURE_ROWS, type AzureRow } from "./azure-only";
import { documentationLink } from "./documentation";
import { type DataType, isSameValue, type ServerParameter, type Values } from "./server-parameter";

/** A row of pg_settings. */
export interface Setting {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly category: string;
  readonly short_desc: string;
  readonly context: string;
  readonly vartype: string;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: string[] | null;
  readonly boot_val: string | null;
}

export const SETTINGS_QUERY = `
  SELECT name, setting, unit, category, short_desc, context, vartype, min_val, max_val, enumvals, boot_val
  FROM pg_settings`;

/** A parameter without its value. */
export type Definition = Pick<ServerParameter, "name"> &
  Omit<ServerParameter["properties"], "value" | "source" | "isConfigPendingRestart">;

const VARIABLE_TYPES: Readonly<Record<string, DataType>> = {
  bool: "Boolean",
  enum: "Enumeration",
  integer: "Integer",
  real: "Numeric",
  string: "String",
};

/** The parameters that Azure lists, with its defaults, types and allowed values, by name. */
export function parameterDefinitions(
  version: MajorVersion,
  settings: readonly Setting[],
): Definition[] {
  const ofPostgres = settings
    // pg_settings has the parameters of a library (with a dot) only while it is loaded; Azure's rows always have them.
    .filter(({ name }) => !name.includes(".") && !NOT_LISTED.has(name))
    .map((setting) => definitionOfSetting(version, setting));
  return [...ofPostgres, ...AZURE_ROWS.map((row) => definitionOfRow(version, row))].sort((a, b) =>
    a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1,
  );
}

/**
 * A parameter with its value. Whether it waits for a restart is computed, because PostgreSQL doesn't report that for a
 * library that isn't loaded.
 * @param overrides the written values
 * @param running the written values at the last start of the server
 */
export function withValue(
  { name, ...definition }: Definition,
  overrides: Values,
  running: Values,
): ServerParameter {
  const { defaultValue, dataType, isDynamicConfig } = definition;
  const value = overrides[name] ?? defaultValue;
  return {
    name,
    properties: {
      ...definition,
      value,
      source: overrides[name] === undefined ? "system-default" : "user-override",
      isConfigPendingRestart:
        !isDynamicConfig && !isSameValue(dataType, value, running[name] ?? defaultValue),
    },
  };
}

function definitionOfSetting(version: MajorVersion, setting: Setting): Definition {
  const { name, unit, category, context } = setting;
  const { defaults, allowedValues, dataTypes } = differencesOf(version);
  const defaultValue = defaults[name] ?? postgresDefault(setting);
  const isReadOnly = context === "internal" || READ_ONLY.has(name);
  const dataType = dataTypes[name] ?? VARIABLE_TYPES[setting.vartype] ?? "String";
  return {
    name,
    defaultValue,
    dataType,
    allowedValues: isReadOnly
      ? defaultValue
      : (allowedValues[name] ?? postgresRange(dataType, setting)),
    description: setting.short_desc,
    documentationLink: documentationLink(version, name, category),
    ...(unit === null ? {} : { unit }),
    isDynamicConfig: context !== "postmaster" && context !== "internal",
    isReadOnly,
  };
}

function definitionOfRow(
  version: MajorVersion,
  { name, type, dataType, description, ...row }: AzureRow,
): Definition {
  const words = dataType === "Boolean" ? "on,off" : "";
  const link = documentationLink(version, name);
  return {
    name,
    defaultValue: row.defaultValue,
    dataType,
    allowedValues: type === "read-only" ? row.defaultValue : row.allowedValues || words,
    description,
    ...(link === undefined ? {} : { documentationLink: link }),
    isDynamicConfig: type === "dynamic",
    isReadOnly: type === "read-only",
  };
}

/** A preset option has no default: its value is a fact of the build or the start, such as the version. */
function postgresDefault({ name, category, setting, boot_val }: Setting): string {
  if (category !== "Preset Options") return boot_val ?? "";
  return name === "server_version" ? (setting.split(" ")[0] ?? "") : setting;
}

function postgresRange(dataType: DataType, { min_val, max_val, enumvals }: Setting): string {
  if (dataType === "Boolean") return "on,off";
  if (dataType === "Enumeration") return (enumvals ?? []).join(",");
  return min_val === null ? "" : `${min_val}-${max_val ?? ""}`;
}
