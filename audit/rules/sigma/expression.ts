import type { FieldName, LogRecord } from "../../record";

export type RecordTest = (record: LogRecord) => boolean;
export type ValueTest = (value: LogRecord[FieldName]) => boolean;

/** What a rule's detection says of a record. */
export type Expression =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "field"; readonly field: FieldName; readonly test: ValueTest }
  /** A test of several fields. */
  | { readonly kind: "record"; readonly test: RecordTest }
  | { readonly kind: "not"; readonly of: Expression }
  | { readonly kind: "and" | "or"; readonly of: readonly Expression[] };

export const NEVER: Expression = { kind: "constant", value: false };

export const not = (of: Expression): Expression =>
  of.kind === "constant" ? { kind: "constant", value: !of.value } : { kind: "not", of };
export const allOf = (of: readonly Expression[]): Expression => join("and", of);
export const anyOf = (of: readonly Expression[]): Expression => join("or", of);

function join(kind: "and" | "or", of: readonly Expression[]): Expression {
  // "and" is decided by a false part and doesn't need true ones; "or" is the opposite.
  const decisive = kind === "or";
  const parts = of.filter((part) => part.kind !== "constant" || part.value === decisive);
  if (parts.some(({ kind: part }) => part === "constant")) {
    return { kind: "constant", value: decisive };
  }
  const [first] = parts;
  if (!first) return { kind: "constant", value: !decisive };
  return parts.length === 1 ? first : { kind, of: parts };
}

/** Fields with few values, which decide most rules. */
export type Shape = Pick<LogRecord, "kind" | "class" | "command">;

/** What is left of an expression for records of this shape. */
export function specialize(expression: Expression, shape: Shape): Expression {
  switch (expression.kind) {
    case "field": {
      const { field, test } = expression;
      if (field !== "kind" && field !== "class" && field !== "command") return expression;
      return { kind: "constant", value: test(shape[field]) };
    }
    case "not":
      return not(specialize(expression.of, shape));
    case "and":
    case "or":
      return join(
        expression.kind,
        expression.of.map((part) => specialize(part, shape)),
      );
    default:
      return expression;
  }
}

export function compile(expression: Expression): RecordTest {
  switch (expression.kind) {
    case "constant":
      return () => expression.value;
    case "field": {
      const { field, test } = expression;
      return (record) => test(record[field]);
    }
    case "record":
      return expression.test;
    case "not": {
      const test = compile(expression.of);
      return (record) => !test(record);
    }
    case "and": {
      const tests = expression.of.map(compile);
      return (record) => tests.every((test) => test(record));
    }
    case "or": {
      const tests = expression.of.map(compile);
      return (record) => tests.some((test) => test(record));
    }
  }
}
