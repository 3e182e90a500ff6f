import { setTimeout as delay } from "node:timers/promises";

/** Source: azcore's runtime/policy_retry.go, with its defaults, as in azure-native. */
const RETRIED_STATUSES = [408, 429, 500, 502, 503, 504];
const RETRIES = 3;
/** azcore's first delay. azure-native's is 20 s, which is too long for local Azure. */
const FIRST_DELAY_MILLISECONDS = 800;
/** A longer Retry-After ends the retries. Source: pulumi-azure-native's azure/client_azcore.go. */
const LONGEST_DELAY_MILLISECONDS = 120_000;

/** Methods that can be sent again where it is unknown whether Azure did the first request. */
const IDEMPOTENT = ["GET", "HEAD", "PUT", "DELETE"];

/** Waits; replaced by tests. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;

/**
 * Sends a request again after a transient error, up to four times in total. Waits for the time in Retry-After, else longer
 * each time. A connection that ends without a response is a transient error too, except for a POST, which Azure may have
 * done (azcore sends it again).
 * @throws Error that names the request, where no attempt got a response
 */
export async function fetchWithRetries(
  url: string,
  init: RequestInit & { readonly method: string },
  pause: Pause = wait,
): Promise<Response> {
  const signal = init.signal ?? undefined;
  const attempts = IDEMPOTENT.includes(init.method) ? RETRIES + 1 : 1;
  for (let attempt = 1; ; attempt++) {
    let response: Response | undefined;
    try {
      response = await fetch(url, init);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= attempts) throw noResponse(init.method, url, attempt, error);
    }
    const milliseconds = retryDelay(response, attempt);
    if (response && (milliseconds === undefined || attempt > RETRIES)) return response;
    await response?.body?.cancel();
    await pause(milliseconds ?? 0, signal);
  }
}

/** The time until the next attempt; undefined where the response is final. */
function retryDelay(response: Response | undefined, attempt: number): number | undefined {
  if (response && !RETRIED_STATUSES.includes(response.status)) return undefined;
  const asked = response && retryAfterMilliseconds(response.headers);
  if (asked) return asked > LONGEST_DELAY_MILLISECONDS ? undefined : asked;
  const jitter = 0.8 + Math.random() / 2;
  return (2 ** attempt - 1) * FIRST_DELAY_MILLISECONDS * jitter;
}

/** Seconds or a date. */
function retryAfterMilliseconds(headers: Headers): number | undefined {
  const value = headers.get("Retry-After");
  if (value === null) return undefined;
  const seconds = Number(value);
  return Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
}

function noResponse(method: string, url: string, attempts: number, error: unknown): Error {
  const { message, cause } = error as Error & { cause?: Error };
  const times = attempts === 1 ? "" : ` after ${attempts} attempts`;
  return new Error(
    `${method} ${new URL(url).pathname}: no answer${times} (${cause?.message ?? message})`,
    { cause: error },
  );
}

const wait: Pause = (milliseconds, signal) =>
  delay(milliseconds, undefined, signal ? { signal } : {});
