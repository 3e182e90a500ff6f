import { recordProcess } from "../../../../common/child-process";
import { PartNews } from "../../../../cli/lab/part-news";
import { localAzurePidFile } from "../../../../local/azure/process-list";
import { recordEvent } from "../../../../local/azure/supervision/journal";
import { type PartEvent } from "../../../../local/azure/supervision/part";
import { LabPaths } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();
let paths: LabPaths;

const happens = (part: PartEvent["part"], state: PartEvent["state"], text: string) =>
  recordEvent(paths, { time: new Date().toISOString(), part, state, text });

beforeEach(() => {
  paths = new LabPaths(folder());
  recordProcess(localAzurePidFile(paths), process.pid);
});

test("only what happened since is printed, in one line each", () => {
  happens("VM", "waiting", "was ended by SIGKILL; starts again in 1 s");
  const news = new PartNews(paths);
  expect(news.next()).toEqual([]);
  happens("Azurite", "waiting", "was ended by SIGKILL; starts again in 1 s");
  happens("Azurite", "starting", "starts");
  happens("Azurite", "ready", "is up again after 4 s");
  happens("PostgreSQL", "ready", "is up");
  happens("PostgreSQL", "failed", "can't be kept running: ended\nThe end of the log:\nFATAL");
  expect(news.next()).toEqual([
    "[lab] Azurite was ended by SIGKILL; starts again in 1 s",
    "[lab] Azurite is up again after 4 s",
    "[lab] PostgreSQL can't be kept running: ended",
  ]);
  expect(news.next()).toEqual([]);
});

test("nothing is printed twice or left out when the journal is cut meanwhile", () => {
  const news = new PartNews(paths);
  const told: string[] = [];
  for (let round = 0; round < 6000; round++) {
    happens("Azurite", "ready", `is up again after ${round} s`);
    if (round % 100 === 99) told.push(...news.next());
  }
  expect(told.length).toBe(6000);
  expect(new Set(told).size).toBe(6000);
});

test("the end of local Azure is printed once, unless it was stopped", () => {
  const news = new PartNews(paths);
  recordProcess(localAzurePidFile(paths), 2 ** 22 + 1);
  expect(news.next()).toEqual([expect.stringContaining("local Azure has ended")]);
  expect(news.next()).toEqual([]);
  recordProcess(localAzurePidFile(paths), process.pid);
  news.next();
  recordProcess(localAzurePidFile(paths), 2 ** 22 + 1);
  happens("local Azure", "stopped", "is stopped, with its parts");
  expect(news.next()).toEqual(["[lab] local Azure is stopped, with its parts"]);
});
