import type { FieldName } from "../../record";
import type { Category, Value } from "../report-data";

/** ISO 8601; `to` is exclusive. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** The filters of the table: it shows the records that match all of them. */
export interface Choice {
  readonly search: string;
  /** Any of them; empty for all. */
  readonly categories: ReadonlySet<Category>;
  readonly fields: ReadonlyMap<FieldName, Value>;
  readonly span: Span | undefined;
  readonly newestFirst: boolean;
}

const ALL: Choice = {
  search: "",
  categories: new Set(),
  fields: new Map(),
  span: undefined,
  newestFirst: true,
};

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
  toggleField(name: FieldName, value: Value): void {
    const fields = new Map(this.choice.fields);
    const isChosen = fields.has(name) && fields.get(name) === value;
    if (isChosen) fields.delete(name);
    else fields.set(name, value);
    this.change({ fields });
  }

  toggleSpan(span: Span): void {
    this.change({ span: this.choice.span?.from === span.from ? undefined : span });
  }

  clear(): void {
    this.change({ ...ALL, newestFirst: this.choice.newestFirst });
  }
}
