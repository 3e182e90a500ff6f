import { type FastifyRequest } from "fastify";
import { ArmError } from "./arm-error";

export interface RequestTarget {
  readonly pathname: string;
  readonly apiVersion: string;
}

/** What a request is about, once it is known that it may be. @throws ArmError where it says no api-version */
export function targetOf(request: FastifyRequest): RequestTarget {
  const url = new URL(request.url, "https://arm");
  const apiVersion = url.searchParams.get("api-version");
  if (!apiVersion) {
    throw new ArmError(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  }
  return { pathname: decodeURIComponent(url.pathname), apiVersion };
}

/** @throws ArmError 404 SubscriptionNotFound for any subscription but local Azure's one */
export function requireSubscription(asked: string, subscriptionId: string): void {
  if (asked.toLowerCase() === subscriptionId.toLowerCase()) return;
  throw new ArmError(
    404,
    "SubscriptionNotFound",
    `The subscription '${asked}' could not be found.`,
  );
}
