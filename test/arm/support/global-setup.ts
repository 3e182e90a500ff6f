import { ensureServerBuild } from "../../../local/backends/postgres/server-build";
import { LabPaths } from "../../../local/paths";
import { ensureSystemPackages } from "../../../local/setup/system-packages";

/** Installs what the tests need, if it is missing: system packages, and PostgreSQL 15, which most tests use. */
export default async function globalSetup(): Promise<void> {
  const notify = (line: string) => console.log(line);
  await ensureSystemPackages(notify);
  await ensureServerBuild(new LabPaths(), "15", notify);
}
