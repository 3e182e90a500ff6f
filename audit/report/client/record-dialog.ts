import type { FieldName, LogRecord } from "../../record";
import { categoryOf } from "../report-data";
import { CHOSEN_FIELDS, type Chooser, type ChosenField } from "./choice";
import { button, byId, count, element, statementOrMessage, visibleText } from "./dom";
import type { RecordTable } from "./record-table";

/** Shown above the list of fields. */
const SHOWN_APART: ReadonlySet<FieldName> = new Set([
  "statement",
  "parameters",
  "message",
  "detail",
]);

const AMBIGUITIES = {
  names:
    "names that the client chose read like other fields. Fields that aren't certain are empty.",
  message:
    "names that the client chose read like other fields. The message below is the whole line; it may be an entry of pgAudit's.",
} as const satisfies Readonly<Record<NonNullable<LogRecord["ambiguous"]>, string>>;

/** A whole record: its statement or message, and every field that has a value. */
export class RecordDialog {
  private readonly dialog = byId<HTMLDialogElement>("record");
  private readonly newer = byId<HTMLButtonElement>("record-newer");
  private readonly older = byId<HTMLButtonElement>("record-older");
  private position = 0;

  constructor(
    private readonly table: () => RecordTable,
    private readonly chooser: Chooser,
  ) {
    byId("record-close").addEventListener("click", () => this.dialog.close());
    this.newer.addEventListener("click", () => this.show(this.position - 1));
    this.older.addEventListener("click", () => this.show(this.position + 1));
    // A click on the backdrop.
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
  }

  open(position: number): void {
    this.show(position);
    if (!this.dialog.open) this.dialog.showModal();
    byId("record-body").focus();
  }

  private show(position: number): void {
    const table = this.table();
    if (position < 0 || position >= table.length) return;
    this.position = position;
    const record = table.recordAt(position);
    table.scrollTo(position);
    byId("record-heading").textContent = `Record ${count(position + 1)} of ${count(table.length)}`;
    this.newer.disabled = position === 0;
    this.older.disabled = position === table.length - 1;
    const body = byId("record-body");
    body.replaceChildren(...this.contents(record));
    body.scrollTop = 0;
  }

  private contents(record: LogRecord): HTMLElement[] {
    const parts = [headline(record)];
    if (record.ambiguous !== null) {
      const badge = element("span", { class: "badge" }, "ambiguous");
      parts.push(element("p", { class: "notice" }, badge, " ", AMBIGUITIES[record.ambiguous]));
    }
    const what = record.statement === null ? "Message" : "Statement";
    parts.push(...textPart(what, statementOrMessage(record)));
    if (record.parameters && record.parameters.length > 0) {
      const values = record.parameters.map((value) => element("li", {}, visibleText(value)));
      parts.push(
        element("h3", {}, "Parameters"),
        element("ol", { class: "parameters" }, ...values),
      );
    }
    if (record.statement !== null && record.message !== null) {
      parts.push(...textPart("Message", record.message));
    }
    if (record.detail !== null) parts.push(...textPart("Detail", record.detail));
    parts.push(element("h3", {}, "All fields"), this.fields(record));
    return parts;
  }

  private fields(record: LogRecord): HTMLElement {
    const names = (Object.keys(record) as FieldName[]).filter(
      (name) => record[name] !== null && !SHOWN_APART.has(name),
    );
    const lines = names.flatMap((name) => {
      const value = record[name];
      const text = element("span", {}, visibleText(String(value)));
      const only = name in CHOSEN_FIELDS ? [this.onlyButton(name as ChosenField, record)] : [];
      return [element("dt", {}, name), element("dd", {}, text, ...only)];
    });
    return element("dl", { class: "fields" }, ...lines);
  }

  private onlyButton(name: ChosenField, record: LogRecord): HTMLElement {
    const { label } = CHOSEN_FIELDS[name];
    const fields = new Map(this.chooser.current.fields);
    const show = () => {
      this.dialog.close();
      this.chooser.change({ fields: fields.set(name, record[name]) });
    };
    return button(
      { class: "only", "aria-label": `Show only this ${label.toLowerCase()}` },
      show,
      "only",
    );
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === "ArrowLeft") this.show(this.position - 1);
    else if (event.key === "ArrowRight") this.show(this.position + 1);
    else return;
    event.preventDefault();
  }
}

function headline(record: LogRecord): HTMLElement {
  const category = categoryOf(record);
  const words = [record.class ?? record.error_severity ?? record.kind, record.command];
  return element(
    "p",
    { class: "headline" },
    element("span", { class: "dot", "data-category": category.toLowerCase() }),
    element("strong", {}, visibleText(words.filter((word) => word !== null).join(" · "))),
    element(
      "time",
      { datetime: record.time },
      `${record.time.replace("T", " ").replace("Z", "")} UTC`,
    ),
  );
}

function textPart(name: string, text: string): HTMLElement[] {
  const shown = element("pre", { tabindex: 0 }, visibleText(text));
  const heading = element("h3", {}, name);
  // Undefined if the page isn't in a secure context.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) {
    const copy = button({ class: "only", "aria-label": `Copy: ${name}` }, () => {
      clipboard.writeText(text).then(
        () => (copy.textContent = "copied"),
        () => (copy.textContent = "not copied"),
      );
    });
    copy.textContent = "copy";
    heading.append(copy);
  }
  return [heading, shown];
}
