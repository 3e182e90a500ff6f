import type { LogRecord } from "../record";
import { Bursts, type CorrelationEvents } from "./bursts";
import { type Finding, findingOf } from "./finding";
import { type Baseline, FirstSights, type Known, type Sights } from "./first-sight";
import type { RecordRule, RuleSet } from "./rule-set";
import { compile, type RecordTest, type Shape, specialize } from "./sigma/expression";

/** What is decided at the end of the trail; plain data, for messages between threads. */
export interface LateEvents {
  /** For each correlation, in the order of the rules. */
  readonly correlations: readonly CorrelationEvents[];
  readonly sights?: Sights;
}

/** A rule for records of one shape: what their kind, class and command leave open. */
interface Check {
  readonly rule: RecordRule;
  readonly test: RecordTest;
  readonly bursts: readonly Bursts[];
}

/** So many shapes are kept; a trail has some dozens, unless it is forged. */
const MAX_SHAPES = 4096;

/** Applies rules to records. */
export class RuleEngine {
  private readonly bursts: readonly Bursts[];
  private readonly sights: FirstSights | undefined;
  private readonly shapes = new Map<string, readonly Check[]>();
  /** The previous record's: the next one often has the same. */
  private shape: Shape | undefined;
  private checks: readonly Check[] = [];

  /**
   * @param baseline undefined: new users and clients aren't found
   * @param onFinding receives the findings of single records at once, the others from `end`
   */
  constructor(
    private readonly rules: RuleSet,
    baseline: Baseline | undefined,
    private readonly onFinding: (finding: Finding) => void,
  ) {
    this.bursts = rules.correlations.map((rule) => new Bursts(rule));
    this.sights = baseline && new FirstSights(baseline);
  }

  add(record: LogRecord): void {
    for (const { rule, test, bursts } of this.checksOf(record)) {
      if (!test(record)) continue;
      if (rule.isReported) this.onFinding(findingOf(rule, record));
      for (const collector of bursts) collector.add(record, rule);
    }
    this.sights?.add(record);
  }

  /** Returns what `end` would decide, and forgets it. */
  takeLate(): LateEvents {
    return {
      correlations: this.bursts.map((bursts) => bursts.take()),
      sights: this.sights?.take(),
    };
  }

  /** Adds the events of another thread, of a later part of the trail. */
  addLate({ correlations, sights }: LateEvents): void {
    for (const [index, events] of correlations.entries()) this.bursts[index]?.addEvents(events);
    if (sights) this.sights?.addSights(sights);
  }

  /** Finds bursts and first sights, in the order of time. */
  end(): void {
    const findings = [
      ...this.bursts.flatMap((bursts) => bursts.findings()),
      ...(this.sights?.findings() ?? []),
    ];
    findings.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const finding of findings) this.onFinding(finding);
  }

  /** The known users and clients and those of this reading. */
  allKnown(): Known | undefined {
    return this.sights?.all();
  }

  private checksOf(record: LogRecord): readonly Check[] {
    const { kind, class: className, command } = record;
    const { shape } = this;
    if (shape?.command !== command || shape.class !== className || shape.kind !== kind) {
      this.shape = { kind, class: className, command };
      this.checks = this.checksOfShape(this.shape);
    }
    return this.checks;
  }

  private checksOfShape(shape: Shape): readonly Check[] {
    const key = `${shape.kind}\0${shape.class ?? "\0"}\0${shape.command ?? "\0"}`;
    let checks = this.shapes.get(key);
    if (!checks) {
      checks = this.newChecks(shape);
      if (this.shapes.size >= MAX_SHAPES) this.shapes.clear();
      this.shapes.set(key, checks);
    }
    return checks;
  }

  private newChecks(shape: Shape): readonly Check[] {
    return this.rules.records.flatMap((rule) => {
      const expression = specialize(rule.expression, shape);
      if (expression.kind === "constant" && !expression.value) return [];
      const bursts = this.bursts.filter((_, index) =>
        this.rules.correlations[index]?.of.includes(rule),
      );
      return [{ rule, test: compile(expression), bursts }];
    });
  }
}
