import type { LogRecord } from "../../record";
import { parseCondition } from "./condition";
import { allOf, anyOf, type Expression, NEVER } from "./expression";
import { fieldItem, type RuleContext } from "./field-item";
import { contains, parseTextPattern, textTest } from "./text-pattern";

export type YamlMap = Readonly<Record<string, unknown>>;

/** Compiles a rule's `detection`: search identifiers and a condition. */
export function compileDetection(detection: YamlMap, context: RuleContext): Expression {
  const { condition, timeframe, ...searches } = detection;
  if (timeframe !== undefined) {
    context.report("detection: timeframe isn't supported; write a correlation rule");
  }
  const compiled = new Map(
    Object.entries(searches).map(([name, search]) => [name, searchOf(name, search, context)]),
  );
  // Each condition of a list is a query of its own.
  const conditions: readonly unknown[] = Array.isArray(condition) ? condition : [condition];
  return anyOf(
    conditions.map((text) => {
      if (typeof text === "string") return parseCondition(text, compiled, context.report);
      context.report("detection: there is no condition");
      return NEVER;
    }),
  );
}

/** A map's elements must all match; of a list, one map or one keyword. */
function searchOf(name: string, search: unknown, context: RuleContext): Expression {
  if (Array.isArray(search)) {
    if (search.length === 0) context.report(`${name}: the list is empty`);
    return anyOf(search.map((item: unknown) => searchItem(name, item, context)));
  }
  return searchItem(name, search, context);
}

function searchItem(name: string, item: unknown, context: RuleContext): Expression {
  if (typeof item === "string") return keyword(item);
  if (!isMap(item) || Object.keys(item).length === 0) {
    context.report(`${name}: it is neither a map of fields nor a list of texts`);
    return NEVER;
  }
  return allOf(
    Object.entries(item).map(([key, value]) =>
      key === "|all" ? everyKeyword(name, value, context) : fieldItem(key, value, context),
    ),
  );
}

function everyKeyword(name: string, value: unknown, context: RuleContext): Expression {
  if (Array.isArray(value) && value.every((word) => typeof word === "string")) {
    return allOf(value.map(keyword));
  }
  context.report(`${name}: |all needs a list of texts`);
  return NEVER;
}

/** A keyword is searched in the texts of a record, as with --grep. */
function keyword(text: string): Expression {
  const test = textTest([contains(parseTextPattern(text))], false);
  const isIn = (value: string | null) => value !== null && test(value);
  return {
    kind: "record",
    test: ({ statement, message, detail }: LogRecord) =>
      isIn(statement) || isIn(message) || isIn(detail),
  };
}

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);
