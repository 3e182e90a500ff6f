import * as fs from "node:fs";
import * as path from "node:path";
import { DEFAULT_ROOT, LabPaths } from "../../local/paths";

const BUILDS = ["engine", "image", "postgresBuilds", "packages"] as const;

/** Gives a lab in another folder this clone's downloads and builds. */
export function shareBuilds(
  lab: LabPaths,
  names: readonly (typeof BUILDS)[number][] = BUILDS,
): void {
  const shared = new LabPaths(DEFAULT_ROOT);
  if (shared.root === lab.root) return;
  for (const name of names) {
    fs.mkdirSync(shared[name], { recursive: true });
    fs.mkdirSync(path.dirname(lab[name]), { recursive: true });
    if (!fs.existsSync(lab[name])) fs.symlinkSync(shared[name], lab[name]);
  }
}

/** Gives a lab in another folder this clone's certificate authority too, which the VM's image contains. */
export function shareAuthority(lab: LabPaths): void {
  const shared = new LabPaths(DEFAULT_ROOT);
  if (shared.root === lab.root) return;
  fs.mkdirSync(lab.tls, { recursive: true });
  fs.mkdirSync(lab.secrets, { recursive: true, mode: 0o700 });
  for (const name of ["caCertificate", "caKey"] as const) {
    if (fs.existsSync(shared[name])) fs.copyFileSync(shared[name], lab[name]);
  }
}
