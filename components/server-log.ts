import type * as pulumi from "@pulumi/pulumi";
import { LOG_CATEGORY_GROUPS } from "../config/keys/postgres";
import { type PlacementArgs } from "./component";

/** The log of a flexible server, for a further destination with a diagnostic setting of its own. */
export interface ServerLogArgs extends PlacementArgs {
  readonly serverId: pulumi.Input<string>;
  /** Log categories, or groups of categories. */
  readonly logCategories: readonly string[];
}

/** Categories and groups as a diagnostic setting takes them. */
export const logSettings = (names: readonly string[]) =>
  names.map((name) =>
    LOG_CATEGORY_GROUPS.includes(name)
      ? { categoryGroup: name, enabled: true }
      : { category: name, enabled: true },
  );
