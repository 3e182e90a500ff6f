import { type SyntaxNode } from "./language-service";
import { OPERATORS, SCALAR_FUNCTIONS, text, type Value } from "./scalar-functions";

export type Row = Readonly<Record<string, Value>>;

interface Lambda {
  readonly parameters: readonly string[];
  readonly body: SyntaxNode;
}

/** What names mean outside of rows. */
interface Scope {
  readonly values: Readonly<Record<string, Value>>;
  readonly lambdas: Readonly<Record<string, Lambda>>;
}

const parts = (node: SyntaxNode): SyntaxNode[] =>
  node.children.filter(({ type }) => type !== "Token");
const tokens = (node: SyntaxNode): string[] =>
  node.children.filter(({ type }) => type === "Token").map((token) => token.text);
const only = (node: SyntaxNode, index = 0): SyntaxNode => {
  const part = parts(node)[index];
  if (part === undefined) throw unknown(node);
  return part;
};
const unknown = ({ type, text }: SyntaxNode): Error =>
  new Error(`The interpreter doesn't know ${type}: ${text.slice(0, 100)}`);
const nameOf = (node: SyntaxNode): string => node.text.replace(/^\['(.*)'\]$/, "$1");

/**
 * Runs the KQL of docs/kql and of the audit's rules on rows: only the operators that these use. The syntax tree is Microsoft's; what an
 * operator or a function does is written here, after Microsoft's reference. An unknown one is an error.
 */
export class Interpreter {
  /**
   * @param tables rows by the table's name
   * @param functions syntax trees of saved functions by name
   */
  constructor(
    private readonly tables: Readonly<Record<string, readonly Row[]>>,
    private readonly functions: Readonly<Record<string, SyntaxNode>>,
  ) {}

  run(query: SyntaxNode): readonly Row[] {
    let scope: Scope = { values: {}, lambdas: {} };
    for (const statement of parts(query)) {
      if (statement.type === "LetStatement") scope = declare(statement, scope);
      else if (statement.type === "ExpressionStatement") {
        return this.rows(only(statement), scope);
      } else throw unknown(statement);
    }
    throw unknown(query);
  }

  private rows(node: SyntaxNode, scope: Scope): readonly Row[] {
    switch (node.type) {
      case "NameReference": {
        const saved = this.functions[node.text];
        if (saved !== undefined) return this.run(saved);
        return this.tables[node.text] ?? [];
      }
      case "ParenthesizedExpression":
        return this.rows(only(node), scope);
      case "UnionOperator":
        return parts(node)
          .filter(({ type }) => type !== "NamedParameter")
          .flatMap((part) => this.rows(part, scope));
      case "PipeExpression":
        return operate(only(node, 1), this.rows(only(node), scope), scope);
      default:
        throw unknown(node);
    }
  }
}

function declare(statement: SyntaxNode, scope: Scope): Scope {
  const name = nameOf(only(statement));
  const value = only(statement, 1);
  if (value.type !== "FunctionDeclaration") {
    return { ...scope, values: { ...scope.values, [name]: evaluate(value, {}, scope) } };
  }
  const parameters = parts(only(value)).map((parameter) => nameOf(only(only(parameter))));
  const lambda = { parameters, body: only(only(value, 1)) };
  return { ...scope, lambdas: { ...scope.lambdas, [name]: lambda } };
}

function operate(operator: SyntaxNode, rows: readonly Row[], scope: Scope): readonly Row[] {
  switch (operator.type) {
    case "FilterOperator":
      return rows.filter((row) => evaluate(only(operator), row, scope) === true);
    case "ExtendOperator":
      return rows.map((row) => ({ ...row, ...columns(operator, row, scope) }));
    case "ProjectOperator":
      return rows.map((row) => columns(operator, row, scope));
    default:
      throw unknown(operator);
  }
}

/** Values of one operator are all computed from the row before it. */
const columns = (operator: SyntaxNode, row: Row, scope: Scope): Row =>
  Object.fromEntries(
    parts(operator).map((column) =>
      column.type === "SimpleNamedExpression"
        ? [nameOf(only(column)), evaluate(only(column, 1), row, scope)]
        : [nameOf(column), evaluate(column, row, scope)],
    ),
  );

function evaluate(node: SyntaxNode, row: Row, scope: Scope): Value {
  switch (node.type) {
    case "CompoundStringLiteralExpression":
      return node.constant as string;
    case "LiteralExpression":
      return literal(node);
    case "DynamicExpression":
      return evaluate(only(node), row, scope);
    case "JsonArrayExpression":
      return parts(node).map((part) => evaluate(part, row, scope));
    case "NameReference":
      return reference(nameOf(node), row, scope);
    case "ParenthesizedExpression":
      return evaluate(only(node), row, scope);
    case "ElementExpression": {
      const list = evaluate(only(node), row, scope);
      const index = Number(evaluate(only(only(node, 1)), row, scope));
      return Array.isArray(list) ? ((list as readonly Value[])[index] ?? null) : null;
    }
    case "InExpression": {
      const value = evaluate(only(node), row, scope);
      const equals = OPERATORS[tokens(node).includes("in~") ? "=~" : "=="] ?? Object.is;
      const found = parts(only(node, 1)).some(
        (part) => equals(value, evaluate(part, row, scope)) === true,
      );
      return tokens(node).includes("!in") ? !found : found;
    }
    case "BetweenExpression": {
      const value = Number(evaluate(only(node), row, scope));
      const [least, most] = parts(only(node, 1)).map((part) => Number(evaluate(part, row, scope)));
      return value >= (least ?? NaN) && value <= (most ?? NaN);
    }
    case "BinaryExpression": {
      const operator = OPERATORS[tokens(node)[0] ?? ""];
      if (operator === undefined) throw unknown(node);
      return operator(evaluate(only(node), row, scope), evaluate(only(node, 1), row, scope));
    }
    case "FunctionCallExpression":
      return call(node, row, scope);
    default:
      throw unknown(node);
  }
}

function literal(node: SyntaxNode): Value {
  if (/^(?:\w+\()?null\)?$/.test(node.text)) return null;
  if (typeof node.constant === "string") return node.constant;
  if (/^\d+$/.test(node.text)) return Number(node.text);
  throw unknown(node);
}

function reference(name: string, row: Row, { values }: Scope): Value {
  const value = row[name] ?? values[name];
  if (value === undefined && !(name in row)) throw new Error(`No column or value ${name}`);
  return value ?? null;
}

function call(node: SyntaxNode, row: Row, scope: Scope): Value {
  const name = only(node).text;
  const given = parts(only(node, 1));
  const argument = (index: number): Value => {
    const part = given[index];
    if (part === undefined) throw unknown(node);
    return evaluate(part, row, scope);
  };
  if (name === "iff") return argument(argument(0) === true ? 1 : 2);
  if (name === "case") {
    const last = given.length - 1;
    for (let at = 0; at < last; at += 2) if (argument(at) === true) return argument(at + 1);
    return argument(last);
  }
  if (name === "column_ifexists") {
    const column = text(argument(0));
    return column in row ? (row[column] ?? null) : argument(1);
  }
  const values = given.map((_, index) => argument(index));
  const lambda = scope.lambdas[name];
  if (lambda !== undefined) {
    const bound = lambda.parameters.map((parameter, index) => [parameter, values[index]] as const);
    return evaluate(lambda.body, Object.fromEntries(bound) as Row, scope);
  }
  const known = SCALAR_FUNCTIONS[name];
  if (known === undefined) throw unknown(node);
  return known(...values);
}
