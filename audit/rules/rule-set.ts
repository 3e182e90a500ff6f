import { type Level, LEVELS, type RuleInfo } from "./finding";
import { type RuleDocument, rulesError, type RuleSource } from "./rule-files";
import type { Report } from "./sigma/condition";
import { type Correlation, parseCorrelation } from "./sigma/correlation";
import { compileDetection, isMap } from "./sigma/detection";
import { allOf, type Expression } from "./sigma/expression";
import type { Lists } from "./sigma/field-item";

/** A rule that matches records. */
export interface RecordRule extends RuleInfo {
  readonly expression: Expression;
  /** False for a rule that only a correlation uses. */
  readonly isReported: boolean;
}

/** A rule that counts the records of other rules. */
export interface CorrelationRule extends RuleInfo {
  readonly correlation: Correlation;
  /** The correlated rules, in the order of `correlation.rules`. */
  readonly of: readonly RecordRule[];
}

export interface RuleSet {
  readonly records: readonly RecordRule[];
  readonly correlations: readonly CorrelationRule[];
  /** Titles of the rules that aren't applied because of their status. */
  readonly inactive: readonly string[];
}

/** A rule without a level gets this one. */
const DEFAULT_LEVEL: Level = "medium";
/** Source: Sigma rules specification 2.1, "Status": replaced by another rule; can't be used as it is. */
const INACTIVE = ["deprecated", "unsupported"];

/**
 * Compiles rules. Only what can be applied exactly is accepted.
 * @throws UserError that names every problem with its file
 */
export function compileRules({ documents, lists }: RuleSource): RuleSet {
  const problems: string[] = [];
  const isActive = ({ data }: RuleDocument) => !INACTIVE.includes(String(data.status));
  const rules = documents
    .filter(isActive)
    .map((document) =>
      readRule(document, lists, (problem) => problems.push(`${document.file}: ${problem}`)),
    );
  const correlated = rules.flatMap(({ correlation, ...rule }) =>
    correlation ? [{ ...rule, correlation }] : [],
  );
  // Without `generate` the correlated rules have no findings of their own.
  const unreported = new Set(
    correlated.flatMap(({ correlation }) => (correlation.generate ? [] : correlation.rules)),
  );
  const records = rules.flatMap(({ expression, ...rule }) => {
    const isReported = !rule.names.some((name) => unreported.has(name));
    return expression ? [{ ...rule, expression, isReported }] : [];
  });
  const correlations = correlated.map((rule) => ({
    ...rule,
    of: rule.correlation.rules.flatMap((name) => {
      const other = records.find(({ names }) => names.includes(name));
      if (!other) problems.push(`${rule.file}: correlation: no rule for records is named ${name}`);
      return other ?? [];
    }),
  }));
  if (problems.length > 0) throw rulesError(problems);
  const inactive = documents.filter((document) => !isActive(document));
  return { records, correlations, inactive: inactive.map(({ data }) => String(data.title)) };
}

interface ReadRule extends RuleInfo {
  readonly file: string;
  /** What correlations may call it: its id and its name. */
  readonly names: readonly string[];
  readonly expression?: Expression;
  readonly correlation?: Correlation;
}

function readRule({ file, id, data }: RuleDocument, lists: Lists, report: Report): ReadRule {
  const { title, level = DEFAULT_LEVEL, name } = data;
  if (typeof title !== "string" || title === "") report("title: it must be a text");
  const known = LEVELS.find((one) => one === level);
  if (!known) report(`level: "${String(level)}" isn't one of ${LEVELS.join(", ")}`);
  for (const key of ["action", "filter"]) {
    if (key in data) report(`${key}: it isn't supported`);
  }
  const names = [id, ...(typeof name === "string" ? [name] : [])];
  const rule = { id, title: String(title), level: known ?? DEFAULT_LEVEL, file, names };
  if (isMap(data.correlation)) {
    return { ...rule, correlation: parseCorrelation(data.correlation, report) };
  }
  if (!isMap(data.detection)) {
    report("it has neither a detection nor a correlation");
    return rule;
  }
  const detection = compileDetection(data.detection, { lists, report });
  return { ...rule, expression: allOf([logSource(data.logsource, report), detection]) };
}

/** PostgreSQL's log, or with the service `pgaudit` the records of kind `audit`. */
function logSource(logsource: unknown, report: Report): Expression {
  const {
    product,
    service,
    category,
    definition: _,
    ...others
  } = isMap(logsource) ? logsource : {};
  const isKnown =
    product === "postgresql" &&
    (service === undefined || service === "pgaudit") &&
    category === undefined &&
    Object.keys(others).length === 0;
  if (!isKnown) {
    report(
      `logsource: ${JSON.stringify(logsource)} isn't the reader's; it takes product: postgresql, and service: pgaudit or none`,
    );
  }
  return service === "pgaudit"
    ? { kind: "field", field: "kind", test: (kind) => kind === "audit" }
    : { kind: "constant", value: true };
}
