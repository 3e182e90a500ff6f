import * as fs from "node:fs";
import { withLabLock } from "../../local/lab";
import { LabPaths } from "../../local/paths";
import { down } from "./down";
import { up } from "./up";

export interface ResetOptions {
  /** Also removes the engine, the VM's image and the package repository. */
  readonly builds: boolean;
}

/** `./lab reset`: a new lab in place of the old one, whatever state that is in. */
export async function reset({ builds }: ResetOptions): Promise<void> {
  const paths = new LabPaths();
  await down({ force: true });
  if (builds) {
    await withLabLock(paths, async () => {
      for (const entry of fs.existsSync(paths.root) ? fs.readdirSync(paths.root) : []) {
        const place = `${paths.root}/${entry}`;
        if (!place.startsWith(paths.lock)) fs.rmSync(place, { recursive: true, force: true });
      }
    });
  }
  await up([], { raw: false });
}
