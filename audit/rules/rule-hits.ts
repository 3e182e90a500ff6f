import { type Finding, isAtLeast, type Level, LEVELS, type RuleInfo } from "./finding";

/** The findings of a rule: plain data, for the summary, the report and messages between threads. */
export interface RuleHit extends RuleInfo {
  /** Number of findings. */
  readonly count: number;
  /** Time of the oldest and of the newest record. */
  readonly first: string;
  readonly last: string;
}

/** Counts findings by rule. */
export class RuleHits {
  private readonly hits = new Map<string, RuleHit>();

  add(finding: Finding): void {
    const { rule_id: id, rule: title, level, time, last_time: lastTime } = finding;
    const last = lastTime ?? time;
    this.addHit({ id, title, level, count: 1, first: time, last });
  }

  /** Adds the counts of another thread. */
  addHit(added: RuleHit): void {
    const known = this.hits.get(added.id);
    if (!known) {
      this.hits.set(added.id, added);
      return;
    }
    this.hits.set(added.id, {
      ...known,
      count: known.count + added.count,
      first: added.first < known.first ? added.first : known.first,
      last: added.last > known.last ? added.last : known.last,
    });
  }

  /** The rules with findings, most severe first; those of the same level by number, then by title. */
  list(): RuleHit[] {
    const rank = ({ level }: RuleHit) => LEVELS.indexOf(level);
    return [...this.hits.values()].sort(
      (a, b) => rank(b) - rank(a) || b.count - a.count || (a.title < b.title ? -1 : 1),
    );
  }

  /** Whether a rule of this level or a higher one has findings. */
  hasLevel(least: Level): boolean {
    return this.list().some(({ level }) => isAtLeast(level, least));
  }
}
