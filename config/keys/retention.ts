import { z } from "zod";
import { oneOf, type Report, wholeNumber } from "../rules";

/** Source: Azure's "Time-based retention policies for immutable blob data", retention interval. */
const MOST_IMMUTABLE_DAYS = 146_000;
/** Source: terraform-provider-azurerm, storage_management_policy: a lifecycle rule takes up to 99,999 days. */
const MOST_DAYS = 99_999;
/** Source: the REST API's "Blob Services - Set Service Properties", DeleteRetentionPolicy. */
const MOST_SOFT_DELETE_DAYS = 365;

const RETENTION = z.strictObject({
  days: wholeNumber(
    0,
    MOST_DAYS,
    `whole days, up to ${MOST_DAYS}; 0 keeps the logs for ever`,
  ).default(0),
  immutableDays: wholeNumber(
    0,
    MOST_IMMUTABLE_DAYS,
    `whole days, up to ${MOST_IMMUTABLE_DAYS}; 0 for none`,
  ).default(0),
  locked: z.boolean().default(false),
  lockedConfirmation: z.string().default(""),
  softDeleteDays: wholeNumber(
    0,
    MOST_SOFT_DELETE_DAYS,
    `whole days, up to ${MOST_SOFT_DELETE_DAYS}; 0 for none`,
  ).default(0),
  deleteLock: z.boolean().default(false),
  protect: z.boolean().default(false),
  allowReplacement: z.boolean().default(false),
});

/** How long the logs are kept, and who may delete them. */
export type Retention = z.output<typeof RETENTION>;

/** How long the logs are kept, and from where the storage account is reached. */
export const RETENTION_KEYS = {
  retention: RETENTION,
  storageNetworkAccess: oneOf(["public", "trusted", "private"]),
};

/**
 * What somebody writes who wants the policy locked. It names the days: a lock for more of them is another decision, which
 * nobody can undo either.
 */
const confirmation = (days: number): string => `${days} days, irrevocably`;

type RetentionChoices = z.output<z.ZodObject<typeof RETENTION_KEYS>>;

/** Rules of several fields and keys. */
export function retentionProblems(
  { retention, storageNetworkAccess, vm }: RetentionChoices & { readonly vm: boolean },
  problem: Report,
): void {
  if (storageNetworkAccess === "private" && !vm) {
    problem(
      "storageNetworkAccess",
      "private needs the virtual network, which the VM has; with vm false, trusted lets in the addresses of sshSourceAddressPrefixes",
    );
  }
  const { days, immutableDays, locked, lockedConfirmation } = retention;
  if (days > 0 && days < immutableDays) {
    problem(
      "retention",
      `days is ${days}, and immutableDays is ${immutableDays}: Azure deletes no log before it stops being immutable; ` +
        "set days to immutableDays or more",
    );
  }
  if (locked && immutableDays === 0) {
    problem("retention", "locked needs immutableDays");
  } else if (locked && lockedConfirmation !== confirmation(immutableDays)) {
    problem(
      "retention",
      "locked can't be undone: nobody can shorten or delete a locked policy, nor delete the storage account " +
        "while logs are in it. Whoever wants that sets lockedConfirmation too:\n" +
        `      pulumi config set --path retention.lockedConfirmation '${confirmation(immutableDays)}'`,
    );
  }
}

/** What is valid, and may surprise. */
export function retentionWarnings({ retention }: { readonly retention: Retention }): string[] {
  const { immutableDays, locked, allowReplacement } = retention;
  return [
    ...(locked
      ? [
          `retention.locked: the logs can't be deleted before ${immutableDays} days have passed since they were written. Until ` +
            "then `pulumi destroy` can't delete the storage account; see docs/retention.md.",
        ]
      : []),
    ...(allowReplacement
      ? [
          "retention.allowReplacement: an update that needs another storage account deletes the one with the logs. " +
            "Remove it after that update: pulumi config rm --path retention.allowReplacement",
        ]
      : []),
  ];
}
