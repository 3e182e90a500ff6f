import {
  type AppendBlobClient,
  BlobServiceClient,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import * as fs from "node:fs";
import * as path from "node:path";
import { type LabStatus } from "../../../cli/lab/lab-status";
import { PROJECT_ROOT } from "../../../local/paths";
import { Background, onVm, output, run, succeed } from "../lab-driver";

const CACHE = "/var/cache/blobfuse2";
const MIB = 1024 ** 2;
/** Of another server, with an hour that has long passed: nothing else follows it. */
const BLOB =
  "resourceId=/SUBSCRIPTIONS/E2E/RESOURCEGROUPS/BIG/PROVIDERS/MICROSOFT.DBFORPOSTGRESQL/FLEXIBLESERVERS/BIG/" +
  "y=2025/m=01/d=01/h=00/m=00/PT1H.json";

const onTheHost = (...names: string[]) => path.join(PROJECT_ROOT, ".lab", ...names);

/** A client of the lab's storage account, which its name resolves to on the VM only. */
async function blobClient(): Promise<AppendBlobClient> {
  const account = await output("storageAccountName");
  const keys = JSON.parse(
    fs.readFileSync(onTheHost("secrets", "storage-accounts.json"), "utf8"),
  ) as Record<string, string[]>;
  const { parts } = JSON.parse(await succeed("./lab status --json")) as LabStatus;
  const endpoint = parts.find(({ name }) => name === "Azurite")?.endpoint;
  const trust: StoragePipelineOptions & { tlsOptions: { ca: string } } = {
    tlsOptions: { ca: fs.readFileSync(onTheHost("tls", "ca.crt"), "utf8") },
  };
  const service = new BlobServiceClient(
    `${endpoint}/${account}`,
    new StorageSharedKeyCredential(account, keys[account]?.[0] ?? ""),
    trust,
  );
  return service.getContainerClient(await output("containerName")).getAppendBlobClient(BLOB);
}

/** The cache is resized in place to 2 MiB, and a blob of 3 MiB is the log of a server that doesn't exist. */
export function readsBigBlobs(): void {
  describe("a log file that is larger than the mount's cache", () => {
    let blob: AppendBlobClient;
    let mount: string;
    let cacheBytes: string;
    const append = (text: string) => blob.appendBlock(text, Buffer.byteLength(text));
    const resize = (bytes: string) => onVm(`sudo mount -o remount,size=${bytes} ${CACHE}`);

    beforeAll(async () => {
      mount = await output("mountPath");
      blob = await blobClient();
      await blob.create();
      await append(`${"x".repeat(3 * MIB - 1)}\n`);
      await append("the last line\n");
      cacheBytes = (await onVm(`findmnt --noheadings --bytes --output SIZE ${CACHE}`)).trim();
      await resize("2m");
    });

    afterAll(async () => {
      await resize(cacheBytes);
      await blob.delete();
    });

    it("can't be read in ~/mycontainer, with an Input/output error, as with blobfuse2", async () => {
      const { exitCode, all } = await run(`./lab ssh cat '${mount}/${BLOB}'`);
      expect(exitCode).not.toBe(0);
      expect(all).toContain("Input/output error");
      expect(all).not.toContain("xxx");
      expect(await onVm(`sudo find ${CACHE} -type f`)).toBe("");
    });

    it("is followed by audit-tail, which reads another mount", async () => {
      const tail = new Background("./lab ssh audit-tail --resource FLEXIBLESERVERS/BIG --lines 1");
      try {
        await tail.waitFor(/^the last line$/m, 60);
        await append("a new line\n");
        await tail.waitFor(/^a new line$/m, 60);
      } finally {
        await tail.interrupt();
      }
      expect(tail.text).not.toContain("xxx");
    });

    it("is reported by audit-tail, where it reads ~/mycontainer, with the sizes and the key to change", async () => {
      const tail = new Background(
        `./lab ssh audit-tail --resource FLEXIBLESERVERS/BIG --root ${mount}`,
      );
      try {
        await tail.waitFor(/has 4 MiB, and the cache of \S+\/mycontainer 2 MiB.* cacheSizeMb/, 60);
      } finally {
        await tail.interrupt();
      }
    });

    it("leaves the mount without a cache to its owner", async () => {
      const uncached = await output("uncachedMountPath");
      const { all } = await run(`./lab ssh sudo -u nobody ls ${uncached}`);
      expect(all).toContain("Permission denied");
      expect(await onVm(`ls ${uncached}`)).toContain("resourceId=");
    });
  });
}
