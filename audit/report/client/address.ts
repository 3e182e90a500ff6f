import { CATEGORIES, type Value } from "../report-data";
import { ALL, type Choice, CHOSEN_FIELDS, type Chooser, type ChosenField } from "./choice";

const FIELDS = Object.entries(CHOSEN_FIELDS) as [ChosenField, { readonly key: string }][];
/** While the user types, the address is changed after this pause: browsers limit how often it may be. */
const TYPING_PAUSE_MILLISECONDS = 300;

/**
 * The choice as the fragment of an address, without `#`: `user=alice&class=DDL,ROLE&q=drop&from=2026-11-22T08:00:00Z`.
 * The keys are those of the command's options where it has them.
 */
export function encodeChoice(choice: Choice): string {
  const { search, categories, fields, span, rule, newestFirst } = choice;
  const values: (readonly [key: string, value: string | undefined])[] = [
    ...FIELDS.map(([name, { key }]) => [key, textOf(fields.get(name))] as const),
    ["class", categories.size > 0 ? [...categories].join(",") : undefined],
    ["rule", rule],
    ["q", search === "" ? undefined : search],
    ["from", span?.from?.replace(".000Z", "Z")],
    ["to", span?.to?.replace(".000Z", "Z")],
    ["order", newestFirst ? undefined : "oldest"],
  ];
  return values
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${readable(value)}`]))
    .join("&");
}

/** The choice of a fragment; what isn't understood is left out. */
export function decodeChoice(fragment: string): Choice {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const classes = values.get("class")?.split(",") ?? [];
  const [from, to] = [timeOf(values.get("from")), timeOf(values.get("to"))];
  return {
    search: values.get("q") ?? "",
    categories: new Set(CATEGORIES.filter((category) => classes.includes(category))),
    fields: new Map(
      FIELDS.flatMap(([name, { key }]) => {
        const text = values.get(key);
        const value = name === "process_id" && text !== null ? Number(text) : text;
        return value === null || Number.isNaN(value) ? [] : [[name, value] as const];
      }),
    ),
    span: from === undefined && to === undefined ? undefined : { from, to },
    rule: values.get("rule") ?? undefined,
    newestFirst: values.get("order") === "oldest" ? false : ALL.newestFirst,
  };
}

/** Takes the choice from the page's address, and keeps both equal. */
export class Address {
  private isTyping = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private searched: string;

  constructor(private readonly chooser: Chooser) {
    this.read();
    this.searched = chooser.current.search;
    chooser.onChange(({ search }) => {
      // All that is typed at once is one step back.
      const wasTyping = this.isTyping;
      this.isTyping = search !== this.searched;
      this.searched = search;
      clearTimeout(this.timer);
      const write = () => this.write(wasTyping && this.isTyping);
      if (this.isTyping) this.timer = setTimeout(write, TYPING_PAUSE_MILLISECONDS);
      else this.write(false);
    });
    // Back, forward, and an address that the user changed.
    addEventListener("hashchange", () => this.read());
  }

  private read(): void {
    clearTimeout(this.timer);
    const choice = decodeChoice(location.hash);
    if (encodeChoice(choice) !== encodeChoice(this.chooser.current)) this.chooser.change(choice);
  }

  private write(replaces: boolean): void {
    const fragment = encodeChoice(this.chooser.current);
    if (fragment === encodeChoice(decodeChoice(location.hash))) return;
    const [page = ""] = location.href.split("#");
    const address = fragment === "" ? page : `${page}#${fragment}`;
    if (replaces) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
  }
}

/** Encodes only what would be misread in a fragment. */
function readable(value: string): string {
  const wellFormed = value.replace(/\p{Cs}/gu, "\ufffd");
  return encodeURIComponent(wellFormed).replace(/%(3A|2C|2F|20)/g, (code) =>
    code === "%20" ? "+" : decodeURIComponent(code),
  );
}

function textOf(value: Value | undefined): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

/** As in records: UTC with milliseconds. */
function timeOf(text: string | null): string | undefined {
  const time = new Date(text ?? "");
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
