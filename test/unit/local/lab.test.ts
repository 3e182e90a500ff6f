import * as fs from "node:fs";
import * as path from "node:path";
import { withLabLock } from "../../../local/lab";
import { LabPaths } from "../../../local/paths";
import { UserError } from "../../../common/user-error";
import { tempFolder } from "../support/temp-folder";

const folder = tempFolder();

describe("the lab's lock", () => {
  test("refuses a second command while one is running, and says which lab it is about", async () => {
    const paths = new LabPaths(path.join(folder(), "lab"));
    const work = jest.fn(async () => undefined);
    await withLabLock(paths, async () => {
      const second = withLabLock(paths, work);
      await expect(second).rejects.toThrow(UserError);
      await expect(second).rejects.toThrow(`Another command is changing this lab (${paths.root})`);
    });
    expect(work).not.toHaveBeenCalled();
  });

  test("is free again afterwards, also after a failure, and leaves nothing behind", async () => {
    const paths = new LabPaths(folder());
    const failing = withLabLock(paths, async () => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await withLabLock(paths, async () => "done")).toBe("done");
    expect(fs.readdirSync(folder())).toEqual([]);
  });

  test("of another lab is another lock", async () => {
    const one = new LabPaths(path.join(folder(), "one"));
    const two = new LabPaths(path.join(folder(), "two"));
    expect(await withLabLock(one, () => withLabLock(two, async () => "both"))).toBe("both");
  });
});
