import * as fs from "node:fs";
import * as path from "node:path";
import { ShippedLog } from "../../../../../local/backends/log-shipper/log-shipper";
import { tempFolder } from "../../../support/temp-folder";
import { FakeContainer } from "./fake-container";
import { blobOf, LabLog, messages } from "./lab-log";

const folder = tempFolder();
let log: LabLog;
let container: FakeContainer;
let problems: string[];
let milliseconds: number;

beforeEach(() => {
  log = new LabLog(folder());
  container = new FakeContainer();
  problems = [];
  milliseconds = 0;
});

/** A process of local Azure. */
const start = () =>
  new ShippedLog(
    (problem) => problems.push(problem),
    () => milliseconds,
  );
const MEBIBYTE = 1024 * 1024;

describe("shipping a server's log", () => {
  test("puts each line into the blob of its hour, across a rotation of the log", async () => {
    log.write("1.json", { message: "one" }, { hour: "09", message: "two" });
    log.write(
      "2.json",
      { hour: "09", message: "three" },
      { hour: "08", message: "clock set back" },
    );
    const shipper = start();
    await shipper.ship(log.source(container));
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  one", " LOG:  clock set back"]);
    expect(messages(container, "09")).toEqual([" LOG:  two", " LOG:  three"]);
  });

  test("keeps the log's files for as long as the storage may lose their lines", async () => {
    log.write("1.json", { message: "one" });
    const shipper = start();
    await shipper.ship(log.source(container));
    log.write("2.json", { message: "two" });
    await shipper.ship(log.source(container));
    expect(fs.readdirSync(log.logs)).toEqual(["1.json", "2.json"]);
    milliseconds = 31_000;
    log.write("2.json", { message: "three" });
    await shipper.ship(log.source(container));
    expect(fs.readdirSync(log.logs)).toEqual(["2.json"]);
    expect(messages(container, "08")).toHaveLength(3);
  });

  test("numbers lines as PostgreSQL's plain log does, also in the next process", async () => {
    const line = (line_num: number) => ({ message: "m", session_id: "6b.1", line_num });
    log.write("1.json", { ...line(1), error_severity: "ERROR", detail: "d", statement: "s" });
    log.write("1.json", line(2));
    await start().ship(log.source(container));
    log.write("1.json", line(3));
    await start().ship(log.source(container));
    expect(messages(container, "08")).toEqual(["1 ERROR:  m", "4 LOG:  m", "5 LOG:  m"]);
  });

  test("ends while PostgreSQL goes on writing, so that a blob's 50,000 blocks last for an hour", async () => {
    log.write("1.json", { message: "one" });
    let appends = 0;
    container.fate = (kind) => {
      if (kind === "append" && ++appends < 20) log.write("1.json", { message: "meanwhile" });
      return "done";
    };
    const shipper = start();
    await shipper.ship(log.source(container));
    // The first request finds no blob.
    expect(messages(container, "08")).toEqual([" LOG:  one"]);
    await shipper.ship(log.source(container));
    expect(container.blobs.get(blobOf("08"))).toHaveLength(2);
  });

  test("puts each line into every container", async () => {
    const other = new FakeContainer();
    log.write("1.json", { message: "one" });
    await start().ship(log.source(container, other));
    expect(messages(container, "08")).toEqual([" LOG:  one"]);
    expect(messages(other, "08")).toEqual([" LOG:  one"]);
  });

  test("drops lines while there is no diagnostic setting, and doesn't ship them later", async () => {
    const shipper = start();
    log.write("1.json", { message: "unseen" });
    await shipper.ship(log.source());
    log.write("1.json", { message: "seen" });
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  seen"]);
  });

  test("keeps lines while a new setting delivers nothing yet, and ships them later", async () => {
    const shipper = start();
    log.write("1.json", { message: "early" });
    await shipper.ship({ ...log.source(), containers: async () => "not yet" });
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  early"]);
  });

  test("needs one request for the next lines of a blob", async () => {
    const shipper = start();
    log.write("1.json", { message: "one" });
    await shipper.ship(log.source(container));
    container.requests = 0;
    log.write("1.json", { message: "two" });
    await shipper.ship(log.source(container));
    expect(container.requests).toBe(1);
  });

  test("writes its state file for its user only, without the text of lines", async () => {
    log.write("1.json", { message: "PASSWORD 'x'" });
    await start().ship(log.source(container));
    expect(fs.statSync(log.stateFile).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(log.state())).not.toContain("PASSWORD");
  });
});

