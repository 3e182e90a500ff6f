import { type Parameters, remember, restore } from "../../../scripts/former-parameters";

const PRELOAD = "shared_preload_libraries";

/** A server with these values, in whose state a static parameter's change is pending. */
class FakeServer implements Parameters {
  readonly values: Map<string, { value: string; source: string }>;
  readonly lines: string[] = [];
  private readonly pending = new Set<string>();

  constructor(values: Record<string, string>) {
    this.values = new Map(
      Object.entries(values).map(([name, value]) => [name, { value, source: "system-default" }]),
    );
  }

  read = async (name: string) => {
    const found = this.values.get(name) ?? { value: "", source: "system-default" };
    return { ...found, isPendingRestart: this.pending.has(name) };
  };

  write = async (name: string, value: { value: string; source: string }) => {
    this.values.set(name, value);
    if (name === PRELOAD) this.pending.add(name);
  };

  set(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) {
      this.values.set(name, { value, source: "user-override" });
    }
  }

  notify = (line: string) => void this.lines.push(line);
  get plain() {
    return Object.fromEntries([...this.values].map(([name, { value }]) => [name, value]));
  }
}

const list = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

const BEFORE = {
  [PRELOAD]: "pg_cron,auto_explain",
  "azure.extensions": "pg_trgm",
  work_mem: "4096",
};
const OURS = {
  [PRELOAD]: "pg_cron,auto_explain,pgaudit",
  "azure.extensions": "pg_trgm,PGAUDIT",
  work_mem: "8192",
};

describe("the former parameters of a server", () => {
  test("are restored with their sources, and those that need a restart are named", async () => {
    const server = new FakeServer(BEFORE);
    const former = await remember(server, list(OURS), {}, server.notify);
    expect(former[PRELOAD]).toEqual({ value: BEFORE[PRELOAD], source: "system-default" });
    server.set(OURS);
    await restore(server, list(OURS), former, server.notify);
    expect(server.plain).toEqual(BEFORE);
    expect(server.values.get("work_mem")?.source).toBe("system-default");
    expect(server.lines.at(-1)).toMatch(/^shared_preload_libraries: takes effect when .*restarted/);
    // A second time, after a kill in the middle, changes nothing.
    await restore(server, list(OURS), former, server.notify);
    expect(server.plain).toEqual(BEFORE);
  });

  test("are what they were before the stack's first write, whenever they are asked for again", async () => {
    const server = new FakeServer(BEFORE);
    const former = await remember(server, list(OURS), {}, server.notify);
    server.set(OURS);
    expect(await remember(server, list(OURS), former, server.notify)).toEqual(former);
    const more = { ...OURS, log_lock_waits: "on" };
    server.set({ log_lock_waits: "off" });
    const now = await remember(server, list(more), former, server.notify);
    expect(now).toEqual({ ...former, log_lock_waits: { value: "off", source: "user-override" } });
  });

  test("come back for a parameter that the stack no longer sets", async () => {
    const server = new FakeServer(BEFORE);
    const former = await remember(server, list(OURS), {}, server.notify);
    server.set(OURS);
    const { work_mem: _, ...fewer } = OURS;
    const now = await remember(server, list(fewer), former, server.notify);
    expect(server.plain.work_mem).toBe(BEFORE.work_mem);
    expect(Object.keys(now)).toEqual(Object.keys(fewer));
  });

  test("keep what somebody else has changed or added since", async () => {
    const server = new FakeServer(BEFORE);
    const former = await remember(server, list(OURS), {}, server.notify);
    server.set({ ...OURS, work_mem: "65536", [PRELOAD]: `${OURS[PRELOAD]},pg_partman_bgw` });
    await restore(server, list(OURS), former, server.notify);
    expect(server.plain).toEqual({
      ...BEFORE,
      work_mem: "65536",
      [PRELOAD]: "pg_cron,auto_explain,pg_partman_bgw",
    });
    expect(server.lines).toContain(
      'work_mem stays "65536": it was changed since the stack set it to "8192".',
    );
  });
});
