import type { TokenCredential } from "@azure/identity";
import { setTimeout as delay } from "node:timers/promises";
import { cloudFromEnvironment, type Cloud } from "../../../azure/cloud";
import { credentialFromEnvironment } from "../../../azure/credential";
import { fetchWithRetries } from "./retry";

/** A refusal of the Resource Manager's, worded as azure-native words it. */
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

/** Azure took the request, but what it started failed or wasn't waited for: something may stand. */
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

/** Calls the Resource Manager, and waits for what it does. */
export class ArmClient {
  private constructor(
    private readonly cloud: Cloud,
    private readonly credential: TokenCredential,
    readonly subscriptionId: string,
  ) {}

  /** Signs in by the ARM_* variables. */
  static async fromEnvironment(env: NodeJS.ProcessEnv): Promise<ArmClient> {
    const subscriptionId = env.ARM_SUBSCRIPTION_ID;
    if (!subscriptionId) {
      throw new Error(
        "ARM_SUBSCRIPTION_ID is not set; local Azure's variables come from `npm run -s lab:env`",
      );
    }
    const cloud = await cloudFromEnvironment(env);
    return new ArmClient(cloud, credentialFromEnvironment(env, cloud), subscriptionId);
  }

  /**
   * The response's body once the operation has ended; undefined where there is none.
   * @throws ArmRequestError where Azure refuses, UnfinishedOperationError where a PUT that it took doesn't end well.
   */
  async call(request: ArmRequest): Promise<Record<string, unknown> | undefined> {
    const url = `${this.cloud.resourceManager}${request.path}?api-version=${request.apiVersion}`;
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

  /** What a URL leaves that answers 202 until the operation has ended. */
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
    const token = await this.credential.getToken(`${this.cloud.resourceManager}/.default`);
    if (!token) throw new Error("the sign-in gave no token");
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
    // Some services leave the body unwrapped; azure-native then shows the whole of it.
    const { code = "Unknown", message } = body.error ?? { code: body.code, message: text };
    return new ArmRequestError(response.status, code, message);
  } catch {
    return new ArmRequestError(response.status, "Unknown", text.slice(0, 500));
  }
}
