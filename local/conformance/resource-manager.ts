import { setTimeout as delay } from "node:timers/promises";
import { type Request } from "./claim";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; undefined if there is none. */
  readonly body: unknown;
}

/** Sends a signed-in request to the Resource Manager. @param url a path, or a whole URL */
export type Send = (method: string, url: string, body?: unknown) => Promise<Answer>;

/** How a request ended. */
export interface Outcome {
  /** Status of the answer to the request itself. */
  readonly status: number;
  /** How its long-running operation ended; undefined if it started none. */
  readonly ended?: string;
  readonly code?: string;
  readonly message?: string;
  /** The body of the first answer. */
  readonly body: unknown;
}

/** Azure refuses a request with these while it works on another one of the same resource. */
const BUSY = ["ServerIsBusy", "AnotherOperationInProgress", "RetryableError", "TooManyRequests"];
const BUSY_MINUTES = 20;
const OPERATION_MINUTES = 60;
const DEFAULT_RETRY_SECONDS = 15;

/** The Resource Manager with patience: waits while it is busy, and until operations have ended. */
export class ResourceManager {
  constructor(
    private readonly send: Send,
    private readonly signal?: AbortSignal,
  ) {}

  /** @param expectedCode a code that isn't waited out */
  async run({ method, url, body }: Request, expectedCode?: string): Promise<Outcome> {
    const deadline = Date.now() + BUSY_MINUTES * 60_000;
    for (;;) {
      const answer = await this.send(method, url, body);
      const { code = "" } = errorOf(answer.body);
      if (!BUSY.includes(code) || code === expectedCode || Date.now() > deadline) {
        return this.finish(answer);
      }
      await this.pause(answer);
    }
  }

  private async finish(first: Answer): Promise<Outcome> {
    const { status, headers, body } = first;
    const outcome = { status, ...errorOf(body), body };
    const url = headers["azure-asyncoperation"] ?? (status === 202 ? headers.location : undefined);
    if (typeof url !== "string" || status >= 400) return outcome;
    const deadline = Date.now() + OPERATION_MINUTES * 60_000;
    for (let last = first; ;) {
      await this.pause(last);
      last = await this.send("GET", url);
      const ended = endOf(last);
      if (ended !== undefined) return { ...outcome, ended, ...errorOf(last.body) };
      if (Date.now() > deadline) {
        return { ...outcome, ended: `still running after ${OPERATION_MINUTES} minutes` };
      }
    }
  }

  private pause({ headers }: Answer): Promise<void> {
    const seconds = Number(headers["retry-after"] ?? DEFAULT_RETRY_SECONDS);
    // Local Azure's 0 means at once; a date, which Azure doesn't send here, isn't a number.
    const milliseconds = Number.isNaN(seconds) ? DEFAULT_RETRY_SECONDS * 1000 : seconds * 1000;
    return delay(Math.max(milliseconds, 20), undefined, { signal: this.signal });
  }
}

/** How an operation ended by the answer to a poll; undefined while it runs. */
function endOf({ status, body }: Answer): string | undefined {
  if (status === 202) return undefined;
  const state = (body as { status?: unknown } | undefined)?.status;
  if (typeof state !== "string") return status < 400 ? "Succeeded" : "Failed";
  return ["Succeeded", "Failed", "Canceled"].includes(state) ? state : undefined;
}

/** Azure Monitor's errors aren't wrapped in `error`. */
function errorOf(body: unknown): { code?: string; message?: string } {
  const { error = body } = (body ?? {}) as { error?: unknown };
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return typeof code === "string" ? { code, message: String(message) } : {};
}
