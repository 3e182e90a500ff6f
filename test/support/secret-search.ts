import { shellQuote } from "../../common/shell-quote";
import { describeNeedle, type Needle } from "./secret-needles";

/** A file that contains a secret. */
export interface Finding {
  readonly file: string;
  /** The secret's name and form. */
  readonly what: string;
}

/** What the search reads on standard input: no secret is in its arguments. */
export const searchInput = (needles: readonly Needle[]): string =>
  needles.map(({ text }) => `${text}\n`).join("");

/**
 * A command line that searches folders and files; `findings` reads its output.
 * @param skipped names of folders that are left out @default none
 */
export const searchCommand = (
  places: readonly string[],
  { sudo = "", skipped = [] }: { sudo?: string; skipped?: readonly string[] } = {},
): string =>
  `LC_ALL=C ${sudo} grep --recursive --text --only-matching --fixed-strings --with-filename --null ` +
  `--devices=skip ${skipped.map((name) => `--exclude-dir=${name} `).join("")}--file=- -- ${places.map(shellQuote).join(" ")} 2>/dev/null || true`;

/** The same for the whole systemd journal, whose files are compressed. */
export const JOURNAL_SEARCH =
  "sudo bash -c 'LC_ALL=C grep --text --only-matching --fixed-strings --with-filename --null --label=journal " +
  "--file=/dev/fd/3 - 3<&0 < <(journalctl --no-pager --output=export) || true'";

/** The findings in the output of a search, each once. */
export function findings(output: string, needles: readonly Needle[]): Finding[] {
  const byText = new Map(needles.map((needle) => [needle.text, needle]));
  const found = new Map<string, Finding>();
  for (const line of output.split("\n").filter((each) => each.includes("\0"))) {
    const [file = "", text = ""] = line.split("\0");
    const needle = byText.get(text);
    const what = needle ? describeNeedle(needle) : "an unknown text";
    found.set(`${file}\0${what}`, { file, what });
  }
  return [...found.values()];
}

/** Without those in files where the secrets belong. */
export const leaks = (found: readonly Finding[], homes: readonly RegExp[]): string[] =>
  found
    .filter(({ file }) => !homes.some((home) => home.test(file)))
    .map(({ file, what }) => `${file}: ${what}`);
