import * as fs from "node:fs";
import { runningPid } from "../../common/child-process";
import { pollUntil } from "../../common/poll";
import { requireOpenFiles } from "../../local/backends/azurite/open-files";
import { azuriteFiles } from "../../local/backends/storage-accounts";
import { testCloud } from "./support/cloud";

const cloud = testCloud({ withGroup: false });
const BLOCKS = 300;

beforeAll(() => cloud.parts.storage.createAccount("labaccount"), 60_000);

/** The files of blobs that Azurite has open. */
function openFiles(): number {
  const handles = `/proc/${runningPid(azuriteFiles(cloud.paths).pidFile)}/fd`;
  const isOfBlob = (handle: string): boolean => {
    try {
      return fs.readlinkSync(`${handles}/${handle}`).includes("__blobstorage__");
    } catch {
      return false;
    }
  };
  return fs.readdirSync(handles).filter(isOfBlob).length;
}

async function blobOfBlocks(name: string) {
  const container = cloud.parts.storage.client("labaccount").getContainerClient("logs");
  await container.createIfNotExists();
  const blob = container.getAppendBlobClient(name);
  await blob.create();
  const lines = Array.from({ length: BLOCKS }, (_, index) => `${"x".repeat(20_000)} ${index}\n`);
  for (const line of lines) await blob.appendBlock(line, line.length);
  return { blob, text: lines.join("") };
}

test("a blob of many appends is read with few open files, and reads that end early leave none open", async () => {
  const { blob, text } = await blobOfBlocks("many");
  const before = openFiles();
  for (let read = 0; read < 3; read++) {
    const { readableStreamBody } = await blob.download();
    await new Promise((resolve) => readableStreamBody?.once("data", resolve));
    expect(openFiles()).toBeLessThan(before + 5);
    (readableStreamBody as import("node:stream").Readable).destroy();
  }
  await pollUntil(() => openFiles() <= before, {
    what: "Azurite to close the files",
    timeoutSeconds: 20,
  });
  expect((await blob.downloadToBuffer()).toString()).toBe(text);
});

test("every range of it is right, also across blocks", async () => {
  const { blob, text } = await blobOfBlocks("ranges");
  for (const [from, length] of [
    ...[
      [0, 1],
      [19_990, 60_000],
      [text.length - 5, 5],
      [1, 5_000_000],
    ],
  ] as const) {
    const read = await blob.downloadToBuffer(from, length);
    expect(read.toString() === text.slice(from, from + length)).toBe(true);
  }
});

test("a limit of open files that is too low for Azurite is named before it starts", () => {
  const limits = (hard: string) =>
    `Max open files            256                  ${hard}   files\n`;
  expect(() => requireOpenFiles("Azurite", limits("256"))).toThrow(
    /Azurite can open 256 files at most, and needs 512\. Raise the hard limit/,
  );
  requireOpenFiles("Azurite", limits("1024"));
  requireOpenFiles("Azurite", limits("unlimited"));
});
