import * as fs from "node:fs";
import * as path from "node:path";
import * as poll from "../../../../common/poll";
import { callControl } from "../../../../local/azure/control-client";
import { answers } from "../../../../local/azure/health";
import { type LabSettings } from "../../../../local/azure/settings";
import { writeReports } from "../../../../local/azure/supervision/journal";
import { type PartReport } from "../../../../local/azure/supervision/part";
import { requireNoneStopped, waitForParts } from "../../../../local/azure/wait-for-parts";
import { LabPaths } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

jest.mock("../../../../local/azure/health", () => ({ answers: jest.fn(async () => true) }));
jest.mock("../../../../local/azure/control-client", () => ({ callControl: jest.fn() }));
const answer = jest.mocked(answers);
const control = jest.mocked(callControl);

const folder = tempFolder();
const settings = {} as LabSettings;
let paths: LabPaths;
let notes: string[];

const report = (state: PartReport["state"], why?: string): PartReport => ({
  ...{ name: "PostgreSQL", instance: "db", state, why },
  ...{ since: "2026-11-29T18:00:00Z", logFile: "/log" },
});
/** @param onNote what happens while it waits */
const wait = (onNote = () => undefined as void) =>
  waitForParts(paths, settings, (note) => {
    notes.push(note);
    onNote();
  });

beforeEach(() => {
  paths = new LabPaths(folder());
  fs.mkdirSync(path.join(paths.postgres, "db"), { recursive: true });
  notes = [];
  answer.mockReset().mockResolvedValue(true);
  control.mockReset();
});

test("a part that is ready is asked itself, until it answers", async () => {
  writeReports(paths, [report("ready")]);
  answer.mockResolvedValueOnce(false);
  await wait();
  expect(answer).toHaveBeenCalledTimes(2);
  expect(notes).toEqual(["waiting for PostgreSQL db, which doesn't answer"]);
});

test("what the supervisor does meanwhile is said once", async () => {
  writeReports(paths, [report("waiting", "was ended by SIGKILL; starts again in 1 s")]);
  await wait(() => writeReports(paths, [report("ready")]));
  expect(notes).toEqual([
    "waiting for PostgreSQL db, which was ended by SIGKILL; starts again in 1 s",
  ]);
});

test("a part that was given up is started once more", async () => {
  writeReports(paths, [report("failed", "can't be kept running: the disk is full")]);
  control.mockImplementation(async () => {
    writeReports(paths, [report("ready")]);
    return "";
  });
  await wait();
  expect(control.mock.calls).toEqual([[paths, settings, "POST", "restart/postgres?instance=db"]]);
});

test("a part that can't be kept running is named, with the end of its log", async () => {
  writeReports(paths, [report("failed", "can't be kept running: ended\nThe end of /log:\nFATAL")]);
  control.mockRejectedValue(new Error("ended"));
  await expect(wait()).rejects.toThrow(
    /^PostgreSQL db can't be kept running: ended\nThe end of \/log:\nFATAL\nFix that and run/,
  );
  expect(control).toHaveBeenCalledTimes(1);
});

test("a VM that boots for more than 10 minutes is named, with its log and the command that restarts it", async () => {
  jest.spyOn(poll, "pollUntil").mockImplementationOnce(async (look, { timeoutSeconds }) => {
    await look();
    throw new Error(`not within ${timeoutSeconds} s`);
  });
  writeReports(paths, [
    { ...report("silent", "doesn't answer: its sshd is silent"), name: "VM", instance: "vm" },
  ]);
  await expect(wait()).rejects.toThrow(
    /^VM vm doesn't work after 600 s; .* sshd is silent[^]*See \/log, then run `\.\/lab restart vm`\.$/,
  );
});

test("a part that someone stopped isn't waited for, and `./lab up` names it", async () => {
  writeReports(paths, [
    { ...report("ready"), name: "Azurite", instance: undefined },
    report("stopped", "through the API"),
  ]);
  await wait();
  expect(() => requireNoneStopped(paths, () => true)).toThrow(
    "PostgreSQL db was stopped through the API. Start it with `./lab restart postgres`.",
  );
});
