import { callControl } from "../../local/azure/control-client";
import { requireRunningLab } from "../lab/context";

/** `./lab pass-days DAYS`: the storage of local Azure does what it does as many days later. */
export async function passDays(days: string): Promise<void> {
  const { paths, settings } = await requireRunningLab();
  const answer = await callControl(
    paths,
    settings,
    "POST",
    `pass-days/${encodeURIComponent(days)}`,
  );
  const { deleted } = JSON.parse(answer) as { deleted: string[] };
  console.log(
    deleted.length === 0
      ? `The storage is ${days} days later. No blob is old enough to be deleted.`
      : `The storage is ${days} days later. Deleted:\n${deleted.join("\n")}`,
  );
}
