import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../../../common/user-error";
import { tempFolder } from "../../support/temp-folder";
import { FakePart, SupervisedParts } from "./fake-part";

const folder = tempFolder();
let azurite: FakePart;
let vm: FakePart;
let lab: SupervisedParts;

beforeEach(() => {
  azurite = new FakePart("Azurite");
  vm = new FakePart("VM", ["Azurite"]);
  lab = new SupervisedParts([azurite, vm]);
});

describe("at the start", () => {
  test("starts what doesn't run, and what needs it afterwards", async () => {
    vm.runs = false;
    await lab.pass(1);
    expect([azurite.calls, vm.calls]).toEqual([["start"], []]);
    await lab.pass(1);
    expect(vm.calls).toEqual(["start"]);
    expect(lab.texts).toEqual(["Azurite starts", "Azurite is up", "VM starts", "VM is up"]);
  });

  test("keeps what runs already", async () => {
    azurite.runs = vm.runs = true;
    await lab.pass(2);
    expect([...azurite.calls, ...vm.calls]).toEqual([]);
    expect(lab.stateOf("VM")).toBe("ready");
  });

  test("starts a part whose need has failed for good", async () => {
    azurite.onStart = () => {
      throw new UserError("the port is in use");
    };
    await lab.pass(3);
    expect(lab.stateOf("Azurite")).toBe("failed");
    expect(lab.stateOf("VM")).toBe("ready");
  });
});

describe("a part that was killed", () => {
  beforeEach(() => lab.pass(2));

  test("is started again after a second, and how it ended is reported", async () => {
    lab.events.length = 0;
    azurite.kill();
    await lab.pass(1);
    expect(lab.stateOf("Azurite")).toBe("waiting");
    await lab.pass(1);
    expect(lab.stateOf("Azurite")).toBe("ready");
    expect(lab.texts).toEqual([
      "Azurite was ended by SIGKILL; starts again in 1 s",
      "Azurite starts",
      "Azurite is up again after 1 s",
    ]);
    expect(vm.calls).toEqual(["start"]);
  });

  test("is started after longer and longer delays, and not for ever", async () => {
    azurite.onStart = () => {
      throw new Error("ended with exit code 1");
    };
    azurite.kill();
    await lab.pass(180);
    expect(azurite.calls.length).toBe(1 + 6);
    expect(lab.texts.filter((text) => text.includes("starts again in"))).toEqual([
      "Azurite was ended by SIGKILL; starts again in 1 s",
      ...[2, 4, 8, 16, 30].map((s) => `Azurite ended with exit code 1; starts again in ${s} s`),
    ]);
    expect(lab.stateOf("Azurite")).toBe("failed");
    expect(lab.texts.at(-1)).toBe(
      "Azurite can't be kept running: ended with exit code 1; not started again after 6 restarts in 5 min",
    );
    await lab.pass(600);
    expect(azurite.calls.length).toBe(1 + 6);
  });

  test("has all its restarts again after it has run for a while", async () => {
    for (let round = 0; round < 20; round++) {
      azurite.kill();
      await lab.pass(100);
    }
    expect(lab.stateOf("Azurite")).toBe("ready");
  });

  test("is started again by a person after it has failed", async () => {
    azurite.onStart = () => {
      throw new UserError("the disk is full");
    };
    azurite.kill();
    await lab.pass(2);
    expect(lab.stateOf("Azurite")).toBe("failed");
    azurite.onStart = () => undefined;
    await lab.supervisor.restart("Azurite");
    expect(lab.stateOf("Azurite")).toBe("ready");
    expect(lab.texts.at(-1)).toMatch(/Azurite is up again after \d+ s/);
  });

  test("is one of several that a person restarts by its name", async () => {
    const other = new FakePart("VM", [], "group/other");
    lab.parts.push(other);
    await lab.pass(2);
    await lab.supervisor.restart("VM", "group/other");
    expect([vm.calls, other.calls]).toEqual([["start"], ["start", "stop", "start"]]);
  });

  test("is named with the end of its log where it can't be kept running", async () => {
    const log = path.join(folder(), "azurite.log");
    fs.writeFileSync(log, "first\nEADDRINUSE\n");
    Object.assign(azurite, { logFile: log });
    azurite.onStart = () => {
      throw new UserError("the port is in use");
    };
    azurite.kill();
    await lab.pass(2);
    const [report] = lab.supervisor.reports;
    expect(report?.why).toBe(
      `can't be kept running: the port is in use\nThe end of ${log}:\nfirst\nEADDRINUSE`,
    );
  });
});

