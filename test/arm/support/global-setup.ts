import { ensureSystemPackages } from "../../../local/setup/system-packages";

/** The suites run real parts: on a new machine they are installed first. */
export default async function globalSetup(): Promise<void> {
  await ensureSystemPackages((line) => console.log(line));
}
