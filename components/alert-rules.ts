import * as fs from "node:fs";

/** The queries of the audit reader's rules for single records. */
const QUERIES = "audit/rules/pack.kql";

/** Azure's severities by the rules' levels. A failed login alone is no finding, so its level has none. */
const SEVERITIES: Readonly<Record<string, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** A rule of the audit reader as a query of Log Analytics. */
export interface AlertRule {
  /** Lower-case words with hyphens between them. */
  readonly name: string;
  readonly title: string;
  /** Azure's: 0 is critical, 4 verbose. */
  readonly severity: number;
  readonly query: string;
}

/** @throws Error for a query without a title and level */
export function alertRules(): AlertRule[] {
  const queries = fs.readFileSync(QUERIES, "utf8").trim().split("\n\n");
  return queries.flatMap((text) => {
    const [, title, level, query] = /^\/\/ (.+) \((\w+)\)\n([^]+)$/.exec(text) ?? [];
    if (title === undefined || level === undefined || query === undefined) {
      throw new Error(`${QUERIES} contains a query without a title and level: ${text}`);
    }
    const severity = SEVERITIES[level];
    if (severity === undefined) return [];
    const name = title.toLowerCase().replace(/[^a-z]+/g, "-");
    return [{ name, title, severity, query }];
  });
}
