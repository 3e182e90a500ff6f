import * as fs from "node:fs";
import { MAJOR_VERSION } from "./cluster";
import { PGAUDIT_PARAMETERS } from "./pgaudit-parameters";

/** A value that the server refuses, or a parameter that it doesn't have. */
export class InvalidParameterError extends Error {}

/** A row of pg_settings. */
export interface Setting {
  readonly name: string;
  readonly setting: string;
  readonly unit: string | null;
  readonly short_desc: string;
  readonly context: string;
  readonly vartype: string;
  readonly min_val: string | null;
  readonly max_val: string | null;
  readonly enumvals: string[] | null;
  readonly boot_val: string | null;
  readonly pending_restart: boolean;
}

/** A server parameter as Azure shows it. Source: Azure's REST API, flexibleServers/configurations. */
export interface ServerParameter {
  readonly name: string;
  readonly properties: {
    readonly value: string;
    readonly defaultValue: string;
    readonly dataType: "Boolean" | "Enumeration" | "Integer" | "Numeric" | "Set" | "String";
    readonly allowedValues: string;
    readonly description: string;
    readonly unit?: string;
    readonly source: "system-default" | "user-override";
    readonly isDynamicConfig: boolean;
    readonly isReadOnly: boolean;
    readonly isConfigPendingRestart: boolean;
  };
}

/** What Azure sets otherwise than PostgreSQL does. Source: Azure's server parameter tables for PostgreSQL 15. */
export const AZURE_DEFAULTS: Readonly<Record<string, string>> = {
  "azure.extensions": "",
  shared_preload_libraries: "pg_cron,pg_stat_statements",
  log_line_prefix: "%t-%c-",
  max_connections: "50",
};

/** What local Azure needs for itself: not shown, not to be set. */
const OWN_SETTINGS = new Set([
  "extwlist.custom_path",
  "extwlist.extensions",
  "local_preload_libraries",
  "session_preload_libraries",
]);

/** Azure's own choice of the server's surroundings. Source: the same tables, read-only parameters. */
const READ_ONLY = new Set([
  ...["config_file", "data_directory", "hba_file", "ident_file", "listen_addresses", "port"],
  ...["log_destination", "log_directory", "log_filename", "log_file_mode", "logging_collector"],
  ...["log_timezone", "ssl", "ssl_ca_file", "ssl_cert_file", "ssl_key_file", "log_rotation_age"],
  ...["unix_socket_directories", "log_rotation_size"],
]);

const DATA_TYPES: Readonly<Record<string, ServerParameter["properties"]["dataType"]>> = {
  bool: "Boolean",
  enum: "Enumeration",
  integer: "Integer",
  real: "Numeric",
  string: "String",
};

/** Names of the sets: lists of words out of which any may be chosen. */
const SETS = new Set(["azure.extensions", "shared_preload_libraries"]);

export const isVisible = ({ name }: Setting): boolean => !OWN_SETTINGS.has(name);

