import { UserError } from "../../common/user-error";
import { type PartName, type PartReport } from "./supervision/part";

/** The parts with a process of their own, by the word of `./lab restart` and of its route. */
export const RESTARTABLE = {
  azurite: "Azurite",
  postgres: "PostgreSQL",
  gateway: "PostgreSQL gateway",
  vm: "VM",
} as const satisfies Readonly<Record<string, PartName>>;

export type RestartWord = keyof typeof RESTARTABLE;

type Known = Pick<PartReport, "name" | "instance">;

/** Undefined for a part in local Azure's own process. */
export const restartWord = ({ name }: Known): RestartWord | undefined =>
  (Object.keys(RESTARTABLE) as RestartWord[]).find((word) => RESTARTABLE[word] === name);

/** The route that restarts one part. @param instance which one of several */
export function restartRoute(word: RestartWord, instance?: string): string {
  const query = instance === undefined ? "" : `?instance=${encodeURIComponent(instance)}`;
  return `restart/${word}${query}`;
}

/** What a person types to restart a part: `./lab restart vm`, with its name where there are several. */
export function restartCommand(part: Known, reports: readonly Known[]): string {
  const { name, instance = "" } = part;
  const all = instancesOf(name, reports);
  const choice = all.length > 1 ? [shortName(instance, all)] : [];
  const words = [restartWord(part) ?? "azure", ...choice];
  return `./lab restart ${words.join(" ")}`;
}

/**
 * The part that a person means.
 * @param wanted a server's name; a VM's name or `<resource group>/<name>`; unneeded where there is one part only
 * @throws UserError that lists the names
 */
export function partToRestart<T extends Known>(
  word: RestartWord,
  wanted: string | undefined,
  reports: readonly T[],
): T {
  const name = RESTARTABLE[word];
  const parts = reports.filter((report) => report.name === name);
  const found = parts.filter(
    ({ instance = word }) => wanted === undefined || isNamed(instance, wanted),
  );
  const [part] = found;
  if (part && found.length === 1) return part;
  if (parts.length === 0) {
    throw new UserError(`Local Azure has no ${name} now. \`./lab status\` shows what there is.`);
  }
  const problem =
    wanted === undefined
      ? `There are ${parts.length} parts "${name}", and one is restarted at a time.`
      : `${found.length === 0 ? "No" : "More than one"} part "${name}" has the name ${wanted}.`;
  const commands = parts.map((each) => `  ${restartCommand(each, parts)}`).sort();
  throw new UserError([`${problem} Give one of these commands:`, ...commands].join("\n"));
}

const instancesOf = (name: PartName, reports: readonly Known[]): string[] =>
  reports.flatMap((report) => (report.name === name ? (report.instance ?? []) : []));

/** Azure's names ignore the case. */
const isNamed = (instance: string, wanted: string): boolean =>
  `/${instance}`.endsWith(`/${wanted.toLowerCase()}`);

/** A VM's name without its group, where that is enough. */
function shortName(instance: string, all: readonly string[]): string {
  const name = instance.slice(instance.lastIndexOf("/") + 1);
  return all.filter((other) => isNamed(other, name)).length === 1 ? name : instance;
}
