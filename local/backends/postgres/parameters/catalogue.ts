import type { MajorVersion } from "../server-build";
import { type AzureParameter, azureTable, DESCRIPTIONS, PRESET_OPTIONS } from "./azure-table";
import { documentationLink } from "./documentation";
import { isSameValue, type ServerParameter, type Values } from "./server-parameter";

/** A row of pg_settings. */
export interface Setting {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly short_desc: string;
  readonly context: string;
}

export const SETTINGS_QUERY = "SELECT name, setting, unit, short_desc, context FROM pg_settings";

/** A parameter without its value. */
export type Definition = Pick<ServerParameter, "name"> &
  Omit<ServerParameter["properties"], "value" | "source" | "isConfigPendingRestart">;

/** The parameters of Azure's table, with what PostgreSQL says of those that it has, by name. */
export function parameterDefinitions(
  version: MajorVersion,
  settings: readonly Setting[],
): Definition[] {
  const ofPostgres = new Map(settings.map((setting) => [setting.name, setting]));
  return [...azureTable(version).values()].map((row) =>
    definitionOf(version, row, ofPostgres.get(row.name)),
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

function definitionOf(
  version: MajorVersion,
  { name, category, type, dataType, allowedValues, ...row }: AzureParameter,
  setting?: Setting,
): Definition {
  const isPreset = setting !== undefined && category === PRESET_OPTIONS;
  const defaultValue = isPreset ? presetValue(setting) : row.defaultValue;
  const isReadOnly = type === "read-only";
  const link = documentationLink(version, name, category);
  return {
    name,
    defaultValue,
    dataType,
    allowedValues: isReadOnly ? defaultValue : allowedValues,
    description:
      DESCRIPTIONS.get(name) ?? setting?.short_desc ?? `A parameter of ${name.split(".")[0]}.`,
    ...(link === undefined ? {} : { documentationLink: link }),
    ...(setting?.unit ? { unit: setting.unit } : {}),
    isDynamicConfig: type === "dynamic" || (isReadOnly && isReloadable(setting)),
    isReadOnly,
  };
}

const isReloadable = (setting?: Setting): boolean =>
  setting !== undefined && !["postmaster", "internal"].includes(setting.context);

/** A preset option's value is a fact of the build or the start, such as the version. */
const presetValue = ({ name, setting }: Setting): string =>
  name === "server_version" ? (setting.split(" ")[0] ?? "") : setting;
