import { type EngineEvent } from "@pulumi/pulumi/automation";
import { stripVTControlCharacters } from "node:util";

/** What the engine has reported of one update or `destroy`. */
export class EngineProgress {
  private readonly done = new Set<string>();
  private last = "";
  private readonly errors: string[] = [];
  private changes: Readonly<Record<string, number>> = {};

  /** Takes the next event of the engine. */
  take(event: EngineEvent): void {
    const { resourcePreEvent: begun, resOutputsEvent: ended } = event;
    if (begun && begun.metadata.op !== "refresh") this.last = nameOf(begun.metadata.urn);
    if (ended && ended.metadata.op !== "refresh") this.done.add(ended.metadata.urn);
    if (event.diagnosticEvent?.severity === "error") this.note(event.diagnosticEvent.message);
    if (event.policyEvent?.enforcementLevel === "mandatory") this.note(event.policyEvent.message);
    if (event.summaryEvent) this.changes = event.summaryEvent.resourceChanges;
  }

  /** `12 resources done, now vm`; empty before the first. */
  get state(): string {
    const { size } = this.done;
    if (size === 0) return "";
    const now = this.last === "" ? "" : `, now ${this.last}`;
    return `${size} resource${size === 1 ? "" : "s"} done${now}`;
  }

  /** What was changed: `45 created`; `unchanged`. */
  get summary(): string {
    const changes = Object.entries(this.changes).filter(([op]) => op in WORDS);
    return changes.map(([op, count]) => `${count} ${WORDS[op]}`).join(", ") || "unchanged";
  }

  /** The engine's first message of an error, on one line; undefined without any. */
  get reason(): string | undefined {
    return this.errors[0];
  }

  private note(message: string): void {
    const text = plain(message);
    if (text !== "") this.errors.push(text);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
};

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

/** Without the engine's marks for colours, such as `<{%reset%}>`. */
const plain = (message: string): string =>
  stripVTControlCharacters(message)
    .replaceAll(/<\{%[^%]*%\}>/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
