import type { Notify } from "../../common/notify";
import { formatCount } from "../output/tally";
import { LEVELS } from "./finding";
import { KnownFile } from "./first-sight";
import { Notables } from "./notables";
import { PACK, readRules } from "./rule-files";

/** What the command line says of rules. */
export interface RuleOptions {
  /** Folders with rules, besides the reader's own. */
  readonly folders: readonly string[];
  /** The file of known users and client addresses. */
  readonly knownFile?: string;
  /** Whether a notice says how many findings there are. */
  readonly isCounted: boolean;
}

export interface OpenRules {
  readonly notables: Notables;
  /**
   * Notifies of the number of findings, and writes the file of known users and clients.
   * @param isWhole whether everything was read and written; otherwise the file stays as it is
   */
  finish(isWhole: boolean): Promise<void>;
}

/** @throws UserError for rules or a file of known users that can't be used */
export async function openRules(
  { folders, knownFile, isCounted }: RuleOptions,
  notify: Notify,
): Promise<OpenRules> {
  const source = await readRules([PACK, ...folders]);
  const file = knownFile === undefined ? undefined : new KnownFile(knownFile);
  const baseline = file?.read();
  const notables = new Notables({ source, baseline });
  const { inactiveRules } = notables;
  if (inactiveRules.length > 0) {
    notify(`rules that aren't applied, because of their status: ${inactiveRules.join("; ")}`);
  }
  return {
    notables,
    async finish(isWhole) {
      if (isCounted) notify(countsOf(notables));
      const known = notables.allKnown();
      if (!file || !known || !isWhole) return;
      await file.write(known);
      if (!baseline?.exists) {
        notify(
          `${knownFile} is written; the next reading finds users and client addresses that aren't in it`,
        );
      }
    },
  };
}

/** For example: 5 notable: 1 critical, 4 high. */
function countsOf(notables: Notables): string {
  const hits = notables.list();
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const levels = [...LEVELS].reverse().flatMap((level) => {
    const count = sum(hits.filter((hit) => hit.level === level).map((hit) => hit.count));
    return count > 0 ? [`${formatCount(count)} ${level}`] : [];
  });
  if (levels.length === 0) return `nothing notable, by ${notables.size} rules`;
  return `${formatCount(sum(hits.map(({ count }) => count)))} notable: ${levels.join(", ")}`;
}
