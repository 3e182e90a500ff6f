import * as pulumi from "@pulumi/pulumi";
import { type LabConfig } from "../config/schema";
import { componentType } from "./component";

export interface TrailPlaceArgs {
  readonly config: Pick<LabConfig, "location" | "resourceGroupName" | "retention">;
  /** Of the storage account with the logs. */
  readonly accountName: pulumi.Output<string>;
}

/** The keys of the configuration for which azure-native replaces the storage account. */
const PLACE = ["location", "resourceGroupName"] as const;
type Place = Readonly<Partial<Record<(typeof PLACE)[number], string>>>;

/**
 * Where the logs are. Another place is another storage account, and Pulumi would delete the one with the logs: that is
 * refused, in previews too, unless `retention.allowReplacement` says otherwise. `pulumi destroy` isn't.
 *
 * It is a resource of its own with the place as its inputs, whose update fails before another resource gets the place:
 * whatever needs it takes it from here. A hook of the account's deletion would come too late for what is deleted with the
 * group, and `pulumi destroy` would need --run-program. Source: Pulumi's "Resource option: hooks".
 */
export class TrailPlace extends pulumi.ComponentResource {
  readonly location: pulumi.Output<string>;
  readonly resourceGroupName: pulumi.Output<string>;

  constructor(name: string, { config, accountName }: TrailPlaceArgs) {
    const { location, resourceGroupName, retention } = config;
    const hook = new pulumi.ResourceHook(
      `${name}-keeps-logs`,
      ({ oldInputs = {}, newInputs = {}, oldOutputs = {} }) => {
        const problem = replacementProblem(oldInputs, newInputs, String(oldOutputs.accountName));
        if (problem !== undefined) throw new Error(problem);
      },
      { onDryRun: true },
    );
    const hooks = retention.allowReplacement ? {} : { beforeUpdate: [hook] };
    super(componentType("TrailPlace"), name, { location, resourceGroupName }, { hooks });
    this.location = this.urn.apply(() => location);
    this.resourceGroupName = this.urn.apply(() => resourceGroupName);
    this.registerOutputs({ accountName });
  }
}

/** Why a change of the place would delete the logs in an account, and what to do; undefined without a change. */
export function replacementProblem(
  before: Place,
  after: Place,
  accountName: string,
): string | undefined {
  const changed = PLACE.filter((key) => before[key] !== after[key]);
  if (changed.length === 0) return undefined;
  const changes = changed.map((key) => `${key} from ${before[key]} to ${after[key]}`);
  return (
    `This update would delete the storage account ${accountName} in ${before.resourceGroupName}, with all audit logs in it: ` +
    `it changes ${changes.join(", and ")}. Change that back, or use another stack for the new place. To delete the logs: ` +
    "pulumi config set --path retention.allowReplacement true"
  );
}