/** The parameters of a server: pg_settings, what isn't in it before pgAudit is loaded, and azure.extensions. */
export function serverParameters(
  settings: readonly Setting[],
  overrides: Readonly<Record<string, string>>,
): ServerParameter[] {
  const loaded = new Set(settings.map(({ name }) => name));
  const unloaded = PGAUDIT_PARAMETERS.filter(({ name }) => !loaded.has(name));
  return [...settings.filter(isVisible), ...unloaded, azureExtensionsSetting()]
    .map((setting) => serverParameter(setting, overrides[setting.name]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function serverParameter(setting: Setting, override: string | undefined): ServerParameter {
  const { name } = setting;
  const defaultValue = AZURE_DEFAULTS[name] ?? setting.boot_val ?? "";
  return {
    name,
    properties: {
      value: override ?? setting.setting,
      defaultValue,
      dataType: SETS.has(name) ? "Set" : (DATA_TYPES[setting.vartype] ?? "String"),
      allowedValues: allowedValues(setting),
      description: setting.short_desc,
      ...(setting.unit === null ? {} : { unit: setting.unit }),
      source: override === undefined ? "system-default" : "user-override",
      isDynamicConfig: setting.context !== "postmaster",
      isReadOnly: setting.context === "internal" || READ_ONLY.has(name),
      isConfigPendingRestart: setting.pending_restart,
    },
  };
}

function allowedValues({ name, vartype, min_val, max_val, enumvals }: Setting): string {
  if (name === "azure.extensions") return availableExtensions().join(",");
  if (name === "shared_preload_libraries") return preloadableLibraries().join(",");
  if (vartype === "bool") return "on,off";
  if (vartype === "enum") return (enumvals ?? []).join(",");
  return min_val === null ? "" : `${min_val}-${max_val ?? ""}`;
}

/** @throws InvalidParameterError where the parameter can't have the value. */
export function requireValidValue({ name, properties }: ServerParameter, value: string): void {
  const refuse = (rule: string) => {
    throw new InvalidParameterError(
      `The value '${value}' for configuration '${name}' is not valid. ${rule}`,
    );
  };
  const { dataType, allowedValues: allowed, isReadOnly } = properties;
  if (isReadOnly) {
    throw new InvalidParameterError(
      `The configuration '${name}' is read-only and cannot be modified.`,
    );
  }
  const words = allowed.split(",");
  if (dataType === "Set") {
    const unknown = splitList(value).filter((word) => !words.includes(word.toLowerCase()));
    if (unknown.length > 0) refuse(`Not among the allowed values: ${unknown.join(", ")}.`);
  }
  if (dataType === "Boolean" && !words.includes(value.toLowerCase())) {
    refuse("The allowed values are 'on,off'.");
  }
  if (dataType === "Enumeration" && !words.includes(value.toLowerCase())) {
    refuse(`The allowed values are '${allowed}'.`);
  }
  if ((dataType === "Integer" || dataType === "Numeric") && allowed !== "") {
    const [, low, high] = /^(-?[\d.e+]+)-(-?[\d.e+]+)$/.exec(allowed) ?? [];
    const number = Number(value);
    if (value.trim() === "" || !(number >= Number(low) && number <= Number(high))) {
      refuse(`The allowed range is '${allowed}'.`);
    }
  }
}

/** `a, b` as its words. */
export const splitList = (value: string): string[] =>
  value
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** The words of `parameters.conf`; lists stay lists because the file's own parser splits them. */
export function parametersFile(overrides: Readonly<Record<string, string>>): string {
  const values = { ...AZURE_DEFAULTS, ...overrides };
  const allowed = splitList(values["azure.extensions"] ?? "").map((name) => name.toLowerCase());
  const quote = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const lines = Object.entries(values).map(([name, value]) => `${name} = ${quote(value)}`);
  return [...lines, `extwlist.extensions = ${quote(allowed.join(","))}`, ""].join("\n");
}

function azureExtensionsSetting(): Setting {
  return {
    name: "azure.extensions",
    setting: "",
    unit: null,
    short_desc: "Specifies which extensions are allowed to be created in the server.",
    context: "sighup",
    vartype: "string",
    min_val: null,
    max_val: null,
    enumvals: null,
    boot_val: "",
    pending_restart: false,
  };
}

function availableExtensions(): string[] {
  return fs
    .readdirSync(`/usr/share/postgresql/${MAJOR_VERSION}/extension`)
    .filter((file) => file.endsWith(".control"))
    .map((file) => file.slice(0, -".control".length))
    .sort();
}

/** Libraries that Azure lets people preload, as far as they are installed here. Source: Azure's shared_preload_libraries. */
function preloadableLibraries(): string[] {
  return ["auto_explain", "pg_cron", "pg_prewarm", "pg_stat_statements", "pgaudit"].filter(
    (library) => fs.existsSync(`/usr/lib/postgresql/${MAJOR_VERSION}/lib/${library}.so`),
  );
}
