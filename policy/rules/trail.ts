import type { Policies, PolicyResource } from "@pulumi/policy";
import { type Server, ServersOfStack } from "../servers";

/** The groups contain PostgreSQLLogs. Source: Azure Monitor, "Diagnostic settings", category groups. */
const TRAIL_LOGS: readonly unknown[] = ["PostgreSQLLogs", "audit", "allLogs"];

export const TRAIL_RULES: Policies = [
  serverRule({
    name: "trail-is-delivered",
    description: "A diagnostic setting sends the category PostgreSQLLogs of each server.",
    // A setting of a server that exists already may have been created elsewhere.
    problem: ({ urn, settings }) => {
      const isSent = settings.some(({ logs = [] }) =>
        logs.some((log) => log.enabled && TRAIL_LOGS.includes(log.category ?? log.categoryGroup)),
      );
      if (isSent || urn === undefined) return undefined;
      return "No diagnostic setting of the server has PostgreSQLLogs enabled, so its log is lost.";
    },
  }),
  serverRule({
    name: "trail-is-written",
    description: "pgAudit is loaded, and logs.",
    needed: ["shared_preload_libraries", "pgaudit.log"],
    problem: ({ parameters }) => {
      const libraries = parameters.get("shared_preload_libraries")?.value;
      if (libraries !== undefined && !listed(libraries).includes("pgaudit")) {
        return `shared_preload_libraries is "${libraries}", without pgaudit: nothing is audited.`;
      }
      const classes = parameters.get("pgaudit.log")?.value;
      const isLogging = classes === undefined || logsAnything(classes);
      // Object auditing needs no classes. Source: pgAudit's README, "Object Audit Logging".
      if (isLogging || parameters.get("pgaudit.role")?.value) return undefined;
      return `pgaudit.log is "${classes}", and pgaudit.role isn't set: nothing is audited.`;
    },
  }),
  serverRule({
    name: "trail-names-people",
    description: "Each line of the log names its user and client.",
    needed: ["log_line_prefix"],
    problem: ({ parameters }) => {
      const prefix = parameters.get("log_line_prefix")?.value;
      if (prefix === undefined) return undefined;
      const missing = [
        ...(hasEscape(prefix, "u") ? [] : ["the user (%u)"]),
        ...(hasEscape(prefix, "hr") ? [] : ["the client (%h or %r)"]),
      ];
      if (missing.length === 0) return undefined;
      return `log_line_prefix is "${prefix}", without ${missing.join(" and ")}.`;
    },
  }),
];

/** A rule of whole servers, which is checked at the end of a preview or an update. */
function serverRule(rule: {
  readonly name: string;
  readonly description: string;
  /**
   * Parameters whose default at Azure breaks the rule. Those of a server that exists already may have been set elsewhere.
   * @default none
   */
  readonly needed?: readonly string[];
  /** What is wrong with a server, or undefined. */
  readonly problem: (server: Server) => string | undefined;
}): Policies[number] {
  const { name, description, needed = [], problem } = rule;
  const servers = new ServersOfStack();
  return {
    name,
    description,
    validateResource: (resource) => servers.remember(resource),
    validateStack: ({ resources }: { resources: PolicyResource[] }, report) => {
      for (const server of servers.among(resources)) {
        const missing = needed.filter((parameter) => !server.parameters.has(parameter));
        const message =
          server.urn !== undefined && missing.length > 0
            ? `The stack doesn't set ${missing.join(" and ")}, and Azure's default isn't enough.`
            : problem(server);
        if (message !== undefined) report(message, server.urn ?? server.parts[0]);
      }
    },
  };
}

const listed = (value: string): string[] =>
  value.split(",").map((name) => name.trim().toLowerCase());

/** A class with a minus only takes away from others. Source: pgAudit's README, "pgaudit.log". */
const logsAnything = (classes: string): boolean =>
  listed(classes).some((name) => name !== "" && name !== "none" && !name.startsWith("-"));

/** Whether a prefix has one of these escapes, also a padded one like `%-10u`. Source: PostgreSQL, log_line_prefix. */
const hasEscape = (prefix: string, letters: string): boolean =>
  new RegExp(`%-?\\d*[${letters}]`).test(prefix.replaceAll("%%", ""));
