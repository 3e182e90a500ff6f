import { shellQuote } from "../../common/shell-quote";
import { cacheWarning, mebibytes, uncachedLogFolder } from "./log-folder";
import { type StackOutputs } from "./stack-outputs";
import { type VmSession } from "./vm-session";

const TIMEOUT_MILLISECONDS = 30_000;

/** The mounts on the VM, and the newest record in them. */
export interface TrailStatus {
  readonly mountPath: string;
  readonly mounted: boolean;
  /** The mount without a cache, which audit-tail reads. */
  readonly uncachedMounted: boolean;
  /** ISO 8601; undefined where there is no record yet. */
  readonly newestRecord?: string;
  /** Where the newest file nearly fills the cache, which it must fit into to be read at `mountPath`, or is larger. */
  readonly cacheWarning?: string;
}

type Outputs = Pick<StackOutputs, "mountPath" | "uncachedMountPath" | "logFolder" | "cacheSizeMb">;

/**
 * Asks the VM. The newest file is read without the cache, so that it may have any size, and is found by the largest name
 * in each folder.
 */
export async function readTrailStatus(
  session: Pick<VmSession, "run">,
  outputs: Outputs,
): Promise<TrailStatus> {
  const { mountPath, uncachedMountPath = mountPath } = outputs;
  const logFolder = uncachedLogFolder(outputs);
  const server = logFolder.slice(0, logFolder.indexOf("/$("));
  const printed = await session.run(
    `for mount in ${shellQuote(mountPath)} ${shellQuote(uncachedMountPath)}; do
      mountpoint -q "$mount" && echo mounted || echo not mounted
    done
    cd ${shellQuote(server)} 2>/dev/null || exit 0
    for part in y m d h; do cd "$(ls -d $part=* 2>/dev/null | tail -n 1)" || exit 0; done
    blob=m=00/PT1H.json; [ ! -f $blob ] || { stat -c %s $blob; tail -n 1 $blob; }`,
    { timeout: TIMEOUT_MILLISECONDS },
  );
  const [mounted, uncachedMounted, bytes = "", record = ""] = printed.split("\n");
  const warning = cacheWarning(mebibytes(Number(bytes)), outputs);
  return {
    mountPath,
    mounted: mounted === "mounted",
    uncachedMounted: uncachedMounted === "mounted",
    newestRecord: timeOf(record),
    ...(warning !== undefined && { cacheWarning: warning }),
  };
}

function timeOf(record: string): string | undefined {
  const text = /"time(?:stamp)?":"([^"]+)"/.exec(record)?.[1];
  const time = text === undefined ? NaN : Date.parse(text.replace(" UTC", "Z").replace(" ", "T"));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
