/** The quick part of the fault matrix, without a VM: test/faults has the rest. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type PartName } from "../../faults/parts";
import { LogKeeper } from "../../faults/log-keeper";
import { runCell } from "../../faults/run-cell";
import { newFaultsFolder, SmallLab } from "../../faults/small-lab";

jest.setTimeout(10 * 60_000);

const folder = newFaultsFolder(os.tmpdir());
const lab = new SmallLab(path.join(folder, "lab"));
const keeper = new LogKeeper(lab.paths, path.join(folder, "kept-logs"));

beforeAll(async () => {
  await lab.start();
  keeper.start();
});
afterAll(async () => {
  keeper.stop();
  await lab.remove();
  fs.rmSync(folder, { recursive: true, force: true });
});

test.each<PartName>(["azurite", "postgres", "backend", "azure"])(
  "after kill -9 of %s under load, every line of the log is in the blobs once, in order",
  async (part) => {
    const cell = { part, moment: "load", way: "kill" } as const;
    const result = await runCell(lab, keeper, cell, { stopSeconds: 0 });
    expect(result).toMatchObject({ message: "", survived: true, unlogged: 0 });
    const { expected = 0, ...wrong } = result.blobs ?? {};
    expect(expected).toBeGreaterThan(result.acknowledged / 2);
    expect(wrong).toEqual({ lost: [], doubled: [], unknown: [], outOfOrder: [] });
  },
);
