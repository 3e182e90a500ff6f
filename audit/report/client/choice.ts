import type { FieldName } from "../../record";
import type { Category, Value } from "../report-data";

/** ISO 8601 in UTC with milliseconds, as times of records; `to` is exclusive. */
export interface Span {
  readonly from?: string;
  readonly to?: string;
}

/** The filters of the page: the table and the charts contain the records that match all of them. */
export interface Choice {
  readonly search: string;
  /** Any of them; empty for all. */
  readonly categories: ReadonlySet<Category>;
  readonly fields: ReadonlyMap<FieldName, Value>;
  readonly span: Span | undefined;
  /** Id of a rule. */
  readonly rule: string | undefined;
  readonly newestFirst: boolean;
}

/** The fields whose values can be chosen: their names for people, and in the page's address. */
export const CHOSEN_FIELDS = {
  user_name: { label: "User", key: "user" },
  database_name: { label: "Database", key: "database" },
  command: { label: "Command", key: "command" },
  object_name: { label: "Object", key: "object" },
  client: { label: "Client", key: "client" },
  application_name: { label: "Application", key: "application" },
  server: { label: "Server", key: "server" },
  session_id: { label: "Session", key: "session-id" },
  process_id: { label: "Process", key: "pid" },
} as const satisfies Readonly<
  Partial<Record<FieldName, { readonly label: string; readonly key: string }>>
>;
export type ChosenField = keyof typeof CHOSEN_FIELDS;

export const ALL: Choice = {
  search: "",
  categories: new Set(),
  fields: new Map(),
  span: undefined,
  rule: undefined,
  newestFirst: true,
};

/** Whether the choice leaves out records. */
export function isFiltered({ search, categories, fields, span, rule }: Choice): boolean {
  const isChosen = categories.size > 0 || fields.size > 0 || span !== undefined;
  return isChosen || rule !== undefined || search.trim() !== "";
}

/** Holds the current choice, and notifies listeners of changes. */
export class Chooser {
  private choice = ALL;
  private readonly listeners: ((choice: Choice) => void)[] = [];

  get current(): Choice {
    return this.choice;
  }

  onChange(listener: (choice: Choice) => void): void {
    this.listeners.push(listener);
  }

  change(part: Partial<Choice>): void {
    this.choice = { ...this.choice, ...part };
    for (const listener of this.listeners) listener(this.choice);
  }

  toggleCategory(category: Category): void {
    const categories = new Set(this.choice.categories);
    if (!categories.delete(category)) categories.add(category);
    this.change({ categories });
  }

  /** Chooses the field's value, or removes it if it is already chosen. */
  toggleField(name: ChosenField, value: Value): void {
    const fields = new Map(this.choice.fields);
    const isChosen = fields.has(name) && fields.get(name) === value;
    if (isChosen) fields.delete(name);
    else fields.set(name, value);
    this.change({ fields });
  }

  toggleRule(rule: string): void {
    this.change({ rule: this.choice.rule === rule ? undefined : rule });
  }

  clear(): void {
    this.change({ ...ALL, newestFirst: this.choice.newestFirst });
  }
}
