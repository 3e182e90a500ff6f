import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import * as crypto from "node:crypto";
import { isKnownAudience } from "../tokens/audiences";
import { type TokenAuthority } from "../tokens/token-authority";
import { type Principal } from "./access-control";
import { ArmError } from "./arm-error";

/** Who may call the API, and its URL. */
export interface IdentityOptions {
  readonly tenantId: string;
  readonly clientId: string;
  /** Called at each sign-in: the secret's file may be made again while this process runs. */
  readonly clientSecret: () => string;
  /** Signs the tokens. */
  readonly tokens: TokenAuthority;
  /** `https://127.0.0.1:<port>`; known once the server listens. */
  readonly baseUrl: () => string;
  /** Whether another application exists; it has the same secret. */
  readonly isPrincipal: (clientId: string) => boolean;
}

const TOKEN_SECONDS = 3600;

/** From this api-version on the metadata is one cloud; before, a list. Source: pulumi-azure-native, azure/cloud/metadata. */
const SINGLE_CLOUD_SINCE = "2022-09-01";
const FIRST_LIST = "2018-05-01";

/** Azure's host of the token service, by which the VM reaches this one. */
export const LOGIN_HOST = "login.microsoftonline.com";

/** Scopes that MSAL adds to every request, besides that of the resource. Source: MSAL for Go, accesstokens.go. */
const OPENID_SCOPES = ["openid", "offline_access", "profile"];

/**
 * Local Azure's Microsoft Entra ID and cloud metadata: the documents that Microsoft's clients read before they sign in,
 * and a token endpoint for client secrets.
 * Sources: "OAuth 2.0 client credentials flow on the Microsoft identity platform" (form fields, responses, error bodies);
 * "Microsoft Entra authentication and authorization error codes" (the AADSTS numbers).
 */
export class Identity {
  constructor(private readonly options: IdentityOptions) {}

  register(server: FastifyInstance): void {
    server.get("/metadata/endpoints", (request) => this.metadata(request));
    server.get("/common/discovery/instance", (request) => this.instances(request));
    server.get<{ Params: { tenant: string } }>(
      "/:tenant/v2.0/.well-known/openid-configuration",
      (request, reply) => {
        const { tenant } = request.params;
        return this.isTenant(tenant)
          ? this.openIdConfiguration(request)
          : send(reply, unknownTenant(tenant));
      },
    );
    server.get("/:tenant/discovery/v2.0/keys", () => this.options.tokens.keySet());
    server.post<{ Params: { tenant: string } }>(
      "/:tenant/oauth2/v2.0/token",
      ({ params: { tenant }, body }, reply) =>
        send(reply, this.isTenant(tenant) ? this.issueToken(body) : unknownTenant(tenant)),
    );
  }

  /** @throws ArmError 401 if the request has no token of this lab for the Resource Manager, or an expired one */
  authenticate(request: FastifyRequest): Principal {
    const [scheme, given = ""] = (request.headers.authorization ?? "").split(" ");
    const claims =
      scheme?.toLowerCase() === "bearer"
        ? this.options.tokens.check(given, this.options.baseUrl())
        : "invalid";
    if (typeof claims === "object") {
      return claims.appid === this.options.clientId ? "owner" : { id: claims.oid };
    }
    throw new ArmError(
      401,
      claims === "invalid" ? "InvalidAuthenticationToken" : "ExpiredAuthenticationToken",
      "The access token is missing, invalid or expired.",
    );
  }

  /** For what only local Azure has. @throws ArmError 401, or 403 for another application */
  authenticateOwner(request: FastifyRequest): void {
    if (this.authenticate(request) === "owner") return;
    throw new ArmError(
      403,
      "AuthorizationFailed",
      "Only the owner of the subscription may do this.",
    );
  }

  private isTenant(name: string): boolean {
    return name.toLowerCase() === this.options.tenantId.toLowerCase();
  }

  private metadata(request: FastifyRequest) {
    const url = new URL(request.url, "https://arm");
    const apiVersion = url.searchParams.get("api-version") ?? "";
    if (apiVersion >= SINGLE_CLOUD_SINCE) return this.cloud();
    if (apiVersion >= FIRST_LIST) return [this.cloud()];
    throw new ArmError(
      400,
      "InvalidApiVersionParameter",
      `The cloud metadata has no api-version '${apiVersion}'; use ${SINGLE_CLOUD_SINCE}.`,
    );
  }

  private cloud() {
    const url = this.options.baseUrl();
    return {
      name: "LocalAzure",
      portal: url,
      resourceManager: url,
      authentication: {
        loginEndpoint: url,
        audiences: [url],
        // The id of a tenant here marks an Azure Stack, which Terraform's azurerm refuses (its isEnvironmentAzureStack).
        tenant: "common",
        identityProvider: "AAD",
      },
      suffixes: {
        storage: "core.windows.net",
        postgresqlServerEndpoint: "postgres.database.azure.com",
      },
    };
  }

