import type * as pulumi from "@pulumi/pulumi";

/**
 * The type token of a component: `pg-audit-lab:index:<Name>`.
 * Components register no inputs that come from resources: a component waits for its inputs, and its children wait for the
 * component.
 */
export const componentType = (name: string): string => `pg-audit-lab:index:${name}`;

/** Resource group, region and tags of a component's resources. */
export interface PlacementArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region. A change replaces the resources. */
  readonly location: pulumi.Input<string>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}
