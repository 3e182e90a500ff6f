import {
  IMMUTABILITY_POLICIES,
  ROLE_DEFINITIONS,
  STORAGE_ACCOUNTS,
} from "../../../local/arm/resource-type-names";
import { describePlace, objectLevels, withValue } from "./body-schema";
import { LOCAL_BODIES, localBody, type LocalBody, refusal } from "./local-types";
import { requestsOfEveryKind, type StackRequest } from "./stack-requests";

const UNKNOWN = "propertyThatAzureDoesNotKnow";

let requests: readonly StackRequest[];
beforeAll(async () => {
  const sent = await requestsOfEveryKind();
  requests = sent.filter(({ request }) => request.body !== undefined);
});

/** That of scripts/immutability-policy.ts. */
const POLICY = {
  properties: { immutabilityPeriodSinceCreationInDays: 1, allowProtectedAppendWrites: true },
};

/** Bodies that the stack doesn't send. */
const OTHER_BODIES: Readonly<Record<string, unknown>> = {
  [`POST regenerateKey of ${STORAGE_ACCOUNTS}`]: { keyName: "key1" },
  [`PUT of ${IMMUTABILITY_POLICIES}`]: POLICY,
  [`POST extend of ${IMMUTABILITY_POLICIES}`]: POLICY,
  [`PUT of ${ROLE_DEFINITIONS}`]: {
    properties: {
      roleName: "Keys",
      permissions: [{ actions: ["Microsoft.Storage/storageAccounts/listKeys/action"] }],
      assignableScopes: ["/subscriptions/s"],
    },
  },
};

/** A body that the stack sends; an empty one if it sends none, as for PATCH. */
const bodyFromStack = (body: LocalBody): unknown =>
  requests.find(({ request }) => localBody(request) === body)?.request.body ??
  OTHER_BODIES[`${body.verb} of ${body.type.type}`] ??
  {};

const LEVELS = LOCAL_BODIES.flatMap((body) =>
  objectLevels(body.schema).map((place) => ({
    what: `${body.verb} of ${body.type.type}`,
    where: describePlace(place) || "its top",
    body,
    place,
  })),
);

describe("local Azure refuses an unknown property, and names it", () => {
  test.each(LEVELS)("$what at $where", ({ body, place }) => {
    const known = bodyFromStack(body);
    if (body.verb !== "PATCH") expect(refusal(body, known)).toBeUndefined();
    const refused = refusal(body, withValue(known, [...place, UNKNOWN], "value"));
    expect(refused).toMatchObject({ status: 400, code: "InvalidRequestContent" });
    expect(refused?.message).toContain(UNKNOWN);
  });
});