describe("a part that runs and doesn't answer", () => {
  beforeEach(() => lab.pass(2));

  test("is restarted after three probes without an answer", async () => {
    azurite.wrong = { text: "didn't answer for 15 s" };
    await lab.pass(10);
    expect(azurite.calls).toEqual(["start"]);
    await lab.pass(10);
    expect(azurite.calls).toEqual(["start", "stop", "start"]);
    expect(lab.stateOf("Azurite")).toBe("ready");
  });

  test("isn't restarted where it answers late, again and again", async () => {
    for (let round = 0; round < 20; round++) {
      azurite.wrong = { text: "didn't answer for 15 s" };
      await lab.pass(10);
      azurite.wrong = undefined;
      await lab.pass(5);
    }
    expect(azurite.calls).toEqual(["start"]);
  });

  test("gets more time while it says that it starts", async () => {
    azurite.probe = { ...azurite.probe, countWhileStarting: 120 };
    azurite.wrong = { text: "doesn't listen yet", isStarting: true };
    await lab.pass(590);
    expect(azurite.calls).toEqual(["start"]);
    await lab.pass(30);
    expect(azurite.calls).toEqual(["start", "stop", "start"]);
  });

  test("is only reported where a restart would be wrong", async () => {
    vm.probe = { everySeconds: 30, count: 4, whenSilent: "report" };
    vm.wrong = { text: "doesn't answer" };
    await lab.pass(150);
    expect(lab.stateOf("VM")).toBe("silent");
    expect(vm.calls).toEqual(["start"]);
    vm.wrong = undefined;
    await lab.pass(31);
    expect(lab.stateOf("VM")).toBe("ready");
  });

  test("stays as it is where its start took too long, and is up when it answers", async () => {
    vm.onStart = () => {
      vm.runs = true;
      throw new Error("doesn't boot");
    };
    vm.kill();
    await lab.pass(2);
    expect(lab.stateOf("VM")).toBe("silent");
    await lab.pass(1);
    expect(lab.stateOf("VM")).toBe("ready");
  });
});

describe("a part that was stopped on purpose", () => {
  beforeEach(() => lab.pass(2));

  test("stays stopped until it is wanted again", async () => {
    vm.stopped = "by its guest, which shut itself down";
    vm.runs = false;
    await lab.pass(100);
    expect(vm.calls).toEqual(["start"]);
    expect(lab.stateOf("VM")).toBe("stopped");
    expect(lab.texts.at(-1)).toBe("VM was stopped by its guest, which shut itself down");
    vm.stopped = undefined;
    await lab.pass(1);
    expect(vm.calls).toEqual(["start", "start"]);
  });

  test("isn't judged while another operation works on it", async () => {
    azurite.busy = true;
    azurite.runs = false;
    await lab.pass(100);
    expect(azurite.calls).toEqual(["start"]);
  });

  test("is forgotten when it is deleted", async () => {
    lab.parts = [azurite];
    await lab.pass(1);
    expect(lab.stateOf("VM")).toBeUndefined();
  });
});

test("a restart ends a start that takes too long", async () => {
  let fail: (error: Error) => void = () => undefined;
  azurite.onStart = () => new Promise((_, reject) => (fail = reject));
  const check = lab.pass(1);
  await Promise.resolve();
  azurite.stop = async () => {
    azurite.onStart = () => undefined;
    fail(new Error("ended"));
  };
  await lab.supervisor.restart("Azurite");
  await check;
  expect(lab.stateOf("Azurite")).toBe("ready");
});

test("nothing is restarted or reported after the supervisor's end", async () => {
  await lab.pass(2);
  lab.supervisor.close();
  lab.events.length = 0;
  azurite.kill();
  await lab.pass(10);
  expect([azurite.calls, lab.events]).toEqual([["start"], []]);
});
