import { allOf, anyOf, type Expression, NEVER, not } from "./expression";

/** Receives what is wrong with a rule, as a sentence without the file's name. */
export type Report = (problem: string) => void;

/**
 * Parses a condition: names of search identifiers, `and`, `or`, `not`, parentheses, `1 of sel_*`, `any of them`,
 * `all of sel_*`. `not` binds most, `or` least. Source: Sigma rules specification 2.1, "Condition".
 */
export function parseCondition(
  text: string,
  searches: ReadonlyMap<string, Expression>,
  report: Report,
): Expression {
  const parser = new ConditionParser(text, searches);
  try {
    return parser.parse();
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    report(`condition "${text}": ${error.message}`);
    return NEVER;
  }
}

class ConditionError extends Error {}

const TOKEN = /\s*([()]|[\w*-]+|\S)/gy;
const NAME = /^[\w*-]+$/;
const OPERATORS = ["and", "or", "not", "of"];

class ConditionParser {
  private readonly tokens: readonly string[];
  private position = 0;

  constructor(
    text: string,
    private readonly searches: ReadonlyMap<string, Expression>,
  ) {
    this.tokens = [...text.matchAll(TOKEN)].map(([, token]) => token ?? "");
  }

  parse(): Expression {
    const expression = this.alternatives();
    const rest = this.tokens[this.position];
    if (rest !== undefined) throw new ConditionError(`"${rest}" is unexpected`);
    return expression;
  }

  private alternatives(): Expression {
    const parts = [this.conjunction()];
    while (this.take("or")) parts.push(this.conjunction());
    return anyOf(parts);
  }

  private conjunction(): Expression {
    const parts = [this.negation()];
    while (this.take("and")) parts.push(this.negation());
    return allOf(parts);
  }

  private negation(): Expression {
    return this.take("not") ? not(this.negation()) : this.operand();
  }

  private operand(): Expression {
    if (this.take("(")) {
      const expression = this.alternatives();
      if (!this.take(")")) throw new ConditionError("a parenthesis isn't closed");
      return expression;
    }
    const token = this.tokens[this.position];
    if (token === undefined) throw new ConditionError("it ends where a name is expected");
    this.position += 1;
    if (this.take("of")) return this.quantified(token);
    const search = this.searches.get(token);
    if (search) return search;
    throw new ConditionError(
      NAME.test(token) && !OPERATORS.includes(token)
        ? `the detection has no "${token}"`
        : `"${token}" is unexpected`,
    );
  }

  private quantified(quantifier: string): Expression {
    const pattern = this.tokens[this.position];
    if (pattern === undefined || !NAME.test(pattern)) {
      throw new ConditionError(`"${quantifier} of" needs a name with *, or "them"`);
    }
    this.position += 1;
    const parts = this.matching(pattern);
    if (parts.length === 0) throw new ConditionError(`the detection has no "${pattern}"`);
    if (quantifier === "all") return allOf(parts);
    if (quantifier === "1" || quantifier === "any") return anyOf(parts);
    throw new ConditionError(`"${quantifier} of" isn't supported; use 1, any or all`);
  }

  /** By convention `them` doesn't include names that begin with an underscore. */
  private matching(pattern: string): Expression[] {
    const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
    const isMatch = (name: string) =>
      pattern === "them" ? !name.startsWith("_") : expression.test(name);
    return [...this.searches].filter(([name]) => isMatch(name)).map(([, search]) => search);
  }

  private take(token: string): boolean {
    if (this.tokens[this.position] !== token) return false;
    this.position += 1;
    return true;
  }
}
