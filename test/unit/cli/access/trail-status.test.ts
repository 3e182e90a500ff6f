import { readTrailStatus } from "../../../../cli/access/trail-status";

const OUTPUTS = {
  mountPath: "/home/me/mycontainer",
  logFolder: "/home/me/mycontainer/resourceId=/S/$(date -u +y=%Y)",
  cacheSizeMb: 100,
};
const status = (printed: string) => readTrailStatus({ run: async () => printed }, OUTPUTS);
const RECORD = '{"time":"2026-11-29T10:00:00.000Z","properties":{}}';

describe("the state of the trail on the VM", () => {
  test("is the mount and the time of the newest record", async () => {
    expect(await status(`mounted\n2048\n${RECORD}\n`)).toEqual({
      mountPath: OUTPUTS.mountPath,
      mounted: true,
      newestRecord: "2026-11-29T10:00:00.000Z",
    });
  });

  test("without a record yet, or a mount", async () => {
    expect(await status("not mounted\n")).toMatchObject({
      mounted: false,
      newestRecord: undefined,
    });
  });

  test("warns of a file that soon doesn't fit into the cache", async () => {
    const mib = 1024 ** 2;
    expect(await status(`mounted\n${81 * mib}\n${RECORD}`)).toMatchObject({
      cacheNearlyFull: { fileMb: 81, cacheSizeMb: 100 },
    });
    expect(await status(`mounted\n${80 * mib}\n${RECORD}`)).not.toHaveProperty("cacheNearlyFull");
  });
});
