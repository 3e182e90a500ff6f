import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";

/**
 * Returns a value once it is certain that the provider signs in to the subscription of an existing resource. A changed
 * subscription replaces nothing, and azure-native's functions would find nothing in it: "Resource group could not be found".
 */
export function inOwnSubscription(
  resourceId: pulumi.Output<string>,
  value: pulumi.Input<string>,
): pulumi.Output<string> {
  const checked = resourceId.apply(async (id) => {
    const { subscriptionId } = await authorization.getClientConfig();
    requireSubscription(id, subscriptionId);
  });
  return pulumi.all([value, checked]).apply(([result]) => result);
}

/** @throws RunError with both subscriptions, and what to do */
export function requireSubscription(resourceId: string, signedInTo: string): void {
  const own = /^\/subscriptions\/([^/]+)/i.exec(resourceId)?.[1] ?? "";
  if (own.toLowerCase() === signedInTo.toLowerCase()) return;
  throw new pulumi.RunError(
    `This stack's resources are in the subscription ${own}, and the sign-in is for ${signedInTo}. ` +
      `Choose the stack's: az account set --subscription ${own} (where ARM_SUBSCRIPTION_ID or the key ` +
      `azure-native:subscriptionId is set, change it there), then run this again. To move the lab, destroy it first.`,
  );
}
