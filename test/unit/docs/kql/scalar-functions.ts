import { splitCsv } from "../../../../audit/decode/csv";

/** A value of KQL: string, long and real, bool, dynamic; datetimes are ISO 8601 here. */
export type Value = string | number | boolean | null | readonly Value[];

export const text = (value: Value | undefined): string => {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};
const isEmpty = (value: Value | undefined): boolean => text(value) === "";

/** With `u` a character is a code point, as in Kusto's regular expressions. Node.js 20 has no `(?i)`. */
export function regex(pattern: Value | undefined, flags = ""): RegExp {
  const [, anyCase, source = ""] = /^(\(\?i\))?([^]*)$/.exec(text(pattern)) ?? [];
  return new RegExp(source, `u${flags}${anyCase === undefined ? "" : "i"}`);
}

function extractAll(pattern: Value | undefined, source: Value | undefined): Value {
  const matches = [...text(source).matchAll(regex(pattern, "g"))];
  if (matches.length === 0) return null;
  const groups = matches.map((match) => match.slice(1).map((group) => group ?? ""));
  return groups.map((values) => (values.length === 1 ? (values[0] ?? "") : values));
}

function toDouble(value: Value | undefined): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function toLong(value: Value | undefined): number | null {
  const number = toDouble(value);
  return number === null ? null : Math.trunc(number);
}

/** A quoted field of the record may contain line ends; a second record would be ignored. */
function parseCsv(value: Value | undefined): Value {
  const fields = splitCsv(text(value));
  if (typeof fields === "number") throw new Error(`parse_csv isn't defined for ${text(value)}`);
  return fields;
}

type ScalarFunction = (...values: readonly (Value | undefined)[]) => Value;

/**
 * The functions of KQL that docs/kql uses, as Microsoft's reference describes them (learn.microsoft.com/kusto/query).
 * `iff`, `case` and `column_ifexists` are the interpreter's, because they don't evaluate all arguments.
 */
export const SCALAR_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  extract: (pattern, group, source) => regex(pattern).exec(text(source))?.[Number(group)] ?? "",
  extract_all: extractAll,
  indexof: (source, lookup) => text(source).indexOf(text(lookup)),
  isempty: (value) => isEmpty(value),
  isnotempty: (value) => !isEmpty(value),
  isnull: (value) => value === null || value === undefined,
  isnotnull: (value) => value !== null && value !== undefined,
  not: (value) => value !== true,
  parse_csv: parseCsv,
  replace_string: (source, from, to) => text(source).replaceAll(text(from), text(to)),
  strcat: (...values) => values.map(text).join(""),
  strlen: (value) => text(value).length,
  substring: (source, start, length) =>
    typeof length === "number"
      ? text(source).slice(Number(start), Number(start) + length)
      : text(source).slice(Number(start)),
  todouble: toDouble,
  tolong: toLong,
  tolower: (value) => text(value).toLowerCase(),
  tostring: (value) => text(value),
};

const lower = (value: Value): string => text(value).toLowerCase();

type Operator = (left: Value, right: Value) => Value;

/** A comparison with null isn't true. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  "==": (left, right) => left !== null && left === right,
  "!=": (left, right) => left !== null && right !== null && left !== right,
  "+": (left, right) => (left === null || right === null ? null : Number(left) + Number(right)),
  "-": (left, right) => (left === null || right === null ? null : Number(left) - Number(right)),
  and: (left, right) => left === true && right === true,
  or: (left, right) => left === true || right === true,
  ">=": (left, right) => left !== null && right !== null && Number(left) >= Number(right),
  "=~": (left, right) => lower(left) === lower(right),
  contains: (left, right) => lower(left).includes(lower(right)),
  startswith: (left, right) => lower(left).startsWith(lower(right)),
  startswith_cs: (left, right) => text(left).startsWith(text(right)),
  "matches regex": (left, right) => regex(right).test(text(left)),
};