  /** As the client names this server: from the VM by Azure's name. */
  private authority({ host }: FastifyRequest): string {
    return host === LOGIN_HOST ? `https://${LOGIN_HOST}` : this.options.baseUrl();
  }

  /** Which names the token service has; MSAL asks before it signs in. Source: MSAL for Go, authority.go. */
  private instances(request: FastifyRequest) {
    const authority = this.authority(request);
    const { host } = new URL(authority);
    return {
      tenant_discovery_endpoint: `${authority}/${this.options.tenantId}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    };
  }

  /** MSAL requires both endpoints, and an issuer on the host of the authority. Source: MSAL for Go, authority.go. */
  private openIdConfiguration(request: FastifyRequest) {
    const url = `${this.authority(request)}/${this.options.tenantId}`;
    return {
      issuer: `${url}/v2.0`,
      authorization_endpoint: `${url}/oauth2/v2.0/authorize`,
      token_endpoint: `${url}/oauth2/v2.0/token`,
      jwks_uri: `${url}/discovery/v2.0/keys`,
    };
  }

  private issueToken(body: unknown): OAuthAnswer {
    const form = new URLSearchParams(typeof body === "string" ? body : "");
    const audience = audienceOf(form.get("scope") ?? "");
    const refusal = this.refusalOfGrant(form) ?? this.refusalOfScope(form.get("scope"), audience);
    if (refusal) return refusal;
    const clientId = form.get("client_id") ?? "";
    const token = this.options.tokens.issue({
      tenantId: this.options.tenantId,
      appId: clientId,
      objectId: clientId,
      audience: audience ?? "",
      seconds: TOKEN_SECONDS,
    });
    return {
      status: 200,
      body: {
        token_type: "Bearer",
        expires_in: TOKEN_SECONDS,
        ext_expires_in: TOKEN_SECONDS,
        access_token: token,
      },
    };
  }

  private refusalOfGrant(form: URLSearchParams): OAuthAnswer | undefined {
    const { clientId, clientSecret, isPrincipal } = this.options;
    const given = form.get("client_id") ?? "";
    if (form.get("grant_type") !== "client_credentials") {
      const text = `the grant type '${form.get("grant_type") ?? ""}' is not supported; only client_credentials is.`;
      return oauthError(400, "unsupported_grant_type", 70003, text);
    }
    if (given !== clientId && !isPrincipal(given)) {
      const text = `Application with identifier '${given}' was not found in the directory.`;
      return oauthError(400, "unauthorized_client", 700016, text);
    }
    if (form.has("client_assertion")) {
      const text =
        "No matching federated identity record found for presented assertion. Local Azure supports neither OIDC tokens nor " +
        "certificates: unset ARM_USE_OIDC and ARM_CLIENT_CERTIFICATE_PATH, and sign in with ARM_CLIENT_SECRET.";
      return oauthError(401, "invalid_client", 70021, text);
    }
    if (!sameSecret(form.get("client_secret") ?? "", clientSecret())) {
      return oauthError(401, "invalid_client", 7000215, "Invalid client secret provided.");
    }
    return undefined;
  }

  private refusalOfScope(
    scope: string | null,
    audience: string | undefined,
  ): OAuthAnswer | undefined {
    if (audience === undefined) {
      const text = `The provided value for the input parameter 'scope' is not valid. The scope '${scope ?? ""}' has to name one resource, followed by /.default.`;
      return oauthError(400, "invalid_scope", 70011, text);
    }
    if (isKnownAudience(audience, this.options.baseUrl())) return undefined;
    const text = `The resource principal named ${audience} was not found in the tenant; local Azure has ${this.options.baseUrl()} and Azure Storage.`;
    return oauthError(400, "invalid_resource", 500011, text);
  }
}

/** A token is for one resource, `<audience>/.default`; OpenID's scopes may be added. */
function audienceOf(scope: string): string | undefined {
  const resources = scope.split(" ").filter((word) => word && !OPENID_SCOPES.includes(word));
  const [resource = ""] = resources;
  if (resources.length !== 1 || !resource.endsWith("/.default")) return undefined;
  return resource.slice(0, -"/.default".length).replace(/\/+$/, "");
}

interface OAuthAnswer {
  readonly status: number;
  readonly body: object;
}

const send = (reply: FastifyReply, { status, body }: OAuthAnswer) => reply.code(status).send(body);

const unknownTenant = (tenant: string): OAuthAnswer =>
  oauthError(400, "invalid_tenant", 90002, `Tenant '${tenant}' not found.`);

const oauthError = (status: number, error: string, number: number, text: string): OAuthAnswer => ({
  status,
  body: {
    error,
    error_description: `AADSTS${number}: ${text}`,
    error_codes: [number],
    timestamp: new Date().toISOString(),
    trace_id: crypto.randomUUID(),
    correlation_id: crypto.randomUUID(),
  },
});

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => crypto.createHash("sha256").update(text).digest();
  return crypto.timingSafeEqual(digest(given), digest(expected));
}