describe("a line of 5 MB", () => {
  const long = { message: "x".repeat(5 * MEBIBYTE) };
  const expected = ["before", long.message, "after"].map((message) => ` LOG:  ${message}`);

  test.each(["refused", "answer lost"] as const)(
    "is complete in the blob, once, after its second append is %s and the process is killed",
    async (fate) => {
      log.write("1.json", { message: "before" }, long, { message: "after" });
      let appends = 0;
      container.fate = (kind) => (kind === "append" && ++appends === 4 ? fate : "done");
      await expect(start().ship(log.source(container))).rejects.toThrow();
      expect(container.text(blobOf("08"))?.length).toBeGreaterThanOrEqual(4 * MEBIBYTE);
      await start().ship(log.source(container));
      await start().ship(log.source(container));
      expect(messages(container, "08")).toEqual(expected);
      for (const block of container.blobs.get(blobOf("08")) ?? []) {
        expect(block.length).toBeLessThanOrEqual(4 * MEBIBYTE);
      }
    },
  );
});

describe("after a failure", () => {
  test("an append to a second container that fails is done by the next process", async () => {
    const other = new FakeContainer();
    log.write("1.json", { message: "one" });
    other.fate = (kind) => (kind === "append" ? "refused" : "done");
    await expect(start().ship(log.source(container, other))).rejects.toThrow("ECONNREFUSED");
    other.fate = () => "done";
    await start().ship(log.source(container, other));
    expect(messages(container, "08")).toEqual([" LOG:  one"]);
    expect(messages(other, "08")).toEqual([" LOG:  one"]);
  });

  test("what a killed storage lost is written again, byte for byte", async () => {
    const shipper = start();
    log.write("1.json", { message: "one" });
    await shipper.ship(log.source(container));
    container.save();
    log.write("1.json", { message: "two" });
    await shipper.ship(log.source(container));
    const before = container.text(blobOf("08"));
    container.restart();
    expect(container.text(blobOf("08"))).not.toBe(before);
    // Without new lines.
    milliseconds = 5000;
    await shipper.ship(log.source(container));
    expect(container.text(blobOf("08"))).toBe(before);
    expect(problems).toEqual([expect.stringMatching(/the storage lost its last \d+ bytes/)]);
  });

  test("lines of a new prefix don't change what is written again", async () => {
    const shipper = start();
    log.write("1.json", { message: "one" });
    await shipper.ship({ ...log.source(container), logLinePrefix: async () => "old " });
    const before = container.text(blobOf("08"));
    container.restart();
    await start().ship(log.source(container));
    expect(container.text(blobOf("08"))).toBe(before);
  });

  test("appends of somebody else stay, and no line is lost", async () => {
    const shipper = start();
    log.write("1.json", { message: "one" });
    await shipper.ship(log.source(container));
    container.blobs.get(blobOf("08"))?.push(Buffer.from("foreign\n"));
    log.write("1.json", { message: "two" });
    await shipper.ship(log.source(container));
    const lines = container.text(blobOf("08"))?.trimEnd().split("\n") ?? [];
    expect(lines.map((line) => /one|foreign|two/.exec(line)?.[0])).toEqual([
      "one",
      "foreign",
      "two",
    ]);
  });

  test("a deleted blob begins again", async () => {
    container.put(blobOf("08"), "old\n");
    const shipper = start();
    log.write("1.json", { message: "one" });
    await shipper.ship(log.source(container));
    container.blobs.clear();
    log.write("1.json", { message: "two" });
    await shipper.ship(log.source(container));
    expect(messages(container, "08").at(-1)).toBe(" LOG:  two");
    expect(problems.join()).toContain("was deleted or cut");
  });

  test("a state that can't be written stops nothing for good, and no line is doubled", async () => {
    const rename = jest.spyOn(fs.promises, "rename").mockImplementationOnce(async () => {
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC", errno: -28 });
    });
    const shipper = start();
    log.write("1.json", { message: "one" });
    await expect(shipper.ship(log.source(container))).rejects.toThrow(
      /shipped\.json can't be written: no space left on device \(ENOSPC\)/,
    );
    rename.mockRestore();
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  one"]);
  });

  test("a damaged state file is named", async () => {
    fs.writeFileSync(log.stateFile, "");
    log.write("1.json", { message: "one" });
    await expect(start().ship(log.source(container))).rejects.toThrow(/shipped\.json is damaged/);
  });

  test("appends that an earlier version of the shipper began are completed", async () => {
    log.write("1.json", { message: "one" }, { message: "two" });
    await start().ship(log.source(container));
    const text = container.text(blobOf("08")) ?? "";
    container.put(blobOf("08"), text.slice(0, 50));
    const append = { account: "0", blob: blobOf("08"), from: 0, text };
    const offset = fs.statSync(path.join(log.logs, "1.json")).size;
    const underWay = { position: { file: "1.json", offset }, appends: [append] };
    fs.writeFileSync(log.stateFile, JSON.stringify({ underWay }));
    await start().ship(log.source(container));
    expect(container.text(blobOf("08"))).toBe(text);
  });
});

