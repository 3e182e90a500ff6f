import "@kusto/language-service-next/bridge.min.js";
import "@kusto/language-service-next/Kusto.Language.Bridge.min.js";

/** The parts of Microsoft's language service for Kusto that the tests use; its own types are 1.7 MB. */
interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}
interface Diagnostic {
  readonly Severity: string;
  readonly Code: string;
  readonly Message: string;
  readonly Start: number;
}
interface ServiceNode {
  readonly ChildCount: number;
  readonly Text?: string;
  readonly ConstantValue?: unknown;
  GetChild(index: number): ServiceNode | null;
  ToString(): string;
}
interface TableSymbol {
  WithName(name: string): TableSymbol;
}
interface Globals {
  WithDatabase(database: unknown): Globals;
}
interface Code {
  readonly Syntax: ServiceNode;
  readonly ResultType: {
    readonly Columns?: List<{ readonly Name: string; readonly Type: { readonly Name: string } }>;
  } | null;
  GetDiagnostics(): List<Diagnostic>;
}
interface Service {
  readonly Symbols: {
    readonly TableSymbol: { From(schema: string): TableSymbol };
    /** Its overloads have numbers in JavaScript; $ctor16 is (name, parameter list, body, description). */
    readonly FunctionSymbol: {
      readonly $ctor16: new (
        name: string,
        parameters: string,
        body: string,
        about: null,
      ) => unknown;
    };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: unknown[]) => unknown };
  };
  readonly GlobalState: { readonly Default: Globals };
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: Globals): Code };
}

const { Kusto, Bridge } = globalThis as unknown as {
  readonly Kusto: { readonly Language: Service };
  readonly Bridge: { getTypeName(value: unknown): string };
};
const { Symbols, GlobalState, KustoCode } = Kusto.Language;

const items = <T>(list: List<T> | undefined): T[] =>
  Array.from({ length: list?.Count ?? 0 }, (_, index) => (list as List<T>).getItem(index));

/** A node of the syntax tree, without the nodes that only group others. */
export interface SyntaxNode {
  /** `FunctionCallExpression`, ...; `Token` for words, literals and punctuation. */
  readonly type: string;
  readonly text: string;
  /** The value of a text, also of one in several parts. */
  readonly constant: unknown;
  readonly children: readonly SyntaxNode[];
}

function childrenOf(node: ServiceNode): SyntaxNode[] {
  return Array.from({ length: node.ChildCount }, (_, index) => node.GetChild(index)).flatMap(
    (child) => (child === null ? [] : syntaxNodes(child)),
  );
}

function syntaxNodes(node: ServiceNode): SyntaxNode[] {
  const name = Bridge.getTypeName(node);
  if (/^Kusto\.Language\.Syntax\.(?:SyntaxList|SeparatedElement)\b/.test(name)) {
    return childrenOf(node);
  }
  const type = name.includes("SyntaxToken+") ? "Token" : (name.split(".").pop() ?? "");
  const text = type === "Token" ? (node.Text ?? "") : node.ToString().trim();
  return [{ type, text, constant: node.ConstantValue, children: childrenOf(node) }];
}

export interface Analysis {
  /** Each as `Error KS228 at 12: ...`. */
  readonly diagnostics: readonly string[];
  /** The result's columns with their types, in order. */
  readonly columns: Readonly<Record<string, string>>;
  readonly syntax: SyntaxNode;
}

/** A Log Analytics workspace, of which Microsoft's language service knows tables and saved functions. */
export class Workspace {
  private readonly globals: Globals;

  /**
   * @param tables columns by table, as `(TimeGenerated: datetime, Message: string)`
   * @param functions bodies of functions without parameters, by name
   */
  constructor(
    tables: Readonly<Record<string, string>>,
    functions: Readonly<Record<string, string>>,
  ) {
    const members = [
      ...Object.entries(tables).map(([name, schema]) =>
        Symbols.TableSymbol.From(schema).WithName(name),
      ),
      ...Object.entries(functions).map(
        ([name, body]) => new Symbols.FunctionSymbol.$ctor16(name, "()", `{${body}\n}`, null),
      ),
    ];
    this.globals = GlobalState.Default.WithDatabase(
      new Symbols.DatabaseSymbol.ctor("workspace", members),
    );
  }

  /** What the language service says of a query. */
  analyze(query: string): Analysis {
    const code = KustoCode.ParseAndAnalyze(query, this.globals);
    const [syntax] = syntaxNodes(code.Syntax);
    if (syntax === undefined) throw new Error("The query has no syntax tree");
    return {
      diagnostics: items(code.GetDiagnostics()).map(
        ({ Severity, Code, Message, Start }) => `${Severity} ${Code} at ${Start}: ${Message}`,
      ),
      columns: Object.fromEntries(
        items(code.ResultType?.Columns).map(({ Name, Type }) => [Name, Type.Name]),
      ),
      syntax,
    };
  }
}
