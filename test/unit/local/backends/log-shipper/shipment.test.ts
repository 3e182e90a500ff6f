import { type ContainerClient } from "@azure/storage-blob";
import * as fs from "node:fs";
import * as path from "node:path";
import { type LogSource, shipAll } from "../../../../../local/backends/log-shipper/log-shipper";
import { Shipment } from "../../../../../local/backends/log-shipper/shipment";
import { tempFolder } from "../../../support/temp-folder";

/** Append blobs in memory, with Azure's condition on the position; the append after `failAfter` appends fails. */
class FakeContainer {
  readonly blobs = new Map<string, Buffer>();
  failAfter = Infinity;

  readonly client = {
    getAppendBlobClient: (name: string) => ({
      exists: async () => this.blobs.has(name),
      createIfNotExists: async () => {
        if (!this.blobs.has(name)) this.blobs.set(name, Buffer.alloc(0));
      },
      getProperties: async () => ({ contentLength: this.blobs.get(name)?.length ?? 0 }),
      appendBlock: async (
        block: Buffer,
        length: number,
        { conditions }: { conditions: { appendPosition: number } },
      ) => {
        const before = this.blobs.get(name) ?? Buffer.alloc(0);
        if (conditions.appendPosition !== before.length) throw new Error("412");
        if (this.failAfter-- <= 0) throw new Error("power cut");
        this.blobs.set(name, Buffer.concat([before, block.subarray(0, length)]));
      },
    }),
  } as unknown as ContainerClient;

  /** This container as the only one. */
  get alone() {
    return new Map([["account", this.client]]);
  }

  text = (name: string) => this.blobs.get(name)?.toString();
}

const folder = tempFolder();
const state = () => path.join(folder(), "shipped.json");
const saved = () => JSON.parse(fs.readFileSync(state(), "utf8")) as Record<string, unknown>;
const at = (offset: number) => ({ file: "1.json", offset });

describe("a shipment", () => {
  test("appends to the end of a blob, and records the position", async () => {
    const container = new FakeContainer();
    container.blobs.set("a", Buffer.from("old\n"));
    await new Shipment(state()).ship(container.alone, new Map([["a", "new\n"]]), at(4));
    expect(container.text("a")).toBe("old\nnew\n");
    expect(saved()).toEqual({ shipped: at(4), furtherLines: {} });
    expect(new Shipment(state()).position).toEqual(at(4));
  });

  test("splits text that exceeds Azure's limit for one append", async () => {
    const container = new FakeContainer();
    const text = `${"x".repeat(9 * 1024 * 1024)}\n`;
    await new Shipment(state()).ship(container.alone, new Map([["a", text]]), at(1));
    expect(container.text("a")).toBe(text);
  });

  const texts = new Map([
    ["a", "one\n"],
    ["b", "two\n"],
  ]);

  test.each([0, 1])(
    "completes what a crash after %i of 2 appends left, each line once",
    async (appends) => {
      const container = new FakeContainer();
      container.failAfter = appends;
      const crashed = new Shipment(state()).ship(container.alone, texts, at(8));
      await expect(crashed).rejects.toThrow("power cut");
      expect(new Shipment(state()).position).toBeUndefined();

      container.failAfter = Infinity;
      const next = new Shipment(state());
      await next.resume(container.alone);
      expect([container.text("a"), container.text("b")]).toEqual(["one\n", "two\n"]);
      expect(next.position).toEqual(at(8));
    },
  );

  test("doesn't repeat an append that was done but not recorded before a crash", async () => {
    const container = new FakeContainer();
    container.blobs.set("a", Buffer.from("one\ntw"));
    const underWay = {
      position: at(8),
      appends: [{ account: "account", blob: "a", from: 0, text: "one\ntwo\n" }],
    };
    fs.writeFileSync(state(), JSON.stringify({ shipped: at(0), underWay }));
    await new Shipment(state()).resume(container.alone);
    expect(container.text("a")).toBe("one\ntwo\n");
    expect(saved()).toEqual({ shipped: at(8) });
  });

  test("appends to each container, and after a crash to those that still exist", async () => {
    const [one, two, gone] = [new FakeContainer(), new FakeContainer(), new FakeContainer()];
    two.failAfter = 0;
    const all = new Map([
      ["one", one.client],
      ["two", two.client],
      ["gone", gone.client],
    ]);
    await expect(new Shipment(state()).ship(all, texts, at(8))).rejects.toThrow("power cut");
    two.failAfter = Infinity;
    all.delete("gone");
    const next = new Shipment(state());
    await next.resume(all);
    for (const container of [one, two]) {
      expect([container.text("a"), container.text("b")]).toEqual(["one\n", "two\n"]);
    }
    expect(gone.text("a")).toBeUndefined();
    expect(next.position).toEqual(at(8));
  });

  test("writes its state file for its user only: log lines can contain secrets", async () => {
    await new Shipment(state()).ship(new Map(), texts, at(4));
    expect(fs.statSync(state()).mode & 0o777).toBe(0o600);
  });
});

