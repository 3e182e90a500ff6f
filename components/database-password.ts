import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * A secret password of a user of the server.
 * @param special characters beside letters and digits; none that is special in a shell, a connection string or YAML
 */
export const databasePassword = (
  name: string,
  special: string,
  parent?: pulumi.Resource,
): pulumi.Output<string> =>
  new random.RandomPassword(
    name,
    {
      length: 24,
      overrideSpecial: special,
      minLower: 1,
      minUpper: 1,
      minNumeric: 1,
      minSpecial: 1,
    },
    { parent },
  ).result;
