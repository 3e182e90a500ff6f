import { type IncomingMessage, type RequestListener } from "node:http";
import { isKnownAudience } from "../tokens/audiences";
import { type TokenAuthority } from "../tokens/token-authority";
import { identitiesOf, type MachineIdentity } from "./managed-identity";
import { type ResourceStore } from "./resource-store";
import { VIRTUAL_MACHINES } from "./resource-type-names";
import { machineKeyOf } from "./resource-types/network/machine-addresses";

export interface InstanceMetadataOptions {
  readonly store: ResourceStore;
  readonly tokens: TokenAuthority;
  readonly tenantId: string;
  /** Base URL of the Resource Manager, an audience of tokens. */
  readonly resourceManager: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const TOKEN_PATH = "/metadata/identity/oauth2/token";
/** Source: "Use managed identities on a virtual machine to acquire access token", caching. */
const TOKEN_SECONDS = 24 * 3600;
const FIRST_API_VERSION = "2018-02-01";

/**
 * Azure's instance metadata service, of which local Azure has the tokens of managed identities.
 * Sources: "Use managed identities on a virtual machine to acquire access token" (parameters, response, errors); "Azure
 * Instance Metadata Service", security and authentication (the two headers).
 */
export class InstanceMetadata {
  constructor(private readonly options: InstanceMetadataOptions) {}

  /** Answers the requests of one machine. @param machine its key */
  listener(machine: string): RequestListener {
    return (request, response) => {
      const { status, body } = this.answer(machine, request);
      response
        .writeHead(status, { "Content-Type": "application/json; charset=utf-8" })
        .end(JSON.stringify(body));
    };
  }

  private answer(machine: string, { method, url = "/", headers }: IncomingMessage): Answer {
    const { pathname, searchParams } = new URL(url, "http://169.254.169.254");
    if (headers.metadata !== "true") return badRequest("Required metadata header not specified");
    if (headers["x-forwarded-for"] !== undefined) {
      return badRequest("Requests with the header X-Forwarded-For are refused");
    }
    if (pathname.replace(/\/$/, "") !== TOKEN_PATH) {
      return failure(404, "not_found", `Local Azure has no '${pathname}'; it has ${TOKEN_PATH}.`);
    }
    if (method !== "GET") return failure(405, "method_not_allowed", `Use GET of ${TOKEN_PATH}.`);
    if ((searchParams.get("api-version") ?? "") < FIRST_API_VERSION) {
      return badRequest(`api-version is missing or too old; use ${FIRST_API_VERSION} or later`);
    }
    const resource = searchParams.get("resource");
    if (resource === null) return badRequest("Required query variable 'resource' is missing");
    const { tenantId, resourceManager } = this.options;
    if (!isKnownAudience(resource, resourceManager)) {
      const text = `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${tenantId}.`;
      return failure(400, "invalid_resource", text);
    }
    const identity = this.chosen(machine, searchParams);
    return identity ? this.token(identity, resource) : badRequest("Identity not found");
  }

  /**
   * Without a choice, the system-assigned identity, else the only user-assigned one. Source: "Managed identities for Azure
   * resources frequently asked questions", which identity IMDS defaults to.
   */
  private chosen(machine: string, query: URLSearchParams): MachineIdentity | undefined {
    const { store } = this.options;
    const record = store.ofType(VIRTUAL_MACHINES).find(({ id }) => machineKeyOf(id) === machine);
    const identities = record ? identitiesOf(record, store) : [];
    const wanted = (["client_id", "object_id", "mi_res_id", "msi_res_id"] as const).find((name) =>
      query.has(name),
    );
    if (wanted === undefined) {
      const [first, second] = identities;
      return first?.resourceId === record?.id || second === undefined ? first : undefined;
    }
    const key = { client_id: "clientId", object_id: "objectId" } as const;
    const field = wanted in key ? key[wanted as keyof typeof key] : "resourceId";
    const value = query.get(wanted)?.toLowerCase();
    return identities.find((identity) => identity[field].toLowerCase() === value);
  }

  private token({ objectId, clientId, resourceId }: MachineIdentity, resource: string): Answer {
    const { tokens, tenantId } = this.options;
    const now = Math.floor(Date.now() / 1000);
    return {
      status: 200,
      body: {
        access_token: tokens.issue({
          ...{ tenantId, objectId, resourceId, appId: clientId },
          audience: resource,
          seconds: TOKEN_SECONDS,
        }),
        client_id: clientId,
        expires_in: String(TOKEN_SECONDS),
        expires_on: String(now + TOKEN_SECONDS),
        ext_expires_in: String(TOKEN_SECONDS),
        not_before: String(now),
        resource,
        token_type: "Bearer",
      },
    };
  }
}

const failure = (status: number, error: string, description: string): Answer => ({
  status,
  body: { error, error_description: description },
});

const badRequest = (description: string): Answer => failure(400, "invalid_request", description);
