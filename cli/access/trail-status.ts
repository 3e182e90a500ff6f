import { shellQuote } from "../../common/shell-quote";
import { type StackOutputs } from "./stack-outputs";
import { type VmSession } from "./vm-session";

const TIMEOUT_MILLISECONDS = 30_000;
const MIB = 1024 ** 2;
/** Above this share of the cache, a growing file soon can't be read. */
const NEARLY_FULL = 0.8;

/** The mount on the VM, and the newest record in it. */
export interface TrailStatus {
  readonly mountPath: string;
  readonly mounted: boolean;
  /** ISO 8601; undefined where there is no record yet. */
  readonly newestRecord?: string;
  /** Where the newest file nearly fills the cache, which it must fit into to be read: the sizes in MiB. */
  readonly cacheNearlyFull?: { readonly fileMb: number; readonly cacheSizeMb: number };
}

/** Asks the VM. The server's blobs sort by their hour. */
export async function readTrailStatus(
  session: Pick<VmSession, "run">,
  {
    mountPath,
    logFolder,
    cacheSizeMb,
  }: Pick<StackOutputs, "mountPath" | "logFolder" | "cacheSizeMb">,
): Promise<TrailStatus> {
  const server = logFolder.slice(0, logFolder.indexOf("/$("));
  const blobs = `${shellQuote(server)}/y=*/m=*/d=*/h=*/m=00/PT1H.json`;
  const printed = await session.run(
    `mountpoint -q ${shellQuote(mountPath)} && echo mounted || echo not mounted
    blob=$(ls -d ${blobs} 2>/dev/null | tail -n 1); [ -z "$blob" ] || { stat -c %s "$blob"; tail -n 1 "$blob"; }`,
    { timeout: TIMEOUT_MILLISECONDS },
  );
  const [mounted, bytes = "", record = ""] = printed.split("\n");
  const fileMb = Math.ceil(Number(bytes) / MIB);
  return {
    mountPath,
    mounted: mounted === "mounted",
    newestRecord: timeOf(record),
    ...(cacheSizeMb !== undefined &&
      fileMb > NEARLY_FULL * cacheSizeMb && { cacheNearlyFull: { fileMb, cacheSizeMb } }),
  };
}

function timeOf(record: string): string | undefined {
  const text = /"time(?:stamp)?":"([^"]+)"/.exec(record)?.[1];
  const time = text === undefined ? NaN : Date.parse(text.replace(" UTC", "Z").replace(" ", "T"));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
