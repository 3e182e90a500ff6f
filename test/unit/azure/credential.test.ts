import * as identity from "@azure/identity";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { credentialFromEnvironment } from "../../../azure/credential";

jest.mock("@azure/identity");

const CLOUD = {
  resourceManager: "https://arm",
  loginEndpoint: "https://login",
  disableInstanceDiscovery: true,
};
const APPLICATION = { ARM_TENANT_ID: "tenant", ARM_CLIENT_ID: "client" };
const OPTIONS = { authorityHost: "https://login", disableInstanceDiscovery: true };

/** The function by which the credential gets its OIDC token. */
async function oidcToken(env: NodeJS.ProcessEnv): Promise<string> {
  credentialFromEnvironment({ ...APPLICATION, ARM_USE_OIDC: "true", ...env }, CLOUD);
  const [, , getAssertion] = jest.mocked(identity.ClientAssertionCredential).mock.lastCall ?? [];
  if (!getAssertion) throw new Error("no assertion was requested");
  return getAssertion();
}

describe("the credential", () => {
  beforeEach(() => jest.resetAllMocks());
  afterEach(() => jest.restoreAllMocks());

  test("is a managed identity with ARM_USE_MSI, also if others are set", () => {
    const env = { ...APPLICATION, ARM_USE_MSI: "true", ARM_CLIENT_SECRET: "s" };
    expect(credentialFromEnvironment(env, CLOUD)).toBeInstanceOf(
      identity.ManagedIdentityCredential,
    );
    expect(identity.ManagedIdentityCredential).toHaveBeenCalledWith({ clientId: "client" });
  });

  test("is an OIDC token with ARM_USE_OIDC, before a secret", () => {
    const env = { ...APPLICATION, ARM_USE_OIDC: "true", ARM_CLIENT_SECRET: "s" };
    expect(credentialFromEnvironment(env, CLOUD)).toBeInstanceOf(
      identity.ClientAssertionCredential,
    );
  });

  test("is a client secret, at the cloud's own login endpoint", () => {
    const env = { ...APPLICATION, ARM_CLIENT_SECRET: "s" };
    expect(credentialFromEnvironment(env, CLOUD)).toBeInstanceOf(identity.ClientSecretCredential);
    expect(identity.ClientSecretCredential).toHaveBeenCalledWith("tenant", "client", "s", OPTIONS);
  });

  test("is a client certificate", () => {
    const env = {
      ...APPLICATION,
      ARM_CLIENT_CERTIFICATE_PATH: "/c.pfx",
      ARM_CLIENT_CERTIFICATE_PASSWORD: "p",
    };
    credentialFromEnvironment(env, CLOUD);
    expect(identity.ClientCertificateCredential).toHaveBeenCalledWith(
      "tenant",
      "client",
      { certificatePath: "/c.pfx", certificatePassword: "p" },
      OPTIONS,
    );
  });

  test.each([
    [{}, {}],
    [{ ARM_TENANT_ID: "tenant" }, { tenantId: "tenant" }],
    [{ ARM_TENANT_ID: "tenant", ARM_CLIENT_SECRET: "s" }, { tenantId: "tenant" }],
    [APPLICATION, { tenantId: "tenant" }],
  ])("is `az login` with %j", (env, options) => {
    credentialFromEnvironment(env, CLOUD);
    expect(identity.AzureCliCredential).toHaveBeenCalledWith(options);
  });
});

describe("the OIDC token", () => {
  afterEach(() => jest.restoreAllMocks());

  test("is the given one", async () =>
    expect(await oidcToken({ ARM_OIDC_TOKEN: "given" })).toBe("given"));

  test("is read from the named file at each request", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "credential-"));
    const file = path.join(folder, "token");
    fs.writeFileSync(file, "from-file\n");
    expect(await oidcToken({ ARM_OIDC_TOKEN_FILE_PATH: file })).toBe("from-file");
    fs.rmSync(folder, { recursive: true });
  });

  test("is requested from GitHub, with the job's token", async () => {
    const fetch = jest
      .spyOn(globalThis, "fetch")
      .mockResolvedValue(new Response(JSON.stringify({ value: "github's" })));
    const token = await oidcToken({
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://actions/token?v=1",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job",
    });
    expect(token).toBe("github's");
    expect(fetch).toHaveBeenCalledWith(
      "https://actions/token?v=1&audience=api://AzureADTokenExchange",
      expect.objectContaining({ headers: { Authorization: "Bearer job" } }),
    );
  });

  test("that GitHub refuses is an error", async () => {
    jest.spyOn(globalThis, "fetch").mockResolvedValue(new Response("", { status: 403 }));
    const env = {
      ARM_OIDC_REQUEST_URL: "https://actions/token?v=1",
      ARM_OIDC_REQUEST_TOKEN: "job",
    };
    await expect(oidcToken(env)).rejects.toThrow(/answered with 403/);
  });

  test("that is nowhere is an error with the variables to set", async () => {
    await expect(oidcToken({})).rejects.toThrow(/set ARM_OIDC_TOKEN .*id-token: write/);
  });
});
