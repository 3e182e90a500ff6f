import type * as pulumi from "@pulumi/pulumi";

/**
 * The type token of a component: `pg-audit-lab:index:<Name>`.
 * Components register no inputs: one would wait for all that its arguments hold, and its children with it.
 */
export const componentType = (name: string): string => `pg-audit-lab:index:${name}`;

/** Where a component's resources stand, and the tags that they carry. */
export interface PlacementArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region. A change replaces the resources. */
  readonly location: pulumi.Input<string>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}
