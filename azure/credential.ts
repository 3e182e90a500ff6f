import {
  AzureCliCredential,
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import * as fs from "node:fs";
import { type Cloud } from "./cloud";

/**
 * Signs in as the azure-native provider does, by the same ARM_* variables: an OIDC token (also GitHub's),
 * a client secret or certificate, a managed identity, else `az login`.
 * Source: Pulumi's "Azure Native: Installation & Configuration".
 */
export function credentialFromEnvironment(env: NodeJS.ProcessEnv, cloud: Cloud): TokenCredential {
  const tenantId = env.ARM_TENANT_ID;
  const clientId = env.ARM_CLIENT_ID;
  const options = {
    authorityHost: cloud.loginEndpoint,
    disableInstanceDiscovery: cloud.disableInstanceDiscovery,
  };
  if (env.ARM_USE_MSI === "true") return new ManagedIdentityCredential({ clientId });
  if (tenantId && clientId) {
    if (env.ARM_USE_OIDC === "true") {
      return new ClientAssertionCredential(tenantId, clientId, () => oidcToken(env), options);
    }
    if (env.ARM_CLIENT_SECRET) {
      return new ClientSecretCredential(tenantId, clientId, env.ARM_CLIENT_SECRET, options);
    }
    if (env.ARM_CLIENT_CERTIFICATE_PATH) {
      const certificate = {
        certificatePath: env.ARM_CLIENT_CERTIFICATE_PATH,
        certificatePassword: env.ARM_CLIENT_CERTIFICATE_PASSWORD,
      };
      return new ClientCertificateCredential(tenantId, clientId, certificate, options);
    }
  }
  return new AzureCliCredential(tenantId ? { tenantId } : {});
}

async function oidcToken(env: NodeJS.ProcessEnv): Promise<string> {
  if (env.ARM_OIDC_TOKEN) return env.ARM_OIDC_TOKEN;
  if (env.ARM_OIDC_TOKEN_FILE_PATH)
    return fs.readFileSync(env.ARM_OIDC_TOKEN_FILE_PATH, "utf8").trim();
  const url = env.ARM_OIDC_REQUEST_URL ?? env.ACTIONS_ID_TOKEN_REQUEST_URL;
  const token = env.ARM_OIDC_REQUEST_TOKEN ?? env.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
  if (!url || !token) {
    throw new Error(
      "ARM_USE_OIDC is true, but there is no token: set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH, " +
        "or set `permissions: id-token: write` for the GitHub job",
    );
  }
  const response = await fetch(`${url}&audience=api://AzureADTokenExchange`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`the OIDC token request was answered with ${response.status}`);
  return ((await response.json()) as { value: string }).value;
}
