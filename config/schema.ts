import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { addressPrefixProblem } from "./address-prefix";
import {
  administratorLoginProblem,
  tagsProblem,
  timeZoneProblem,
  vmAdminUsernameProblem,
} from "./names";
import { quoted } from "./quoted";
import { parameterValue, serverParameterProblem } from "./server-parameters";
import { sshPublicKeyProblem } from "./ssh-public-key";

/** The configuration is wrong; the message lists every problem with the value, the rule and what to do. */
export class ConfigError extends pulumi.RunError {}

const text = (pattern: RegExp, rule: string) => z.string().regex(pattern, { error: rule });

/** A whole number within bounds; each mistake has the same message. */
const wholeNumber = (low: number, high: number, rule: string) =>
  z.int({ error: rule }).min(low, { error: rule }).max(high, { error: rule });

const oneOf = <const Word extends string>(words: readonly [Word, ...Word[]]) =>
  z.enum(words, { error: `one of ${words.join(", ")}` });

/** Adds the problem that `problemOf` returns, if any. */
const ruledBy =
  <T>(problemOf: (value: T) => string | undefined) =>
  (value: T, context: z.RefinementCtx): void => {
    const problem = problemOf(value);
    if (problem) context.addIssue({ code: "custom", message: problem });
  };

const textBy = (problemOf: (value: string) => string | undefined) =>
  z.string().superRefine(ruledBy(problemOf));

const list = (problemOf: (entry: string) => string | undefined) => z.array(textBy(problemOf));

/** Storage sizes of a flexible server in GiB. Source: Azure's "Compute and storage options" documentation. */
const STORAGE_SIZES_GB = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767];

/** Of a flexible server. Source: Azure Monitor, "Supported resource logs for Microsoft.DBforPostgreSQL/flexibleServers". */
const LOG_CATEGORIES = [
  ...["PostgreSQLLogs", "PostgreSQLFlexDatabaseXacts", "PostgreSQLFlexPGBouncer"],
  ...["PostgreSQLFlexQueryStoreRuntime", "PostgreSQLFlexQueryStoreWaitStats"],
  ...["PostgreSQLFlexSessions", "PostgreSQLFlexTableStats", "PostgreSQLQueryStoreSqlText"],
];

/** Groups of categories, which Azure extends by itself. Source: Azure Monitor, "Diagnostic settings", category groups. */
export const LOG_CATEGORY_GROUPS = ["audit", "allLogs"];

function logCategoriesProblem(names: readonly string[]): string | undefined {
  const groups = names.filter((name) => LOG_CATEGORY_GROUPS.includes(name));
  const unknown = names.filter((name) => ![...LOG_CATEGORIES, ...groups].includes(name));
  if (unknown.length > 0) {
    return (
      `has no category ${unknown.map((name) => `"${name}"`).join(", ")}; Azure's are ${LOG_CATEGORIES.join(", ")}, ` +
      `and the groups ${LOG_CATEGORY_GROUPS.join(" and ")}`
    );
  }
  if (groups.length > 0 && groups.length < names.length) {
    return "has groups and categories; Azure takes one kind in a setting";
  }
  if (groups.length === 0 && !names.includes("PostgreSQLLogs")) {
    return "lacks PostgreSQLLogs, the category with the audit trail";
  }
  return undefined;
}

/** Source: Azure's "Supported versions of PostgreSQL", 2026-11. */
const POSTGRES_VERSIONS = ["14", "15", "16", "17", "18"] as const;

const identifierProblem = (name: string) =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? undefined : "only lower-case letters, digits and _";

function expiryProblem(time: string): string | undefined {
  if (time === "") return undefined;
  const rule = "a time in UTC, like 2030-01-31T00:00:00Z";
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) || Number.isNaN(Date.parse(time)))
    return rule;
  return Date.parse(time) > Date.now() ? undefined : `is in the past; ${rule}`;
}

const SERVICE_PRINCIPAL_KEYS = ["tenantId", "clientId", "objectId", "clientSecret"];

const STORAGE_SERVICE_PRINCIPAL = z.strictObject({
  tenantId: z.string().default(""),
  clientId: z.string().default(""),
  objectId: z.string().default(""),
  /** In place of `clientSecret`: no message can contain the secret. */
  hasClientSecret: z.boolean(),
});

