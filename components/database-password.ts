import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** A secret password of a user of the server. */
export const databasePassword = (name: string, parent?: pulumi.Resource): pulumi.Output<string> =>
  new random.RandomPassword(
    name,
    {
      length: 24,
      // Without characters that are special in a shell, a connection string or YAML.
      overrideSpecial: "-_.~",
      minLower: 1,
      minUpper: 1,
      minNumeric: 1,
      minSpecial: 1,
    },
    { parent },
  ).result;
