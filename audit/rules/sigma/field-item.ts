import { FIELDS, type FieldName, type LogRecord } from "../../record";
import { addressRange } from "../../select/address-range";
import type { TextTest } from "../../select/patterns";
import type { Report } from "./condition";
import { allOf, anyOf, type Expression, NEVER, not, type ValueTest } from "./expression";
import {
  contains,
  endsWith,
  parseTextPattern,
  startsWith,
  type TextPattern,
  textTest,
} from "./text-pattern";

/** The lists that replace placeholders: `%sensitive_tables%`. */
export type Lists = Readonly<Record<string, readonly string[]>>;

export interface RuleContext {
  readonly lists: Lists;
  readonly report: Report;
}

type Scalar = string | number | boolean | null;

/** How the values are compared; without one of these, as texts with wildcards, or as numbers. */
const COMPARISONS = [
  ...["contains", "startswith", "endswith", "re", "cidr"],
  ...["lt", "lte", "gt", "gte", "exists", "fieldref"],
] as const;
type Comparison = (typeof COMPARISONS)[number];

/** Source: Sigma's modifiers appendix 2.1. The others (`base64`, `windash`, `hour`, ...) aren't supported. */
const OTHERS = ["all", "cased", "expand", "neq", "i", "m", "s"];

/**
 * Compiles an element of a map: `statement|contains|all: [a, b]`. Texts are compared in any case, unless `cased`; a
 * regular expression exactly, unless `re|i`. A list field matches if one of its elements does.
 */
export function fieldItem(key: string, value: unknown, context: RuleContext): Expression {
  return new FieldItem(key, context).compile(value);
}

class FieldItem {
  private readonly field: string;
  private readonly modifiers: ReadonlySet<string>;
  private readonly comparison: Comparison | undefined;

  constructor(
    private readonly key: string,
    private readonly context: RuleContext,
  ) {
    const [field = "", ...modifiers] = key.split("|");
    this.field = field;
    this.modifiers = new Set(modifiers);
    this.comparison = COMPARISONS.find((name) => this.modifiers.has(name));
  }

