import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../common/user-error";
import { isMap, type YamlMap } from "./sigma/detection";
import type { Lists } from "./sigma/field-item";

/** The rules that come with the reader. In a bundled program, too, `__dirname` must be this file's folder. */
export const PACK = path.join(__dirname, "pack");

/** A rule as it is in its file; plain data. */
export interface RuleDocument {
  readonly file: string;
  readonly id: string;
  readonly data: YamlMap;
}

/** The rules to apply, as plain data: threads compile their own. */
export interface RuleSource {
  readonly documents: readonly RuleDocument[];
  readonly lists: Lists;
}

/**
 * Reads folders of rules, also the folders in them: the files `*.yml` and `*.yaml`, each with one or more rules, and lists of values, `NAME.txt`.
 * A rule replaces one of an earlier folder that has its id; a list replaces an earlier one of its name.
 * @throws UserError that names every problem
 */
export async function readRules(folders: readonly string[]): Promise<RuleSource> {
  const documents = new Map<string, RuleDocument>();
  const lists: Record<string, readonly string[]> = {};
  const problems: string[] = [];
  for (const folder of folders) {
    const ofFolder = new Map<string, RuleDocument>();
    for (const file of filesOf(folder)) {
      const text = fs.readFileSync(file, "utf8");
      if (file.endsWith(".txt")) {
        lists[path.basename(file, ".txt")] = listOf(text);
        continue;
      }
      for (const document of await documentsOf(file, text, problems)) {
        const twin = ofFolder.get(document.id);
        if (twin)
          problems.push(`${file}: ${twin.file} has a rule with the same id, ${document.id}`);
        ofFolder.set(document.id, document);
      }
    }
    for (const [id, document] of ofFolder) documents.set(id, document);
  }
  if (problems.length > 0) throw rulesError(problems);
  return { documents: [...documents.values()], lists };
}

export const rulesError = (problems: readonly string[]): UserError =>
  new UserError(["The rules can't be used:", ...problems.map((line) => `  ${line}`)].join("\n"));

function filesOf(folder: string): string[] {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError(`--rules is ${folder}, which isn't a folder.`);
  }
  const names = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => /\.(ya?ml|txt)$/.test(name));
  if (files.length === 0) {
    throw new UserError(`--rules is ${folder}, which has no rules (*.yml) and no lists (*.txt).`);
  }
  return files.sort().map((name) => path.join(folder, name));
}

/** One value in each line; a line that begins with # is a comment. */
function listOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

async function documentsOf(
  file: string,
  text: string,
  problems: string[],
): Promise<readonly RuleDocument[]> {
  // Only the commands that use rules load the parser.
  const { parseAllDocuments } = await import("yaml");
  const parsed = parseAllDocuments(text);
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((document, index) => {
    const [error] = document.errors;
    if (error) problems.push(`${file}: ${error.message.split("\n")[0]}`);
    if (error) return [];
    const data: unknown = document.toJS();
    if (data === null) return [];
    if (!isMap(data)) {
      problems.push(`${file}: it isn't a rule, but ${JSON.stringify(data).slice(0, 40)}`);
      return [];
    }
    return [{ file, id: idOf(data) ?? `${file}#${index + 1}`, data }];
  });
}

/** Sigma recommends an id; a rule without one can't be replaced. */
function idOf({ id, name }: YamlMap): string | undefined {
  return [id, name].find((value) => typeof value === "string");
}
