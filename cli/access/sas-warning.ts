import { remedy } from "./remedy";
import { type StackOutputs } from "./stack-outputs";

const DAY_MILLISECONDS = 24 * 3600 * 1000;

/**
 * Says when the mount's shared access signature ends, and how to renew it: in the second half of its last period, in
 * which an update renews it, and after its end.
 */
export function sasWarning(
  {
    storageSasExpiry,
    storageSasDays = 0,
  }: Pick<StackOutputs, "storageSasExpiry" | "storageSasDays">,
  stack: string,
  nowMilliseconds = Date.now(),
): string | undefined {
  if (storageSasExpiry === undefined) return undefined;
  const days = (Date.parse(storageSasExpiry) - nowMilliseconds) / DAY_MILLISECONDS;
  const renewal = `This renews it: ${remedy(stack)}`;
  const end = storageSasExpiry.slice(0, 10);
  if (days <= 0) return `The mount's SAS ended on ${end}: it shows the log no longer. ${renewal}`;
  if (days > storageSasDays / 2) return undefined;
  const left = days < 1 ? "within a day" : `in ${Math.floor(days)} days`;
  return `The mount's SAS ends ${left}, on ${end}. ${renewal}`;
}
