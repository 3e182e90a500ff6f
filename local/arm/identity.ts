import { FastifyInstance, FastifyRequest } from "fastify";
import * as crypto from "node:crypto";
import { ArmError } from "./arm-error";

/** Who may call the API, and where it is found. */
export interface IdentityOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `https://127.0.0.1:<port>`; known once the server listens. */
  readonly baseUrl: () => string;
}

const TOKEN_SECONDS = 3600;

/**
 * What stands in for Microsoft Entra ID and the cloud's metadata: the documents that Microsoft's clients look up
 * before they sign in, and a client-credentials token endpoint.
 * Sources: OAuth 2.0 client credentials on the Microsoft identity platform; Azure's /metadata/endpoints.
 */
export class Identity {
  private readonly tokens = new Map<string, number>();

  constructor(private readonly options: IdentityOptions) {}

  register(server: FastifyInstance): void {
    const { tenantId } = this.options;
    server.get("/metadata/endpoints", () => [this.metadata()]);
    server.get(`/${tenantId}/v2.0/.well-known/openid-configuration`, () =>
      this.openIdConfiguration(),
    );
    server.post(`/${tenantId}/oauth2/v2.0/token`, (request, reply) => {
      const answer = this.issueToken(request);
      return reply.code(answer.status).send(answer.body);
    });
  }

  /** @throws ArmError where the request carries no token of ours, or an old one. */
  authenticate(request: FastifyRequest): void {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    const expires = scheme?.toLowerCase() === "bearer" ? this.tokens.get(token ?? "") : undefined;
    if (expires === undefined || expires < Date.now()) {
      throw new ArmError(
        401,
        expires === undefined ? "InvalidAuthenticationToken" : "ExpiredAuthenticationToken",
        "The access token is missing, invalid or expired.",
      );
    }
  }

  private metadata() {
    const { baseUrl, tenantId } = this.options;
    const url = baseUrl();
    return {
      name: "LocalAzure",
      portal: url,
      resourceManager: url,
      authentication: {
        loginEndpoint: url,
        audiences: [url],
        tenant: tenantId,
        identityProvider: "AAD",
      },
      suffixes: {
        storage: "core.windows.net",
        postgresqlServerEndpoint: "postgres.database.azure.com",
      },
    };
  }

  private openIdConfiguration() {
    const url = `${this.options.baseUrl()}/${this.options.tenantId}`;
    return {
      issuer: `${url}/v2.0`,
      authorization_endpoint: `${url}/oauth2/v2.0/authorize`,
      token_endpoint: `${url}/oauth2/v2.0/token`,
      jwks_uri: `${url}/discovery/v2.0/keys`,
    };
  }

  private issueToken(request: FastifyRequest) {
    const form = new URLSearchParams(request.body as string);
    if (form.get("grant_type") !== "client_credentials") {
      return oauthError("unsupported_grant_type", "AADSTS70003: only client_credentials is known.");
    }
    const { clientId, clientSecret } = this.options;
    if (form.get("client_id") !== clientId) {
      return oauthError("unauthorized_client", "AADSTS700016: the application was not found.");
    }
    if (!sameSecret(form.get("client_secret") ?? "", clientSecret)) {
      return oauthError("invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    const token = crypto.randomBytes(32).toString("base64url");
    this.tokens.set(token, Date.now() + TOKEN_SECONDS * 1000);
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
}

const oauthError = (error: string, description: string) => ({
  status: 401,
  body: { error, error_description: description },
});

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => crypto.createHash("sha256").update(text).digest();
  return crypto.timingSafeEqual(digest(given), digest(expected));
}
