import { z } from "zod";
import { quoted } from "../quoted";
import { relationPatternProblem } from "../relation-pattern";
import { list, oneOf, type Report, ruledBy } from "../rules";
import { parameterValue, serverParameterProblem } from "../server-parameters";

/** Those that pgAudit logs by object: not TRUNCATE and REFERENCES. Source: pgAudit's README, "Object Audit Logging". */
const OBJECT_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE"] as const;

/** PostgreSQL's NAMEDATALEN - 1. */
const LONGEST_NAME_BYTES = 63;

/** Any name: those of Microsoft Entra have capital letters, @ and spaces. */
const nameProblem = (name: string): string | undefined =>
  name === "" || Buffer.byteLength(name) > LONGEST_NAME_BYTES || /\p{Cc}/u.test(name)
    ? `a name of 1 to ${LONGEST_NAME_BYTES} bytes`
    : undefined;

const notEmpty = (entries: readonly unknown[]) =>
  entries.length === 0 ? "is empty; name at least one" : undefined;

const AUDITED_OBJECTS = z.strictObject({
  relations: list(relationPatternProblem).superRefine(ruledBy(notEmpty)),
  privileges: z
    .array(oneOf(OBJECT_PRIVILEGES))
    .superRefine(ruledBy(notEmpty))
    .default([...OBJECT_PRIVILEGES]),
  roles: list(nameProblem).default([]),
});

/** Relations whose use is audited by object; `roles` create tables that are covered later, besides the administrator. */
export type AuditedObjects = z.output<typeof AUDITED_OBJECTS>;

function overrideProblem(name: string, value: string): string | undefined {
  if (!name.startsWith("pgaudit.")) {
    return `${quoted(name)} is no parameter of pgAudit's, like pgaudit.log`;
  }
  return serverParameterProblem(name, value);
}

/** Parameters of pgAudit's by the name of a role or database. */
const OVERRIDES = z
  .record(
    z.string().superRefine(ruledBy(nameProblem)),
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(parameterValue)),
  )
  .superRefine((overrides, context) => {
    for (const [owner, parameters] of Object.entries(overrides)) {
      for (const [name, value] of Object.entries(parameters)) {
        const message = overrideProblem(name, value);
        if (message) context.addIssue({ code: "custom", path: [owner], message });
      }
    }
  });

export type AuditOverrides = z.output<typeof OVERRIDES>;

/** What pgAudit logs of relations, roles and databases. */
export const AUDIT_KEYS = {
  audit: z.strictObject({
    objects: z.array(AUDITED_OBJECTS).default([]),
    roles: OVERRIDES.default({}),
    databases: OVERRIDES.default({}),
    revision: z.string().default(""),
  }),
};

export interface AuditChoices {
  readonly audit: z.output<typeof AUDIT_KEYS.audit>;
  readonly postgresVersion: string;
  readonly serverParameters: Readonly<Record<string, string>>;
}

/** Rules of several keys. */
export function auditProblems(
  { audit, postgresVersion, serverParameters }: AuditChoices,
  problem: Report,
): void {
  if (audit.objects.length > 0 && serverParameters["pgaudit.role"] !== undefined) {
    problem(
      "serverParameters",
      "pgaudit.role is the role of audit.objects: leave out one of the two",
    );
  }
  // Source: PostgreSQL 15's release notes, GRANT ... ON PARAMETER.
  if (postgresVersion === "14" && (hasEntries(audit.roles) || hasEntries(audit.databases))) {
    problem(
      "audit",
      "roles and databases need PostgreSQL 15: in 14 only a superuser sets pgAudit's parameters, and Azure gives none",
    );
  }
}

const hasEntries = (overrides: AuditOverrides) => Object.keys(overrides).length > 0;

/** What is valid, and may surprise. */
export function auditWarnings({ audit, serverParameters }: AuditChoices): string[] {
  const log = serverParameters["pgaudit.log"];
  const doubled = (log ?? "ALL").toUpperCase().split(/\s*,\s*/);
  return [
    ...(audit.objects.length > 0 && doubled.some((name) => ["ALL", "READ", "WRITE"].includes(name))
      ? [
          `audit.objects: the server's pgaudit.log is ${log ?? "ALL, the default"}, so pgAudit logs each statement on these relations ` +
            "twice, as SESSION and as OBJECT; for object auditing alone, set it to DDL,ROLE,FUNCTION,MISC or less.",
        ]
      : []),
    ...silenced("roles", audit.roles),
    ...silenced("databases", audit.databases),
  ];
}

const silenced = (key: "roles" | "databases", overrides: AuditOverrides): string[] =>
  Object.entries(overrides)
    .filter(([, parameters]) => parameters["pgaudit.log"]?.toUpperCase() === "NONE")
    .map(
      ([name]) =>
        `audit.${key}: pgaudit.log is NONE for ${quoted(name)}, which wins over the server's: its sessions leave no SESSION records.`,
    );
