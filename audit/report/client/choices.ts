import type { FieldName } from "../../record";
import {
  type ReportData,
  type TimelineData,
  TOP_GROUPS,
  type TopGroup,
  type TopValues,
} from "../report-data";
import type { Chooser } from "./choice";
import { button, byId, count, element, lineOf, records } from "./dom";
import { nameOfSpan, totalOf } from "./timeline-chart";

/** Names of fields for people. */
export const FIELD_NAMES: Readonly<Partial<Record<FieldName, string>>> = {
  user_name: "User",
  object_name: "Object",
  command: "Command",
  database_name: "Database",
  application_name: "Application",
  client: "Client",
  server: "Server",
  process_id: "Process",
  session_id: "Session",
};

/** The timeline's legend; its entries choose classes. */
export function showCategories({ series }: TimelineData, chooser: Chooser): void {
  const buttons = series.map(({ category, counts }) => {
    const total = totalOf(counts);
    const control = button(
      {
        class: "category",
        "data-category": category.toLowerCase(),
        "aria-label": `${category}: ${records(total)}`,
      },
      () => chooser.toggleCategory(category),
      element("span", { class: "dot" }),
      category,
      element("span", { class: "number" }, count(total)),
    );
    return { category, control };
  });
  byId("categories").append(...buttons.map(({ control }) => control));
  const mark = () => {
    for (const { category, control } of buttons) {
      control.setAttribute("aria-pressed", String(chooser.current.categories.has(category)));
    }
  };
  chooser.onChange(mark);
  mark();
}

/** The most frequent users, objects and commands, as bars that choose them. */
export function showTops({ top }: Pick<ReportData, "top">, chooser: Chooser): void {
  for (const group of Object.keys(TOP_GROUPS) as TopGroup[]) {
    showTop(byId(`top-${group}`), TOP_GROUPS[group], top[group], chooser);
  }
}

function showTop(place: HTMLElement, field: FieldName, values: TopValues, chooser: Chooser): void {
  if (values.shown.length === 0) {
    place.append(element("p", { class: "hint" }, "The records contain none."));
    return;
  }
  const most = Math.max(...values.shown.map(({ records: number }) => number));
  const buttons = values.shown.map(({ value, records: number }) => {
    const bar = element("span", { class: "bar" });
    bar.style.width = `${(number / most) * 100}%`;
    const name = lineOf(value ?? "");
    const control = button(
      { class: "top-value", title: name, "aria-label": `${name}: ${records(number)}` },
      () => chooser.toggleField(field, value),
      element("span", { class: "named" }, bar, element("span", { class: "name" }, name)),
      element("span", { class: "number" }, count(number)),
    );
    return { value, control };
  });
  const list = buttons.map(({ control }) => element("li", {}, control));
  place.append(element("ol", { class: "top-values" }, ...list));
  if (values.otherValues > 0) {
    const others = `and ${count(values.otherValues)} more, with ${records(values.otherRecords)}`;
    place.append(element("p", { class: "hint" }, others));
  }
  const mark = () => {
    const { fields } = chooser.current;
    for (const { value, control } of buttons) {
      control.setAttribute(
        "aria-pressed",
        String(fields.has(field) && fields.get(field) === value),
      );
    }
  };
  chooser.onChange(mark);
  mark();
}

/** The chosen filters, with buttons that remove them. */
export function showChosen(chooser: Chooser): void {
  const place = byId("chosen");
  const show = () => {
    const { categories, fields, span, search } = chooser.current;
    const parts = [
      ...(span
        ? [chip(`Time: ${nameOfSpan(span)}`, () => chooser.change({ span: undefined }))]
        : []),
      ...[...categories].map((category) =>
        chip(`Class: ${category}`, () => chooser.toggleCategory(category)),
      ),
      ...[...fields].map(([name, value]) =>
        chip(`${FIELD_NAMES[name] ?? name}: ${lineOf(String(value ?? "none"))}`, () =>
          chooser.toggleField(name, value),
        ),
      ),
    ];
    const all = button({ class: "quiet" }, () => chooser.clear(), "Show all");
    place.replaceChildren(...parts, ...(parts.length > 0 || search !== "" ? [all] : []));
  };
  chooser.onChange(show);
  show();
}

function chip(text: string, onClick: () => void): HTMLElement {
  return button(
    { class: "chip", "aria-label": `Remove the filter ${text}` },
    onClick,
    element("span", {}, text),
    element("span", { "aria-hidden": "true" }, "×"),
  );
}
