import { pollUntil } from "../../../common/poll";
import { type Answer, call } from "./http";

/** The ARM_* variables that the provider reads. */
export interface ProviderSettings {
  readonly metadataHost: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Text of SSL_CERT_FILE. */
  readonly ca: string;
}

interface Cloud {
  readonly name: string;
  readonly resourceManager: string;
  readonly authentication: { readonly loginEndpoint: string; readonly audiences: string[] };
}

const DONE = ["succeeded", "failed", "canceled"];
const FORM = "application/x-www-form-urlencoded; charset=utf-8";

/**
 * Sends the requests of the real azure-native provider, in the same order and with the same headers, and checks the
 * responses as strictly.
 * Sources: pulumi-azure-native's azure/cloud/metadata/client.go, azure/cloud/cloud.go and azure/client_azcore.go (3.8 and
 * later); azidentity's confidential client with EnableCAE; MSAL for Go's authority.go and accesstokens.go; azcore's
 * internal/pollers/async/async.go and runtime/policy_retry.go.
 */
export class GoProvider {
  private constructor(
    private readonly cloud: Cloud,
    private readonly token: string,
    private readonly ca: string,
  ) {}

  static async connect(settings: ProviderSettings): Promise<GoProvider> {
    const { metadataHost, tenantId, ca } = settings;
    const url = `https://${metadataHost}/metadata/endpoints?api-version=2022-09-01`;
    const metadata = await call(url, { ca });
    if (metadata.status !== 200) throw new Error(`expected 200 OK but got ${metadata.status}`);
    // Go doesn't decode an array to a struct.
    if (Array.isArray(metadata.body)) throw new Error("json: cannot unmarshal array");
    const cloud = metadata.body as Cloud;
    const authority = `${cloud.authentication.loginEndpoint}/${tenantId}/`;
    const tokenEndpoint = await discover(authority, ca);
    const { status, body } = await call(tokenEndpoint, {
      method: "POST",
      headers: { ...msalHeaders(), "Content-Type": FORM },
      body: tokenForm(settings, `${cloud.authentication.audiences[0]}/.default`).toString(),
      ca,
    });
    const answer = body as { access_token: string; expires_in: unknown };
    if (status !== 200) throw new Error(JSON.stringify(body));
    if (!answer.access_token) throw new Error("response is missing access_token");
    if (!Number.isInteger(answer.expires_in)) throw new Error("expires_in is no integer");
    return new GoProvider(cloud, answer.access_token, ca);
  }

  /** A request like those of azcore. */
  send(method: string, id: string, apiVersion: string, body?: unknown): Promise<Answer> {
    return this.get(`${this.cloud.resourceManager}${id}?api-version=${apiVersion}`, method, body);
  }

  /** Like the provider's Create: the resource must not exist; PUT; poll; read the resource from its URL. */
  async create(id: string, apiVersion: string, body: unknown): Promise<Record<string, unknown>> {
    const before = await this.send("GET", id, apiVersion);
    if (before.status === 200) throw new Error(`cannot create already existing resource '${id}'`);
    if (before.status !== 404) throw new Error(`cannot check existence: ${before.status}`);
    const answer = await this.send("PUT", id, apiVersion, body);
    if (![200, 201, 202].includes(answer.status)) throw new Error(JSON.stringify(answer));
    if (answer.status !== 202) return answer.body as Record<string, unknown>;
    await this.poll(answer);
    const final = await this.send("GET", id, apiVersion);
    if (final.status !== 200) throw new Error(`the final GET was answered with ${final.status}`);
    return final.body as Record<string, unknown>;
  }

  async delete(id: string, apiVersion: string): Promise<void> {
    const answer = await this.send("DELETE", id, apiVersion);
    if (![200, 202, 204].includes(answer.status)) throw new Error(JSON.stringify(answer));
    if (answer.status === 202) await this.poll(answer);
  }

  /** azcore's pollers, for Azure-AsyncOperation (preferred) and for Location; both must be whole URLs. */
  private async poll({ headers }: Answer): Promise<void> {
    const operation = headers["azure-asyncoperation"] as string | undefined;
    const location = headers.location as string | undefined;
    for (const header of operation === undefined ? [location] : [operation, location]) {
      if (header === undefined || !/^https:\/\/[^/]+\/.*api-version=/.test(header)) {
        throw new Error(`invalid polling URL ${header}`);
      }
    }
    if (operation !== undefined) await this.pollOperation(operation);
    else await this.pollLocation(location ?? "");
  }

  private async pollOperation(url: string): Promise<void> {
    await polled(url, async () => {
      const { status, body } = await this.get(url);
      if (![200, 201, 202, 204].includes(status)) throw new Error(`poll: ${status}`);
      const { status: state, error } = body as { status?: string; error?: unknown };
      if (!state) throw new Error("the response did not contain a status");
      if (!DONE.includes(state.toLowerCase())) return false;
      if (state !== "Succeeded") throw new Error(JSON.stringify(error));
      return true;
    });
  }

  private async pollLocation(url: string): Promise<void> {
    await polled(url, async () => {
      const { status, body } = await this.get(url);
      if (status === 202) return false;
      if (![200, 201, 204].includes(status)) throw new Error(JSON.stringify(body));
      return true;
    });
  }

  private get(url: string, method = "GET", body?: unknown): Promise<Answer> {
    const json: Record<string, string> = ["PUT", "POST", "PATCH"].includes(method)
      ? { "Content-Type": "application/json; charset=utf-8" }
      : {};
    const headers = {
      Accept: "application/json",
      Authorization: `Bearer ${this.token}`,
      "User-Agent": "pulumi-azure-native/v3.28.0 azsdk-go-pulumi-azure-native/v3.28.0",
      ...json,
    };
    return call(url, { method, headers, body, ca: this.ca });
  }
}

/** MSAL's form: contains OpenID's scopes besides that of the resource, and the capability CAE. */
export function tokenForm(
  { clientId, clientSecret }: Pick<ProviderSettings, "clientId" | "clientSecret">,
  scope: string,
): URLSearchParams {
  return new URLSearchParams({
    claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}',
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: "client_credentials",
    scope: `${scope} openid offline_access profile`,
  });
}

/** The token endpoint, from a document whose issuer is on the host of the authority. */
async function discover(authority: string, ca: string): Promise<string> {
  const url = `${authority}v2.0/.well-known/openid-configuration`;
  const { status, body } = await call(url, { headers: msalHeaders(), ca });
  if (status !== 200) throw new Error(`${url} was answered with ${status}`);
  const document = body as Record<string, string | undefined>;
  for (const field of ["authorization_endpoint", "token_endpoint", "issuer"]) {
    if (!document[field]) throw new Error(`${field} was not found in the openid configuration`);
  }
  if (new URL(document.issuer ?? "").origin !== new URL(authority).origin) {
    throw new Error(`the issuer ${document.issuer} does not match the authority ${authority}`);
  }
  return document.token_endpoint ?? "";
}

const msalHeaders = () => ({
  "client-request-id": "5f7b1c52-8f1c-4a0c-9e8c-7d8a2f2f0b11",
  "return-client-request-id": "false",
  "x-client-cpu": "amd64",
  "x-client-os": "linux",
  "x-client-sku": "MSAL.Go",
  "x-client-ver": "1.4.2",
});

const polled = (url: string, probe: () => Promise<boolean>) =>
  pollUntil(probe, { what: `${url} to end`, timeoutSeconds: 120, intervalMilliseconds: 1 });
