import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type HttpMethods,
} from "@azure/core-rest-pipeline";
import { type Cloud, cloudFromEnvironment } from "./cloud";
import { credentialFromEnvironment } from "./credential";

export interface ResourceManager {
  readonly cloud: Cloud;
  /**
   * Sends a signed-in request; repeats it where Azure's guidelines say so (throttled, unavailable, no connection).
   * @param url a path with its api-version, or a whole URL
   */
  readonly send: (
    method: string,
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ status: number; headers: Record<string, string>; body: unknown }>;
}

/** The Resource Manager of the ARM_* variables' cloud, with their credentials. */
export async function resourceManagerFromEnvironment(
  env: NodeJS.ProcessEnv,
): Promise<ResourceManager> {
  const cloud = await cloudFromEnvironment(env);
  const pipeline = createPipelineFromOptions({});
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      credential: credentialFromEnvironment(env, cloud),
      scopes: `${cloud.resourceManager}/.default`,
    }),
  );
  const client = createDefaultHttpClient();
  return {
    cloud,
    send: async (method, url, body, headers) => {
      const response = await pipeline.sendRequest(
        client,
        createPipelineRequest({
          method: method as HttpMethods,
          url: new URL(url, cloud.resourceManager).href,
          headers: createHttpHeaders({ "Content-Type": "application/json", ...headers }),
          body: body === undefined ? undefined : JSON.stringify(body),
        }),
      );
      const text = response.bodyAsText;
      return {
        status: response.status,
        headers: response.headers.toJSON(),
        body: text ? (JSON.parse(text) as unknown) : undefined,
      };
    },
  };
}
