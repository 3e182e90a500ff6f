import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readTrailStatus } from "../../../../cli/access/trail-status";

const MIB = 1024 ** 2;
const RECORD = '{"time":"2026-11-29T10:00:00.000Z","properties":{}}';

/** What the VM answers, from a folder in place of its file system. */
class Vm {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "trail-status-"));
  private readonly bin = path.join(this.folder, "bin");
  readonly outputs = {
    mountPath: path.join(this.folder, "mycontainer"),
    uncachedMountPath: path.join(this.folder, "uncached"),
    logFolder: path.join(this.folder, "mycontainer", "resourceId=/S", "$(date -u +y=%Y)"),
    cacheSizeMb: 100,
  };

  constructor(mounted: readonly string[] = ["mycontainer", "uncached"]) {
    fs.mkdirSync(this.bin);
    const names = mounted.map((name) => path.join(this.folder, name));
    const script = `#!/bin/sh\ncase " ${names.join(" ")} " in *" $2 "*) ;; *) exit 1 ;; esac\n`;
    fs.writeFileSync(path.join(this.bin, "mountpoint"), script, { mode: 0o755 });
  }

  /** A log file of the mount without a cache, of this size, that ends with the record. */
  write(hour: string, size: number): void {
    const file = path.join(this.outputs.uncachedMountPath, "resourceId=/S", hour, "m=00/PT1H.json");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, "");
    fs.truncateSync(file, Math.max(0, size - RECORD.length - 2));
    fs.appendFileSync(file, `\n${RECORD}\n`);
  }

  status = () =>
    readTrailStatus(
      {
        run: async (command) =>
          execFileSync("sh", ["-c", command], {
            encoding: "utf8",
            env: { ...process.env, PATH: `${this.bin}:${process.env.PATH}` },
          }),
      },
      this.outputs,
    );
}

let vm: Vm;

afterEach(() => {
  fs.rmSync(vm.folder, { recursive: true, force: true });
});

test("the state is that of the mounts and the time of the newest record", async () => {
  vm = new Vm();
  vm.write("y=2026/m=11/d=29/h=10", 2048);
  vm.write("y=2026/m=11/d=28/h=23", 90 * MIB);
  expect(await vm.status()).toEqual({
    mountPath: vm.outputs.mountPath,
    mounted: true,
    uncachedMounted: true,
    newestRecord: "2026-11-29T10:00:00.000Z",
  });
});

test("without a record yet, or a mount", async () => {
  vm = new Vm(["mycontainer"]);
  expect(await vm.status()).toMatchObject({
    mounted: true,
    uncachedMounted: false,
    newestRecord: undefined,
  });
});

test.each([
  [81, "A file that doesn't fit into the cache can't be read there."],
  [101, "There it can't be read (Input/output error); audit-tail and ./lab audit read it."],
])("a file of %i MiB: warns with the sizes and the key to change", async (size, consequence) => {
  vm = new Vm();
  vm.write("y=2026/m=11/d=29/h=10", size * MIB);
  const { cacheWarning, newestRecord } = await vm.status();
  expect(newestRecord).toBe("2026-11-29T10:00:00.000Z");
  expect(cacheWarning).toBe(
    `This hour's log file has ${size} MiB, and the cache of ${vm.outputs.mountPath} 100 MiB (cacheSizeMb). ` +
      `${consequence} Set cacheSizeMb higher, then run pulumi up.`,
  );
});

test("a file of 80 MiB is no reason to warn", async () => {
  vm = new Vm();
  vm.write("y=2026/m=11/d=29/h=10", 80 * MIB);
  expect(await vm.status()).not.toHaveProperty("cacheWarning");
});
