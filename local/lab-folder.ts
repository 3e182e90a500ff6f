import * as fs from "node:fs";
import * as path from "node:path";
import { systemReason } from "../common/system-reason";
import { UserError } from "../common/user-error";
import { DEFAULT_ROOT, type LabPaths } from "./paths";

/**
 * Characters that the paths of a lab can't contain: `:` separates the folders in PATH, where Pulumi's CLI is, and the state's
 * URL (`file://...`) gives `%`, `?` and `#` another meaning. The package repository's server finds no file below a `\`.
 */
const UNSUPPORTED = /[:%?#\\\p{Cc}]/u;

/**
 * Checks the folder of a lab, before a command reads or removes anything in it.
 * @throws UserError for a name that can't be used, and for a folder with other things than a lab: `./lab down` removes
 * `logs`, `run` and `azure` below it, whoever made them
 */
export function requireLabFolder(paths: LabPaths, defaultRoot = DEFAULT_ROOT): void {
  const { root } = paths;
  const character = UNSUPPORTED.exec(root)?.[0];
  if (character !== undefined) {
    throw new UserError(
      `The lab's folder is ${JSON.stringify(root)}; its path can't contain ${JSON.stringify(character)}. Set LAB_DIR to another folder.`,
    );
  }
  const foreign = root === defaultRoot ? [] : foreignEntries(paths);
  if (foreign.length > 0) {
    throw new UserError(
      `LAB_DIR is ${root}, which isn't a lab's folder: it contains ${foreign.slice(0, 3).join(", ")}` +
        `${foreign.length > 3 ? ` and ${foreign.length - 3} more` : ""}. Name a folder that is empty or doesn't exist yet; the lab removes files there.`,
    );
  }
}

/** The folder's entries, if they aren't those of a lab. */
function foreignEntries(paths: LabPaths): string[] {
  if (fs.existsSync(paths.clientSecret)) return [];
  const own = Object.values(paths as unknown as Record<string, unknown>)
    .flat()
    .filter((place) => typeof place === "string")
    .map((place) => path.relative(paths.root, place).split(path.sep)[0]);
  // A lock's holder and an unfinished build have the name with a further suffix.
  const isOwn = (entry: string) => own.some((name) => name && `${entry}.`.startsWith(`${name}.`));
  return entriesOf(paths.root).filter((entry) => !isOwn(entry));
}

function entriesOf(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new UserError(
      `LAB_DIR is ${folder}, which can't be read as a folder: ${systemReason(error)}. Name another one.`,
    );
  }
}

/** Creates the lab's folder where it is missing. @throws UserError where this user can't write in it */
export function ensureLabFolder({ root }: Pick<LabPaths, "root">): void {
  try {
    createFolder(root);
    fs.accessSync(root, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    throw new UserError(
      `The lab's folder ${root} can't be written: ${systemReason(error)}. Set LAB_DIR to a folder of yours, or run this as its owner.`,
    );
  }
}

/** Not `recursive`: Node.js 20 tries forever where the system refuses a folder with ENOENT, as in /proc. */
function createFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  createFolder(path.dirname(folder));
  fs.mkdirSync(folder);
}
