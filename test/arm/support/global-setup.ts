import { ensureSystemPackages } from "../../../local/setup/system-packages";

/** Installs the system packages that the tests need, if they are missing. */
export default async function globalSetup(): Promise<void> {
  await ensureSystemPackages((line) => console.log(line));
}
