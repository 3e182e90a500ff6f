import { shellQuote } from "../../common/shell-quote";
import { type StackOutputs } from "./stack-outputs";
import { type VmSession } from "./vm-session";

const TIMEOUT_MILLISECONDS = 30_000;

/** The mount on the VM, and the newest record in it. */
export interface TrailStatus {
  readonly mountPath: string;
  readonly mounted: boolean;
  /** ISO 8601; undefined where there is no record yet. */
  readonly newestRecord?: string;
}

/** Asks the VM. The server's blobs sort by their hour. */
export async function readTrailStatus(
  session: VmSession,
  { mountPath, logFolder }: StackOutputs,
): Promise<TrailStatus> {
  const server = logFolder.slice(0, logFolder.indexOf("/$("));
  const blobs = `${shellQuote(server)}/y=*/m=*/d=*/h=*/m=00/PT1H.json`;
  const printed = await session.run(
    `mountpoint -q ${shellQuote(mountPath)} && echo mounted || echo not mounted
    blob=$(ls -d ${blobs} 2>/dev/null | tail -n 1); [ -z "$blob" ] || tail -n 1 "$blob"`,
    { timeout: TIMEOUT_MILLISECONDS },
  );
  const [mounted, record = ""] = printed.split("\n");
  return { mountPath, mounted: mounted === "mounted", newestRecord: timeOf(record) };
}

function timeOf(record: string): string | undefined {
  const text = /"time(?:stamp)?":"([^"]+)"/.exec(record)?.[1];
  const time = text === undefined ? NaN : Date.parse(text.replace(" UTC", "Z").replace(" ", "T"));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
