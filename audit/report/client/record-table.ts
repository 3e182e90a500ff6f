import type { LogRecord } from "../../record";
import type { Chooser } from "./choice";
import { Columns, type TableColumn } from "./columns";
import { button, byId, count, element } from "./dom";
import type { Rows } from "./rows";

/** Rows beyond the window's edges, so that scrolling shows no gap. */
const SPARE_ROWS = 12;
const PRINTED_ROWS = 500;

/** The table of the found rows; only rows near the visible area are in the document. */
export class RecordTable {
  private readonly table = byId("table");
  private readonly body = byId("rows");
  private readonly shown = new Map<number, HTMLElement>();
  private readonly allColumns: Columns;
  private columns: readonly TableColumn[] = [];
  /** Indexes of rows, oldest first. */
  private found: Uint32Array = new Uint32Array();
  private newestFirst = true;
  /** Position of the row that keys apply to. */
  private active = 0;
  private rowHeight = 0;
  private printing = false;

  /** @param open shows the whole record at a position */
  constructor(
    private readonly rows: Rows,
    private readonly chooser: Chooser,
    private readonly open: (position: number) => void,
  ) {
    this.allColumns = new Columns(rows);
    let asked = false;
    const place = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        this.place();
      });
    };
    addEventListener("scroll", place, { passive: true });
    addEventListener("resize", () => this.refresh());
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("click", (event) => this.onClick(event));
  }

  get length(): number {
    return this.found.length;
  }

  show(found: Uint32Array, newestFirst: boolean): void {
    this.found = found;
    this.newestFirst = newestFirst;
    this.active = 0;
    this.columns = this.allColumns.of(found);
    this.showHeading();
    this.table.setAttribute("aria-rowcount", String(found.length + 1));
    // Otherwise the middle of the result would be visible.
    if (this.table.getBoundingClientRect().top < this.stickyHeight()) {
      byId("records").scrollIntoView({ block: "start" });
    }
    this.refresh();
  }

  /** Activates the row at a position, and returns its record. */
  recordAt(position: number): LogRecord {
    this.active = position;
    this.place();
    return this.rows.record(this.rowAt(position));
  }

  scrollTo(position: number): void {
    const top = this.body.getBoundingClientRect().top + position * this.rowHeight;
    const bottom = top + this.rowHeight;
    const head = this.stickyHeight();
    if (top < head) scrollBy(0, top - head);
    else if (bottom > innerHeight) scrollBy(0, bottom - innerHeight);
    this.place();
  }

  /** Printed rows aren't positioned, and their number is limited. */
  setPrinting(printing: boolean): void {
    this.printing = printing;
    const { length } = this.found;
    byId("printed").textContent =
      printing && length > PRINTED_ROWS
        ? `The first ${count(PRINTED_ROWS)} of ${count(length)} records are printed.`
        : "";
    this.refresh();
  }

  private rowAt(position: number): number {
    const index = this.newestFirst ? this.found.length - 1 - position : position;
    return this.found[index] ?? 0;
  }

  /** Recreates all rows. */
  private refresh(): void {
    this.shown.clear();
    this.body.replaceChildren();
    this.rowHeight = this.measure();
    this.body.style.height = this.printing ? "auto" : `${this.found.length * this.rowHeight}px`;
    this.place();
  }

  private measure(): number {
    if (this.found.length === 0) return 1;
    const row = this.makeRow(0);
    this.body.append(row);
    const { height } = row.getBoundingClientRect();
    row.remove();
    return height || 1;
  }

  /** Adds the rows near the visible area, and removes the others. */
  private place(): void {
    const [first, last] = this.window();
    for (const [position, row] of this.shown) {
      if (position >= first && position < last) continue;
      row.remove();
      this.shown.delete(position);
    }
    for (let position = first; position < last; position += 1) {
      if (this.shown.has(position)) continue;
      const row = this.makeRow(position);
      if (!this.printing) row.style.top = `${position * this.rowHeight}px`;
      this.body.insertBefore(row, this.shown.get(position + 1) ?? null);
      this.shown.set(position, row);
    }
    this.markActive();
  }

  private window(): readonly [number, number] {
    const { length } = this.found;
    if (this.printing) return [0, Math.min(PRINTED_ROWS, length)];
    const above = -this.body.getBoundingClientRect().top;
    const first = Math.floor(above / this.rowHeight) - SPARE_ROWS;
    const last = Math.ceil((above + innerHeight) / this.rowHeight) + SPARE_ROWS;
    return [Math.max(0, Math.min(first, length)), Math.min(Math.max(SPARE_ROWS, last), length)];
  }

  private markActive(): void {
    this.table.removeAttribute("aria-activedescendant");
    for (const [position, row] of this.shown) {
      row.toggleAttribute("data-active", position === this.active);
      if (position === this.active) this.table.setAttribute("aria-activedescendant", row.id);
    }
  }

  private makeRow(position: number): HTMLElement {
    const record = this.rows.record(this.rowAt(position));
    const cells = this.columns.map(({ name, cell }) =>
      element("td", { role: "gridcell", class: name }, ...cell(record)),
    );
    return element(
      "tr",
      {
        role: "row",
        id: `row-${position}`,
        "data-position": position,
        "aria-rowindex": position + 2,
      },
      ...cells,
    );
  }

  private showHeading(): void {
    const row = byId("columns");
    const hadFocus = row.contains(document.activeElement);
    const headings = this.columns.map(({ name, heading }) =>
      name === "time"
        ? this.timeHeading(heading)
        : element("th", { role: "columnheader", class: name }, heading),
    );
    row.replaceChildren(...headings);
    if (hadFocus) row.querySelector("button")?.focus();
    const widths = (columns: readonly TableColumn[]) => columns.map(({ width }) => width).join(" ");
    this.table.style.setProperty("--columns", widths(this.columns));
    const narrow = this.columns.filter((column) => column.narrow);
    this.table.style.setProperty("--narrow-columns", widths(narrow));
  }

  private timeHeading(text: string): HTMLElement {
    const { newestFirst } = this;
    const order = button(
      { class: "order", "aria-label": `${text}: ${newestFirst ? "newest" : "oldest"} first` },
      () => this.chooser.change({ newestFirst: !newestFirst }),
      `${text} ${newestFirst ? "↓" : "↑"}`,
    );
    const sort = newestFirst ? "descending" : "ascending";
    return element("th", { role: "columnheader", class: "time", "aria-sort": sort }, order);
  }

  private onClick(event: Event): void {
    const row = event.target instanceof Element ? event.target.closest("[data-position]") : null;
    if (row) this.open(Number(row.getAttribute("data-position")));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.table || this.found.length === 0) return;
    const last = this.found.length - 1;
    const page = Math.max(1, Math.floor(innerHeight / this.rowHeight) - 4);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: last,
    };
    const move = moves[event.key];
    if (event.key === "Enter" || event.key === " ") this.open(this.active);
    else if (move === undefined) return;
    else {
      this.active = Math.min(last, Math.max(0, move));
      this.scrollTo(this.active);
    }
    event.preventDefault();
  }

  /** Height of the tools and the heading, which cover the top of the window. */
  private stickyHeight(): number {
    return byId("tools").offsetHeight + byId("columns").offsetHeight;
  }
}