describe("a blob that takes no more blocks", () => {
  test("is continued in the next hour's, in order, also after the storage was killed", async () => {
    container.blocksPerBlob = 2;
    const shipper = start();
    for (const message of ["one", "two", "three"]) {
      log.write("1.json", { message });
      await shipper.ship(log.source(container));
    }
    log.write("1.json", { hour: "09", message: "four" });
    await shipper.ship(log.source(container));
    container.restart();
    milliseconds = 5000;
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  one", " LOG:  two"]);
    expect(messages(container, "09")).toEqual([" LOG:  three", " LOG:  four"]);
    expect(problems[0]).toContain(`continue in y=2022/m=05/d=23/h=09/m=00/PT1H.json`);
  });

  test("in the middle of a long line is continued by the rest of it", async () => {
    container.blocksPerBlob = 1;
    log.write("1.json", { message: "x".repeat(5 * MEBIBYTE) }, { hour: "09", message: "next" });
    await start().ship(log.source(container));
    expect(container.text(blobOf("08"))).toHaveLength(4 * MEBIBYTE);
    const whole = ["08", "09", "10"].map((hour) => container.text(blobOf(hour))).join("");
    const lengths = whole
      .trimEnd()
      .split("\n")
      .map((line) => line.length);
    expect(lengths).toEqual([expect.any(Number), expect.any(Number)]);
    expect(lengths[0]).toBeGreaterThan(5 * MEBIBYTE);
  });
});

describe("a log that is damaged from outside", () => {
  test("a file that is cut is read from its start again, and that is said", async () => {
    const shipper = start();
    log.write("1.json", { message: "one, a long line" });
    await shipper.ship(log.source(container));
    fs.truncateSync(path.join(log.logs, "1.json"));
    log.write("1.json", { message: "two" });
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  one, a long line", " LOG:  two"]);
    expect(problems.join()).toMatch(/1\.json was cut or replaced .* Lines may be missing/);
  });

  test("after a file that is removed, the next one is read, and that is said", async () => {
    const shipper = start();
    log.write("1.json", { message: "one" });
    await shipper.ship(log.source(container));
    fs.rmSync(path.join(log.logs, "1.json"));
    log.write("2.json", { message: "two" });
    await shipper.ship(log.source(container));
    expect(messages(container, "08")).toEqual([" LOG:  one", " LOG:  two"]);
    expect(problems.join()).toMatch(/1\.json was removed/);
  });

  test("the half line of a full disk is left out, and the line behind it is not", async () => {
    log.append("1.json", '{"timestamp":"2022-05-23 08:00:00.000 UTC","mess');
    log.write("1.json", { message: 'whole {"timestamp":"' });
    log.append("1.json", "no JSON\n");
    log.write("1.json", { message: "next" });
    await start().ship(log.source(container));
    expect(messages(container, "08")).toEqual([' LOG:  whole {"timestamp":"', " LOG:  next"]);
    expect(problems.join()).toMatch(/2 damaged lines/);
  });
});
