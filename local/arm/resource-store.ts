import { z } from "zod";
import { writeFile } from "../../common/files";
import { readJsonFile } from "../../common/json-file";
import { resourceKey } from "./resource-id";

/** A stored resource. */
const RECORD = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  /** Order of creation; resources are deleted in the reverse order. */
  order: z.number(),
  /** When it was created, in milliseconds since 1970. */
  createdAt: z.number().default(0),
  /** True during its deletion, which continues after a restart. */
  deleting: z.boolean().optional(),
  /** Everything else that GET shows: location, tags, sku, properties. Never a secret. */
  shown: z.record(z.string(), z.unknown()),
});

export type ResourceRecord = Readonly<z.infer<typeof RECORD>>;

const STATE = z.object({
  version: z.literal(1),
  resources: z.array(RECORD),
  /** By `<type>/<name>` of a deleted resource: until when Azure keeps the name, in milliseconds since 1970. */
  retainedNames: z.record(z.string(), z.number()).default({}),
});

/** All ARM resources of the lab, in one file that is written after each change. */
export class ResourceStore {
  private readonly records = new Map<string, ResourceRecord>();
  private retainedNames: Record<string, number> = {};
  private readonly listeners: (() => void)[] = [];

  /** @throws UserError if the file is damaged; it is not overwritten then */
  constructor(private readonly file: string) {
    const state = readJsonFile(file, STATE, {
      content: "the resources of local Azure",
      remedy: "Restore it, or delete the lab with `./lab down --force`, then start it again.",
    });
    if (!state) return;
    for (const record of state.resources) this.records.set(resourceKey(record.id), record);
    this.retainedNames = state.retainedNames;
  }

  get(id: string): ResourceRecord | undefined {
    return this.records.get(resourceKey(id));
  }

  /** All resources, oldest first. */
  all(): ResourceRecord[] {
    return [...this.records.values()].sort((a, b) => a.order - b.order);
  }

  ofType(type: string): ResourceRecord[] {
    return this.all().filter((record) => record.type.toLowerCase() === type.toLowerCase());
  }

  /** Resources whose id begins with this one, without the resource itself, oldest first. */
  below(id: string): ResourceRecord[] {
    const prefix = `${resourceKey(id)}/`;
    return this.all().filter((record) => resourceKey(record.id).startsWith(prefix));
  }

  put(record: Omit<ResourceRecord, "order" | "createdAt">): ResourceRecord {
    const {
      order = 1 + Math.max(0, ...this.all().map((other) => other.order)),
      createdAt = Date.now(),
    } = this.get(record.id) ?? {};
    const stored = { ...record, order, createdAt };
    this.records.set(resourceKey(record.id), stored);
    this.save();
    return stored;
  }

  setDeleting(id: string, deleting: boolean): void {
    const record = this.get(id);
    if (!record) return;
    this.records.set(resourceKey(id), { ...record, deleting: deleting || undefined });
    this.save();
  }

  delete(id: string): void {
    this.records.delete(resourceKey(id));
    this.save();
  }

  /** Remembers that until then no further resource of this type can have the name. */
  retainName(type: string, name: string, untilMilliseconds: number): void {
    this.retainedNames[nameKey(type, name)] = untilMilliseconds;
    this.save();
  }

  retainsName(type: string, name: string, nowMilliseconds: number): boolean {
    return nowMilliseconds < (this.retainedNames[nameKey(type, name)] ?? 0);
  }

  /** Calls back after each change. */
  onSave(listener: () => void): void {
    this.listeners.push(listener);
  }

  private save(): void {
    const state: z.infer<typeof STATE> = {
      version: 1,
      resources: this.all(),
      retainedNames: this.retainedNames,
    };
    writeFile(this.file, `${JSON.stringify(state, null, 1)}\n`);
    for (const listener of this.listeners) listener();
  }
}

const nameKey = (type: string, name: string): string => `${type}/${name}`.toLowerCase();
