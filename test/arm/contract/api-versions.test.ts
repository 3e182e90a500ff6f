import * as fs from "node:fs";
import * as path from "node:path";
import { pathInputs, resourceId } from "../../../local/provider/azure-native/body";
import { SPECS } from "../../../local/provider/azure-native/specs";
import { localType } from "./local-types";
import { target } from "./request-judge";
import { FUNCTIONS, functionRequests } from "./stack-requests";

const SDK = path.dirname(require.resolve("@pulumi/azure-native/package.json"));

/** The api-version that the installed SDK documents for a resource or a function, `azure-native:network:Subnet`. */
function documentedVersion(token: string): string | undefined {
  const [, module = "", name = ""] = token.split(":");
  const file = path.join(SDK, module, `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`);
  return /Uses Azure REST API version (\d{4}-\d\d-\d\d(?:-preview)?)\./.exec(
    fs.readFileSync(file, "utf8"),
  )?.[1];
}

describe.each([...SPECS.values()])("$type", (spec) => {
  test("is sent with the api-version that azure-native documents", () => {
    expect(spec.apiVersion).toBe(documentedVersion(spec.type));
  });

  test("has that api-version in local Azure", () => {
    const scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Any/things/t";
    const inputs = Object.fromEntries(
      pathInputs(spec).map((name) => [name, /^(scope|resourceUri)$/.test(name) ? scope : "n"]),
    );
    const { type } = target(resourceId(spec, inputs, "s"));
    expect(localType(type).apiVersions).toContain(spec.apiVersion);
  });
});

/** It asks the sign-in, not Azure. */
const SENDS_NOTHING = "azure-native:authorization:getClientConfig";

test.each(FUNCTIONS.filter((token) => token !== SENDS_NOTHING))(
  "%s is sent with the api-version that azure-native documents",
  async (token) => {
    const sent = await functionRequests(token, {
      ...{ resourceGroupName: "g", accountName: "a" },
      ...{ serverName: "s", configurationName: "c" },
      ...{ virtualNetworkName: "n", subnetName: "s" },
    });
    expect(sent.map(({ request }) => request.apiVersion)).toEqual([documentedVersion(token)]);
  },
);
