import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { setTimeout as delay } from "node:timers/promises";
import { fetchWithRetries } from "./retry";

/** An error response of the Resource Manager, with the text of azure-native. */
export class ArmRequestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(`Status=${status} Code="${code}" Message="${message}"`);
    this.name = "ArmRequestError";
  }
}

/** Azure accepted the request, but its operation failed or was interrupted: the resource may exist. */
export class UnfinishedOperationError extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
    this.name = "UnfinishedOperationError";
  }
}

export interface ArmRequest {
  readonly method: "GET" | "PUT" | "DELETE" | "POST";
  /** A resource id, or an id and an action. */
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

interface OperationStatus {
  readonly status: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const DEFAULT_RETRY_SECONDS = 5;

/** The variables that identify local Azure and sign in to it. */
const VARIABLES = [
  "ARM_METADATA_HOSTNAME",
  "ARM_TENANT_ID",
  "ARM_CLIENT_ID",
  "ARM_CLIENT_SECRET",
  "ARM_SUBSCRIPTION_ID",
] as const;
const METADATA_API_VERSION = "2022-09-01";
const METADATA_TIMEOUT_MILLISECONDS = 30_000;

/** The part of a cloud's metadata document that is needed here. */
interface CloudMetadata {
  readonly resourceManager: string;
  readonly authentication: { readonly loginEndpoint: string };
}

/** Calls local Azure's Resource Manager, and waits for its operations. */
export class ArmClient {
  private constructor(
    private readonly resourceManager: string,
    private readonly credential: TokenCredential,
    readonly subscriptionId: string,
    /** Who is signed in. */
    readonly signedIn: { readonly tenantId: string; readonly clientId: string },
  ) {}

  /** Signs in to local Azure with a client secret. @throws Error where a variable of local Azure is missing */
  static async fromEnvironment(env: NodeJS.ProcessEnv): Promise<ArmClient> {
    const [host, tenantId, clientId, clientSecret, subscriptionId] = VARIABLES.map((name) => {
      const value = env[name];
      if (value) return value;
      throw new Error(
        `${name} is not set. This stand-in of azure-native speaks to local Azure only; its variables come from ` +
          '`eval "$(./lab env)"`.',
      );
    }) as [string, string, string, string, string];
    const url = `https://${host}/metadata/endpoints?api-version=${METADATA_API_VERSION}`;
    const response = await fetch(url, {
      signal: AbortSignal.timeout(METADATA_TIMEOUT_MILLISECONDS),
    });
    if (!response.ok) {
      throw new Error(`${url} responded with status ${response.status}; is local Azure running?`);
    }
    const { resourceManager, authentication } = (await response.json()) as CloudMetadata;
    const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, {
      authorityHost: authentication.loginEndpoint.replace(/\/+$/, ""),
      disableInstanceDiscovery: true,
    });
    return new ArmClient(resourceManager.replace(/\/+$/, ""), credential, subscriptionId, {
      tenantId,
      clientId,
    });
  }

  /**
   * The response's body after the end of the operation; undefined where there is none.
   * @throws ArmRequestError for an error response, UnfinishedOperationError where an accepted PUT fails
   */
  async call(request: ArmRequest): Promise<Record<string, unknown> | undefined> {
    const url = `${this.resourceManager}${request.path}?api-version=${request.apiVersion}`;
    const response = await this.fetch(url, request);
    const operation = response.headers.get("Azure-AsyncOperation");
    if (operation === null && response.status === 202) {
      await response.body?.cancel();
      return this.waitForResult(response.headers.get("Location") ?? url, request.signal);
    }
    if (operation === null) return bodyOf(response);
    await response.body?.cancel();
    if (request.method !== "PUT") {
      await this.waitFor(operation, request.signal);
      return undefined;
    }
    await this.waitFor(operation, request.signal).catch((error: Error) => {
      throw new UnfinishedOperationError(error);
    });
    return this.call({ ...request, method: "GET", body: undefined });
  }

  /** Polls a URL that responds with 202 until the end of the operation. */
  private async waitForResult(location: string, signal?: AbortSignal) {
    for (;;) {
      const response = await this.fetch(location, { method: "GET", signal });
      if (response.status !== 202) return bodyOf(response);
      await response.body?.cancel();
      await pause(response, signal);
    }
  }

  private async waitFor(operationUrl: string, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const response = await this.fetch(operationUrl, { method: "GET", signal });
      const { status, error } = (await response.json()) as OperationStatus;
      if (status === "Succeeded") return;
      if (status === "Failed" || status === "Canceled") {
        throw new ArmRequestError(
          response.status,
          error?.code ?? status,
          error?.message ?? "The operation failed.",
        );
      }
      await pause(response, signal);
    }
  }

  private async fetch(
    url: string,
    { method, body, signal }: Pick<ArmRequest, "method" | "body" | "signal">,
  ): Promise<Response> {
    const token = await this.credential.getToken(`${this.resourceManager}/.default`);
    if (!token) throw new Error("the sign-in returned no token");
    const response = await fetchWithRetries(url, {
      method,
      signal,
      headers: { Authorization: `Bearer ${token.token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw await requestError(response);
    return response;
  }
}

async function pause({ headers }: Response, signal?: AbortSignal): Promise<void> {
  const seconds = Number(headers.get("Retry-After") ?? DEFAULT_RETRY_SECONDS);
  await delay(seconds * 1000, undefined, signal ? { signal } : {});
}

async function bodyOf(response: Response): Promise<Record<string, unknown> | undefined> {
  const text = await response.text();
  return text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>);
}

async function requestError(response: Response): Promise<ArmRequestError> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as { error?: { code: string; message: string }; code?: string };
    // Some services return the body without `error`; azure-native then shows all of it.
    const { code = "Unknown", message } = body.error ?? { code: body.code, message: text };
    return new ArmRequestError(response.status, code, message);
  } catch {
    return new ArmRequestError(response.status, "Unknown", text.slice(0, 500));
  }
}