describe("shipping a server's log", () => {
  const source = (...containers: FakeContainer[]): LogSource => ({
    resourceId: "/servers/n",
    location: "westeurope",
    logFolder: path.join(folder(), "log"),
    stateFile: state(),
    logLinePrefix: async () => "%p ",
    containers: async () => new Map(containers.map(({ client }, index) => [`${index}`, client])),
  });
  const log = (file: string, hour: string, message: string, fields: object = {}) => {
    fs.mkdirSync(path.join(folder(), "log"), { recursive: true });
    const timestamp = `2022-05-23 ${hour}:00:00.000 UTC`;
    const line = { timestamp, pid: 1, error_severity: "LOG", message, ...fields };
    fs.appendFileSync(path.join(folder(), "log", file), `${JSON.stringify(line)}\n`);
  };
  const messages = (container: FakeContainer, hour: string) =>
    (container.text(`resourceId=/SERVERS/N/y=2022/m=05/d=23/h=${hour}/m=00/PT1H.json`) ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { properties: { message: string } }).properties.message);

  test("puts each line into the blob of its hour, across a rotation of the log", async () => {
    const container = new FakeContainer();
    log("1.json", "08", "one");
    log("1.json", "09", "two");
    log("2.json", "09", "three");
    await shipAll(source(container));
    await shipAll(source(container));
    expect(messages(container, "08")).toEqual(["1 LOG:  one"]);
    expect(messages(container, "09")).toEqual(["1 LOG:  two", "1 LOG:  three"]);
    expect(fs.readdirSync(path.join(folder(), "log"))).toEqual(["2.json"]);
  });

  test("numbers lines as PostgreSQL's plain log does, also in the next shipment", async () => {
    const container = new FakeContainer();
    const numbered = { ...source(container), logLinePrefix: async () => "%l " };
    const write = (line_num: number, fields: object) =>
      log("1.json", "08", "m", { session_id: "6b.1", line_num, ...fields });
    write(1, { error_severity: "ERROR", detail: "d", statement: "s" });
    write(2, {});
    await shipAll(numbered);
    write(3, {});
    await shipAll(numbered);
    expect(messages(container, "08")).toEqual(["1 ERROR:  m", "4 LOG:  m", "5 LOG:  m"]);
  });

  test("puts each line into every container", async () => {
    const [one, two] = [new FakeContainer(), new FakeContainer()];
    log("1.json", "08", "one");
    await shipAll(source(one, two));
    expect(messages(one, "08")).toEqual(["1 LOG:  one"]);
    expect(messages(two, "08")).toEqual(["1 LOG:  one"]);
  });

  test("drops lines while there is no diagnostic setting, and doesn't ship them later", async () => {
    const container = new FakeContainer();
    log("1.json", "08", "unseen");
    await shipAll(source());
    log("1.json", "08", "seen");
    await shipAll(source(container));
    expect(messages(container, "08")).toEqual(["1 LOG:  seen"]);
  });

  test("keeps lines while a new setting delivers nothing yet, and ships them later", async () => {
    const container = new FakeContainer();
    log("1.json", "08", "early");
    await shipAll({ ...source(), containers: async () => "not yet" });
    await shipAll(source(container));
    expect(messages(container, "08")).toEqual(["1 LOG:  early"]);
  });
});