const SCHEMA = z
  .strictObject({
    location: text(/^[a-z][a-z0-9]{2,39}$/, "an Azure region's short name, like westeurope"),
    resourceGroupName: text(
      /^[-\w.()]{0,89}[-\w()]$/,
      "1 to 90 letters, digits, and . _ - ( ), not ending in a period",
    ),
    tags: z.record(z.string(), z.string()).superRefine(ruledBy(tagsProblem)),
    sshSourceAddressPrefixes: list(addressPrefixProblem).min(1, {
      error:
        "nobody could sign in to the VM; add your public address, which `curl -4 https://ifconfig.me` prints:\n" +
        "      pulumi config set --path 'sshSourceAddressPrefixes[0]' 203.0.113.7",
    }),
    sshPublicKeys: list(sshPublicKeyProblem),
    sshPort: wholeNumber(1, 65535, "a TCP port, 1 to 65535"),
    vmAdminUsername: textBy(vmAdminUsernameProblem),
    vmSize: text(/^Standard_[A-Z]+\d+[\w-]*$/, "a VM size, like Standard_B2s_v2"),
    // Source for RHEL 10: azure-storage-fuse issue 2037 of October 2025.
    rhelMajorVersion: z.literal([8, 9], {
      error: "the lab supports RHEL 8 and 9; Microsoft's packages for RHEL 10 lack blobfuse2",
    }),
    autoShutdownTime: text(
      /^(([01]\d|2[0-3])[0-5]\d)?$/,
      "a time of day as HHmm, like 1900, or an empty string for never",
    ),
    autoShutdownTimeZone: textBy(timeZoneProblem),
    packagesUrl: text(
      /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\w.~%+:/-]*)?$/,
      "an https URL of a host and a path, without a user's name, a query or other characters",
    ).transform((url) => url.replace(/\/+$/, "")),
    postgresVersion: z.enum(POSTGRES_VERSIONS, {
      error: ({ input }) =>
        input === "13"
          ? "Azure creates no more servers of version 13, whose community support ended in November 2025"
          : `one of ${POSTGRES_VERSIONS.join(", ")}`,
    }),
    postgresSkuName: text(
      /^Standard_[BDE]\d+\w*$/,
      "a size like Standard_B1ms or Standard_D2ds_v5",
    ),
    postgresStorageSizeGb: z.int().refine((size) => STORAGE_SIZES_GB.includes(size), {
      error: `one of ${STORAGE_SIZES_GB.join(", ")}`,
    }),
    postgresNetworkAccess: oneOf(["private", "public"]),
    administratorLogin: textBy(administratorLoginProblem),
    databaseName: text(
      /^(?!azure_|template\d|postgres$)[a-z_][a-z0-9_]{0,62}$/,
      "up to 63 lower-case letters, digits and _; not a database of Azure or PostgreSQL",
    ),
    extensions: list((name) => identifierProblem(name.toLowerCase().replaceAll("-", "_"))),
    sharedPreloadLibraries: list(identifierProblem),
    serverParameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(parameterValue))
      .superRefine((parameters, context) => {
        for (const [name, value] of Object.entries(parameters)) {
          ruledBy(() => serverParameterProblem(name, value))(undefined, context);
        }
      }),
    logCategories: z.array(z.string()).superRefine(ruledBy(logCategoriesProblem)),
    storageAuthentication: oneOf(["key", "sas", "managedIdentity", "servicePrincipal"]),
    storageSasExpiry: textBy(expiryProblem),
    storageServicePrincipal: STORAGE_SERVICE_PRINCIPAL,
    cacheSizeMb: wholeNumber(64, 1_048_576, "whole MiB, at least 64"),
    mountV1Config: z.boolean(),
  })
  .superRefine((config, context) => {
    const problem = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message });
    if (config.storageAuthentication === "sas" && config.storageSasExpiry === "") {
      problem(
        "storageSasExpiry",
        "needed with storageAuthentication sas, like 2030-01-31T00:00:00Z",
      );
    }
    // Azure gives such a signature, and then refuses it.
    if (
      config.storageAuthentication === "sas" &&
      Date.parse(config.storageSasExpiry) < Date.now()
    ) {
      problem(
        "storageSasExpiry",
        `"${config.storageSasExpiry}" was given, which is past; a later time is needed, like 2030-01-31T00:00:00Z`,
      );
    }
    if (config.storageAuthentication === "servicePrincipal") {
      const { tenantId, clientId, objectId, hasClientSecret } = config.storageServicePrincipal;
      if (!(tenantId && clientId && objectId && hasClientSecret)) {
        problem(
          "storageServicePrincipal",
          "needs tenantId, clientId, objectId and clientSecret with storageAuthentication servicePrincipal:\n" +
            "      pulumi config set --secret --path storageServicePrincipal.clientSecret",
        );
      }
    }
    if (config.mountV1Config && config.storageAuthentication !== "key") {
      problem(
        "mountV1Config",
        "the original workshop's fuse_connection.cfg contains an account key: it needs storageAuthentication key",
      );
    }
  });

