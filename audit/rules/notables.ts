import type { LogRecord } from "../record";
import type { Finding, Level } from "./finding";
import type { Baseline, Known } from "./first-sight";
import { type LateEvents, RuleEngine } from "./rule-engine";
import type { RuleSource } from "./rule-files";
import { type RuleHit, RuleHits } from "./rule-hits";
import { compileRules } from "./rule-set";

/** What threads need to apply the rules; plain data. */
export interface RulesSetup {
  readonly source: RuleSource;
  /** Undefined: new users and clients aren't found. */
  readonly baseline?: Baseline;
}

/** What a thread has found in a part of the trail; plain data. */
export interface RulesPart {
  readonly hits: readonly RuleHit[];
  readonly late: LateEvents;
}

/** The findings of a reading: counts them by rule, and passes each on. */
export class Notables {
  private readonly hits = new RuleHits();
  private readonly engine: RuleEngine;
  private readonly listeners: ((finding: Finding) => void)[] = [];
  /** Titles of the rules that aren't applied because of their status. */
  readonly inactiveRules: readonly string[];
  /** Number of rules. */
  readonly size: number;

  /** @throws UserError for rules that can't be applied */
  constructor(readonly setup: RulesSetup) {
    const rules = compileRules(setup.source);
    this.inactiveRules = rules.inactive;
    this.size =
      rules.records.filter(({ isReported }) => isReported).length + rules.correlations.length;
    this.engine = new RuleEngine(rules, setup.baseline, (finding) => this.addFinding(finding));
  }

  /** @param listener receives each finding as soon as it is known; that of a record before its output */
  listen(listener: (finding: Finding) => void): void {
    this.listeners.push(listener);
  }

  add(record: LogRecord): void {
    this.engine.add(record);
  }

  /** Adds a finding that isn't a rule's, such as a gap in the trail. */
  addFinding(finding: Finding): void {
    this.hits.add(finding);
    for (const listener of this.listeners) listener(finding);
  }

  /** Adds what a thread has found; in the order of the trail. Listeners don't receive it. */
  addPart({ hits, late }: RulesPart): void {
    for (const hit of hits) this.hits.addHit(hit);
    this.engine.addLate(late);
  }

  /** Finds what only the whole trail shows: bursts and first sights. */
  end(): void {
    this.engine.end();
  }

  /** The rules with findings, most severe first. */
  list(): readonly RuleHit[] {
    return this.hits.list();
  }

  /** Whether a rule of this level or a higher one has findings. */
  hasLevel(least: Level): boolean {
    return this.hits.hasLevel(least);
  }

  /** The known users and clients and those of this reading; undefined without a baseline. */
  allKnown(): Known | undefined {
    return this.engine.allKnown();
  }
}

/** Applies the rules in a thread. */
export class NotablesOfThread {
  private readonly engine: RuleEngine;
  private hits = new RuleHits();

  constructor({ source, baseline }: RulesSetup) {
    this.engine = new RuleEngine(compileRules(source), baseline, (finding) =>
      this.hits.add(finding),
    );
  }

  add(record: LogRecord): void {
    this.engine.add(record);
  }

  /** Returns what was found, and forgets it. */
  takePart(): RulesPart {
    const part = { hits: this.hits.list(), late: this.engine.takeLate() };
    this.hits = new RuleHits();
    return part;
  }
}
