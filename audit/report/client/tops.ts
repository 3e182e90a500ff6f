import { TOP_GROUPS, type TopGroup, type TopValues } from "../report-data";
import type { Chooser } from "./choice";
import { button, byId, count, element, lineOf, records } from "./dom";
import type { Results } from "./results";

/** Values that are visible before the user opens the others. */
const VALUES_SHOWN = 10;
/** Their charts are visible only if there are several values. */
const OPTIONAL_GROUPS: ReadonlySet<TopGroup> = new Set(["database", "server"]);

/** The most frequent users, objects, ..., as bars that choose them. */
export function showTops(results: Results, chooser: Chooser): void {
  const { top } = results.whole;
  for (const group of Object.keys(TOP_GROUPS) as TopGroup[]) {
    const place = byId(`top-${group}`);
    const card = place.closest("section");
    if (card) card.hidden = OPTIONAL_GROUPS.has(group) && top[group].shown.length < 2;
    const chart = new TopChart(place, group, chooser);
    results.onResult(({ counts }) => chart.show(counts.top[group]));
  }
}

class TopChart {
  private isOpen = false;

  constructor(
    private readonly place: HTMLElement,
    private readonly group: TopGroup,
    private readonly chooser: Chooser,
  ) {}

  show(values: TopValues): void {
    const { shown, otherValues, otherRecords } = values;
    const focused = this.place.contains(document.activeElement)
      ? document.activeElement?.getAttribute("data-value")
      : undefined;
    const visible = this.isOpen ? shown : shown.slice(0, VALUES_SHOWN);
    const most = shown[0]?.records ?? 0;
    const list = visible.map(({ value, records: number }) =>
      element("li", {}, this.bar(value ?? "", number, number / most)),
    );
    this.place.replaceChildren(element("ol", { class: "top-values" }, ...list));
    if (shown.length === 0) this.place.replaceChildren(hint("The records contain none."));
    if (shown.length > VALUES_SHOWN) this.place.append(this.opener(values));
    if (otherValues > 0 && (this.isOpen || shown.length <= VALUES_SHOWN)) {
      this.place.append(
        hint(
          `and ${count(otherValues)} more, with ${records(otherRecords)}, which a search or another filter shows`,
        ),
      );
    }
    if (focused !== undefined) this.focus(focused);
  }

  private bar(value: string, number: number, share: number): HTMLElement {
    const field = TOP_GROUPS[this.group];
    const { fields } = this.chooser.current;
    const bar = element("span", { class: "bar" });
    bar.style.width = `${share * 100}%`;
    const name = lineOf(value);
    return button(
      {
        ...{ class: "top-value", title: name, "data-value": value },
        "aria-label": `${name}: ${records(number)}`,
        "aria-pressed": String(fields.get(field) === value),
      },
      () => this.chooser.toggleField(field, value),
      element("span", { class: "named" }, bar, element("span", { class: "name" }, name)),
      " ",
      element("span", { class: "number" }, count(number)),
    );
  }

  /** Shows the other values, and hides them again. */
  private opener(values: TopValues): HTMLElement {
    const hidden = values.shown.slice(VALUES_SHOWN);
    const number = hidden.length + values.otherValues;
    const total = hidden.reduce((sum, value) => sum + value.records, values.otherRecords);
    const text = this.isOpen
      ? `show the first ${VALUES_SHOWN} only`
      : `and ${count(number)} more, with ${records(total)}`;
    const toggle = () => {
      this.isOpen = !this.isOpen;
      this.show(values);
    };
    const attributes = { class: "link more", "aria-expanded": String(this.isOpen) };
    return button({ ...attributes, "data-value": "" }, toggle, text);
  }

  /** The button that had the focus was replaced by one for the same value. */
  private focus(value: string | null): void {
    for (const control of this.place.querySelectorAll<HTMLElement>("button")) {
      if (control.getAttribute("data-value") === value) control.focus();
    }
  }
}

function hint(text: string): HTMLElement {
  return element("p", { class: "hint" }, text);
}
