import * as authorization from "@pulumi/azure-native/authorization";
import * as pulumi from "@pulumi/pulumi";
import { ProgramError } from "../config/program-error";

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

/** @throws ProgramError with both subscriptions, and what to do */
export function requireSubscription(resourceId: string, signedIn: string): void {
  const own = /^\/subscriptions\/([^/]+)/i.exec(resourceId)?.[1] ?? "";
  const problem = subscriptionProblem("the stack's", own, signedIn);
  if (problem === undefined) return;
  throw new ProgramError(
    `This stack's resources are ${problem}, then run this again. To move the lab, destroy it first.`,
  );
}

/**
 * Why a resource's subscription isn't the one that the sign-in is for, with what to do; undefined if it is.
 * @param whose the resource's owner: `the stack's`
 */
export const subscriptionProblem = (
  whose: string,
  own: string,
  signedIn: string,
): string | undefined =>
  own.toLowerCase() === signedIn.toLowerCase()
    ? undefined
    : `in the subscription ${own}, and the sign-in is for ${signedIn}. Choose ${whose}: az account set --subscription ` +
      `${own} (where ARM_SUBSCRIPTION_ID or the key azure-native:subscriptionId is set, change it there)`;
