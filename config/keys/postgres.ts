import { z } from "zod";
import { databaseLoginProblem } from "../../common/database-login";
import { list, oneOf, type Report, ruledBy, text, textBy } from "../rules";
import { parameterValue, serverParameterProblem } from "../server-parameters";

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

const FLEXIBLE_SERVER_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.DBforPostgreSQL\/flexibleServers\/([^/]+)$/i;

/** The parts of a valid id. */
export function flexibleServerIdParts(id: string) {
  const [, subscriptionId = "", resourceGroupName = "", serverName = ""] =
    FLEXIBLE_SERVER_ID.exec(id) ?? [];
  return { subscriptionId, resourceGroupName, serverName };
}

const EXISTING_SERVER = z.strictObject({
  existingServerId: z
    .string()
    .refine((id) => id === "" || FLEXIBLE_SERVER_ID.test(id), {
      error:
        "a flexible server's resource id: az postgres flexible-server show --resource-group GROUP --name NAME --query id",
    })
    .default(""),
  databases: z.array(z.string().min(1, { error: "the name of a database" })).default([]),
  /** In place of `administratorPassword`: no message can contain the secret. */
  hasAdministratorPassword: z.boolean().default(false),
});

/** The flexible server, its parameters and its logs. */
export const POSTGRES_KEYS = {
  postgresVersion: z.enum(POSTGRES_VERSIONS, {
    error: ({ input }) =>
      input === "13"
        ? "Azure creates no more servers of version 13, whose community support ended in November 2025"
        : `one of ${POSTGRES_VERSIONS.join(", ")}`,
  }),
  postgresSkuName: text(/^Standard_[BDE]\d+\w*$/, "a size like Standard_B1ms or Standard_D2ds_v5"),
  postgresStorageSizeGb: z.int().refine((size) => STORAGE_SIZES_GB.includes(size), {
    error: `one of ${STORAGE_SIZES_GB.join(", ")}`,
  }),
  postgresNetworkAccess: oneOf(["private", "public"]),
  administratorLogin: textBy(databaseLoginProblem),
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
  postgres: EXISTING_SERVER,
  allowRestart: z.boolean(),
};

type PostgresChoices = z.output<z.ZodObject<typeof POSTGRES_KEYS>>;

/** Rules of several keys. */
export function postgresProblems(
  { postgres, postgresNetworkAccess, vm }: PostgresChoices & { readonly vm: boolean },
  problem: Report,
): void {
  const { existingServerId, hasAdministratorPassword } = postgres;
  if (existingServerId !== "" && !hasAdministratorPassword) {
    problem(
      "postgres",
      "needs administratorPassword with existingServerId, for CREATE EXTENSION:\n" +
        "      pulumi config set --secret --path postgres.administratorPassword",
    );
  }
  if (existingServerId === "" && !vm && postgresNetworkAccess === "private") {
    problem(
      "postgresNetworkAccess",
      "a private server is reached from its VM only, and vm is false: set it to public, or vm to true",
    );
  }
}

/** What is valid, and may surprise. */
export function postgresWarnings({
  postgresVersion,
}: {
  readonly postgresVersion: string;
}): string[] {
  return postgresVersion === "14"
    ? [
        "postgresVersion 14: community support has ended; Azure bills extended support from December 2026. " +
          "A higher version avoids that.",
      ]
    : [];
}