/** What is valid, and may surprise. */
export function configWarnings({ postgresVersion }: ValidatedConfig): string[] {
  return postgresVersion === "14"
    ? [
        "postgresVersion 14: community support has ended; Azure bills extended support from December 2026. " +
          "A higher version avoids that.",
      ]
    : [];
}

/** The values of the stack before validation; any other key is reported as unknown. */
export type RawConfig = Record<keyof z.input<typeof SCHEMA>, unknown>;

/** The valid configuration without secrets. */
export type ValidatedConfig = z.output<typeof SCHEMA>;

/** The lab's configuration; Pulumi.yaml describes each key. */
export interface LabConfig extends ValidatedConfig {
  /** Secret of the storage service principal; empty if none is used. */
  readonly storageClientSecret: pulumi.Output<string>;
}

/**
 * Validates a configuration; throws one ConfigError that lists every problem.
 * @param others problems that were found elsewhere
 */
export function validateConfig(raw: RawConfig, others: readonly string[] = []): ValidatedConfig {
  const result = SCHEMA.safeParse(raw);
  if (result.success && others.length === 0) return result.data;
  const issues = result.success ? [] : result.error.issues;
  const found = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? unknownKeys(issue)
      : `${place(issue.path)}: ${received(raw, issue)}${issue.message}`,
  );
  const problems = [...found, ...others].map((problem) => `  - ${problem}`);
  throw new ConfigError(
    `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n` +
      `${problems.join("\n")}\n` +
      "  Each key is described in Pulumi.yaml; set one with `pulumi config set KEY VALUE`.",
  );
}

const place = ([key, ...rest]: readonly PropertyKey[]): string =>
  [word(key), ...rest.map((part) => `[${word(part)}]`)].join("");

/** A key as it is; one with other characters as JSON. */
const word = (key: PropertyKey | undefined): string =>
  /^[\w.-]{1,64}$/.test(String(key)) ? String(key) : quoted(key);

/** The received value, unless the problem's text contains it. */
function received(raw: RawConfig, { path, message }: z.core.$ZodIssue): string {
  let value: unknown = raw;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  if (value === undefined) return "is missing; ";
  // A private key that was given for a public one isn't printed.
  if (typeof value === "object" || message.startsWith("a private key")) return "";
  const shown = quoted(value);
  return message.includes(shown) ? "" : `${shown} was given; `;
}

/** One problem a key, with the known key that is most similar to it. */
function unknownKeys({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): string[] {
  const isTop = path.length === 0;
  const known = isTop ? Object.keys(SCHEMA.shape) : SERVICE_PRINCIPAL_KEYS;
  return keys.map((key) => {
    const [closest = ""] = [...known].sort((a, b) => editDistance(key, a) - editDistance(key, b));
    const isSimilar = editDistance(key, closest) <= Math.max(2, key.length / 3);
    return (
      `${place([...path, key])}: is not a key of ${isTop ? "the lab" : "this object"}` +
      (isSimilar ? `; did you mean ${closest}?` : `; its keys are ${known.join(", ")}`)
    );
  });
}

/** Levenshtein's distance, without regard to case: how many letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const letter of a.toLowerCase()) {
    const next = [(row[0] ?? 0) + 1];
    for (const [column, other] of [...b.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