  compile(value: unknown): Expression {
    const problem = this.keyProblem();
    if (problem !== undefined) return this.refuse(problem);
    const field = this.field as FieldName;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0) return this.refuse("the list is empty");
    if (this.modifiers.has("all") && values.length < 2) {
      return this.refuse("`all` needs a list of several values");
    }
    if (values.length > 1 && values.includes(null)) {
      return this.refuse("null can't be in a list; use another search identifier");
    }
    if (!values.every(isScalar)) return this.refuse("a value is neither a text nor a number");
    const parts = this.parts(field, values);
    const joined = this.modifiers.has("all") ? allOf(parts) : anyOf(parts);
    return this.modifiers.has("neq") ? not(joined) : joined;
  }

  private keyProblem(): string | undefined {
    if (!Object.hasOwn(FIELDS, this.field)) {
      return `records have no field "${this.field}"; docs/audit.md lists the fields`;
    }
    const names = [...this.modifiers];
    const known: readonly string[] = [...COMPARISONS, ...OTHERS];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) return `the modifier "${unknown}" isn't supported`;
    const comparisons = names.filter((name) => COMPARISONS.some((known) => known === name));
    if (comparisons.length > 1) return `${comparisons.join(" and ")} exclude each other`;
    const { comparison } = this;
    const flag = names.find((name) => ["i", "m", "s"].includes(name));
    if (flag !== undefined && comparison !== "re") return `"${flag}" is for re only`;
    const isText = ["contains", "startswith", "endswith", undefined].includes(comparison);
    const onlyText = names.find((name) => ["cased", "expand"].includes(name));
    if (onlyText !== undefined && !isText && !(onlyText === "cased" && comparison === "fieldref")) {
      return `"${onlyText}" and "${comparison}" exclude each other`;
    }
    return undefined;
  }

  private parts(field: FieldName, values: readonly Scalar[]): readonly Expression[] {
    const expanded = this.modifiers.has("expand") ? this.expand(values) : values;
    const isPlainText = ["contains", "startswith", "endswith", undefined].includes(this.comparison);
    if (isPlainText && expanded.every((value) => typeof value === "string" && value !== "")) {
      if (!this.isTextField(field)) return [this.refuse("the field is a number; leave out quotes")];
      const patterns = (expanded as readonly string[]).map((value) => this.pattern(value));
      const cased = this.modifiers.has("cased");
      // One test for all is faster than several.
      const groups = this.modifiers.has("all") ? patterns.map((one) => [one]) : [patterns];
      return patterns.length === 0
        ? [NEVER]
        : groups.map((group) => fieldTest(field, onText(textTest(group, cased))));
    }
    return expanded.map((value) => this.part(field, value));
  }

  /** One value other than a text that is compared as such. */
  private part(field: FieldName, value: Scalar): Expression {
    switch (this.comparison) {
      case "exists":
        if (typeof value !== "boolean") return this.refuse("it takes true or false");
        return fieldTest(field, (found) => (found !== null) === value);
      case "fieldref":
        return this.reference(field, value);
      case "re":
        return this.regularExpression(field, value);
      case "cidr":
        return this.addressRange(field, value);
      case "lt":
      case "lte":
      case "gt":
      case "gte":
        return this.number(field, value, this.comparison);
      case undefined:
        return this.equal(field, value);
      default:
        return this.refuse(`${JSON.stringify(value)} isn't a text`);
    }
  }

  private equal(field: FieldName, value: Scalar): Expression {
    if (value === null || value === "") return fieldTest(field, (found) => found === value);
    if (typeof value === "number" && !this.isTextField(field)) {
      return fieldTest(field, (found) => found === value);
    }
    const text = JSON.stringify(value);
    return this.refuse(
      this.isTextField(field) && typeof value === "number"
        ? `the field is a text; write '${text}'`
        : `${text} can't be compared with the field`,
    );
  }

  private number(
    field: FieldName,
    value: Scalar,
    operator: "lt" | "lte" | "gt" | "gte",
  ): Expression {
    if (this.isTextField(field)) return this.refuse("the field isn't a number");
    if (typeof value !== "number") return this.refuse(`${JSON.stringify(value)} isn't a number`);
    const compare = {
      lt: (found: number) => found < value,
      lte: (found: number) => found <= value,
      gt: (found: number) => found > value,
      gte: (found: number) => found >= value,
    }[operator];
    return fieldTest(field, (found) => typeof found === "number" && compare(found));
  }

  /** JavaScript's expressions are close to Sigma's PCRE; with the flag `u`, what differs is an error. */
  private regularExpression(field: FieldName, value: Scalar): Expression {
    if (typeof value !== "string" || !this.isTextField(field)) {
      return this.refuse("re compares texts");
    }
    const flags = ["i", "m", "s"].filter((flag) => this.modifiers.has(flag)).join("");
    try {
      const expression = new RegExp(value, `${flags}u`);
      return fieldTest(
        field,
        onText((text) => expression.test(text)),
      );
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return this.refuse(error.message);
    }
  }

  private addressRange(field: FieldName, value: Scalar): Expression {
    const text = String(value);
    const isWithin = addressRange(text);
    return isWithin
      ? fieldTest(field, onText(isWithin))
      : this.refuse(`"${text}" isn't a range of addresses, such as 10.1.0.0/16`);
  }

  private reference(field: FieldName, value: Scalar): Expression {
    if (typeof value !== "string" || !Object.hasOwn(FIELDS, value)) {
      return this.refuse(`records have no field "${String(value)}"`);
    }
    const other = value as FieldName;
    const cased = this.modifiers.has("cased");
    const comparable = (record: LogRecord, name: FieldName) => {
      const found = record[name];
      return typeof found === "string" && !cased ? found.toLowerCase() : found;
    };
    const test = (record: LogRecord) =>
      record[field] !== null && comparable(record, field) === comparable(record, other);
    return { kind: "record", test };
  }

  private expand(values: readonly Scalar[]): readonly Scalar[] {
    return values.flatMap((value) => {
      const [, name] = /^%(\w+)%$/.exec(String(value)) ?? [];
      const list = name === undefined ? undefined : this.context.lists[name];
      if (list) return list;
      this.refuse(
        name === undefined
          ? `${JSON.stringify(value)} isn't a placeholder, such as '%sensitive_tables%'`
          : `no folder of rules has ${name}.txt, the values of %${name}%`,
      );
      return [];
    });
  }

  private pattern(text: string): TextPattern {
    const pattern = parseTextPattern(text);
    switch (this.comparison) {
      case "contains":
        return contains(pattern);
      case "startswith":
        return startsWith(pattern);
      case "endswith":
        return endsWith(pattern);
      default:
        return pattern;
    }
  }

  private isTextField(field: FieldName): boolean {
    return FIELDS[field] !== "integer" && FIELDS[field] !== "double";
  }

  private refuse(problem: string): Expression {
    this.context.report(`${this.key}: ${problem}`);
    return NEVER;
  }
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

const fieldTest = (field: FieldName, test: ValueTest): Expression => ({
  kind: "field",
  field,
  test,
});

/** @param test of a text, or of an element of a list */
const onText =
  (test: TextTest): ValueTest =>
  (value) =>
    typeof value === "string" ? test(value) : Array.isArray(value) && value.some(test);
