import type { Category } from "../report-data";
import type { Chooser, ChosenField, Span } from "./choice";
import { CHOSEN_FIELDS } from "./choice";
import { button, byId, count, element, lineOf, records, timeOf } from "./dom";
import type { Results } from "./results";

/** The timeline's legend; its entries choose classes. */
export function showCategories(results: Results, chooser: Chooser): void {
  const buttons = [...results.whole.categories.keys()].map((category) => {
    const number = element("span", { class: "number" });
    const control = button(
      { class: "category", "data-category": category.toLowerCase() },
      () => chooser.toggleCategory(category),
      element("span", { class: "dot" }),
      `${category} `,
      number,
    );
    return { category, control, number };
  });
  byId("categories").append(...buttons.map(({ control }) => control));
  results.onResult(({ choice, counts }) => {
    for (const { category, control, number } of buttons) {
      const found = counts.categories.get(category) ?? 0;
      number.textContent = count(found);
      control.setAttribute("aria-label", `${category}: ${records(found)}`);
      control.setAttribute("aria-pressed", String(choice.categories.has(category)));
    }
  });
}

/** The chosen filters, with buttons that remove them. */
export function showChosen(results: Results, chooser: Chooser): void {
  const place = byId("chosen");
  const show = () => {
    const { categories, fields, span, rule, search } = chooser.current;
    const parts = [
      ...(rule === undefined ? [] : [ruleChip(results, chooser, rule)]),
      ...(span
        ? [chip(`Time: ${nameOfSpan(span)}`, () => chooser.change({ span: undefined }))]
        : []),
      ...[...categories].map((category) => categoryChip(chooser, category)),
      ...[...fields].map(([name, value]) => {
        const { label } = CHOSEN_FIELDS[name as ChosenField];
        const remove = () => chooser.toggleField(name as ChosenField, value);
        return chip(`${label}: ${lineOf(String(value))}`, remove);
      }),
    ];
    const hadFocus = place.contains(document.activeElement);
    const all = button({ class: "quiet" }, () => chooser.clear(), "Show all");
    place.replaceChildren(...parts, ...(parts.length > 0 || search !== "" ? [all] : []));
    // Otherwise the keyboard would continue at the top of the page.
    if (hadFocus) (place.querySelector("button") ?? byId("search")).focus();
  };
  chooser.onChange(show);
  show();
}

function categoryChip(chooser: Chooser, category: Category): HTMLElement {
  return chip(`Class: ${category}`, () => chooser.toggleCategory(category));
}

function ruleChip(results: Results, chooser: Chooser, rule: string): HTMLElement {
  const title = results.rules.find(({ id }) => id === rule)?.title ?? rule;
  return chip(`Rule: ${lineOf(title)}`, () => chooser.toggleRule(rule));
}

function chip(text: string, onClick: () => void): HTMLElement {
  return button(
    { class: "chip", "aria-label": `Remove the filter ${text}` },
    onClick,
    element("span", {}, text),
    element("span", { "aria-hidden": "true" }, "×"),
  );
}

/** `2026-11-22 17:50:00 to 17:55:00`. */
export function nameOfSpan({ from, to }: Span): string {
  const [start, end] = [from && timeOf(from), to && timeOf(to)];
  if (start === undefined || end === undefined) return start ? `since ${start}` : `before ${end}`;
  return `${start} to ${end.startsWith(start.slice(0, 10)) ? end.slice(11) : end}`;
}

/** The rules' buttons, which the page contains in the order of the data. */
export function activateRules(results: Results, chooser: Chooser): void {
  const buttons = [...document.querySelectorAll<HTMLElement>("#notable .rule")];
  const controls = results.rules.map(({ id }, index) => ({ id, control: buttons[index] }));
  for (const { id, control } of controls) {
    control?.addEventListener("click", () => {
      chooser.toggleRule(id);
      if (chooser.current.rule === id) byId("records").scrollIntoView({ block: "start" });
    });
  }
  results.onResult(({ choice }) => {
    for (const { id, control } of controls) {
      control?.setAttribute("aria-pressed", String(choice.rule === id));
    }
  });
}
