import { type ProviderDefinition } from "../protocol";
import { ArmClient } from "./arm-client";
import { invokes } from "./invokes";
import { resourceHandler } from "./resource-handler";
import { SPECS } from "./specs";

/** The types of azure-native that the lab uses, over local Azure's Resource Manager API. */
export function azureNativeProvider(version: string, env: NodeJS.ProcessEnv): ProviderDefinition {
  let signedIn: Promise<ArmClient> | undefined;
  // A preview of a new stack needs no cloud: it is signed in to at the first call.
  const client = () => (signedIn ??= ArmClient.fromEnvironment(env));
  const functions = invokes(client);
  return {
    name: "azure-native",
    version,
    supportsPreview: true,
    resources: (type) => {
      const spec = SPECS.get(type);
      return spec && resourceHandler(spec, client);
    },
    invokes: (token) => functions.get(token),
  };
}
