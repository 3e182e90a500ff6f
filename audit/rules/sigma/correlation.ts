import { FIELDS, type FieldName } from "../../record";
import type { Report } from "./condition";
import { isMap, type YamlMap } from "./detection";

/**
 * A correlation: a number of records, of different values, or of different rules within a time. Source: Sigma
 * correlation rules specification 2.1.
 */
export interface Correlation {
  readonly type: "event_count" | "value_count" | "temporal";
  /** Ids or names of the correlated rules. */
  readonly rules: readonly string[];
  readonly groupBy: readonly FieldName[];
  readonly timespanMilliseconds: number;
  /** Times are for people: `5m`. */
  readonly timespan: string;
  /** So many or more. */
  readonly least: number;
  /** Whose values are counted, for value_count. */
  readonly field?: FieldName;
  /** Whether the correlated rules have findings of their own. */
  readonly generate: boolean;
}

const TYPES = ["event_count", "value_count", "temporal"] as const;
const KEYS = ["type", "rules", "group-by", "timespan", "condition", "generate"];
const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 24 * 3600e3 };

/** @returns undefined after a report */
export function parseCorrelation(data: YamlMap, report: Report): Correlation | undefined {
  let isValid = true;
  const refuse = (problem: string) => {
    isValid = false;
    report(`correlation: ${problem}`);
  };
  for (const key of Object.keys(data)) {
    if (!KEYS.includes(key)) refuse(`${key} isn't supported`);
  }
  const type = TYPES.find((name) => name === data.type);
  if (!type)
    refuse(`the type ${JSON.stringify(data.type)} isn't supported; use ${TYPES.join(", ")}`);
  const rules = texts(data.rules);
  if (!rules || rules.length === 0) refuse("rules must be a list of ids or names of rules");
  const groupBy = data["group-by"] === undefined ? [] : texts(data["group-by"]);
  if (!groupBy?.every(isField)) refuse("group-by must be a list of fields of records");
  const timespan = String(data.timespan);
  const [, number, unit = ""] = /^(\d+)([smhd])$/.exec(timespan) ?? [];
  if (!number) refuse(`timespan is ${timespan}; it takes a number and s, m, h or d, such as 5m`);
  const { generate = false } = data;
  if (typeof generate !== "boolean") refuse("generate must be true or false");
  const condition = conditionOf(data.condition, type, rules?.length ?? 0, refuse);
  if (!isValid || !type || !rules || !groupBy) return undefined;
  return {
    ...condition,
    ...{ type, rules, timespan },
    groupBy: groupBy.filter(isField),
    timespanMilliseconds: Number(number) * (UNITS[unit] ?? 0),
    generate: generate === true,
  };
}

function conditionOf(
  condition: unknown,
  type: Correlation["type"] | undefined,
  rules: number,
  refuse: Report,
): Pick<Correlation, "least" | "field"> {
  // All rules by default: the specification requires no condition of this type.
  if (condition === undefined && type === "temporal") return { least: rules };
  const { field, gte, gt, ...others } = isMap(condition) ? condition : {};
  const [unsupported] = Object.keys(others);
  if (unsupported !== undefined) refuse(`condition: ${unsupported} isn't supported; use gte or gt`);
  const least = typeof gt === "number" ? gt + 1 : gte;
  if (typeof least !== "number" || (gt !== undefined && gte !== undefined)) {
    refuse("condition must be gte or gt with a number");
  }
  const isCounted = typeof field === "string" && isField(field);
  if (type === "value_count" && !isCounted)
    refuse("condition: value_count needs a field of records");
  if (type !== "value_count" && field !== undefined) refuse("condition: field is for value_count");
  return { least: Number(least), field: isCounted ? field : undefined };
}

const isField = (name: string): name is FieldName => Object.hasOwn(FIELDS, name);

function texts(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.every((item) => typeof item === "string") ? list : undefined;
}
