import { cloudFromEnvironment, portalFromEnvironment } from "../../../azure/cloud";

/** Replaces fetch by the answer of a metadata host. */
function answerWith(document: unknown, status = 200) {
  return jest
    .spyOn(globalThis, "fetch")
    .mockResolvedValue(new Response(JSON.stringify(document), { status }));
}

const ENTRY = {
  resourceManager: "https://127.0.0.1:8443/",
  authentication: { loginEndpoint: "https://127.0.0.1:8443/" },
};

describe("the cloud", () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([
    [undefined, "https://management.azure.com", "https://login.microsoftonline.com"],
    ["public", "https://management.azure.com", "https://login.microsoftonline.com"],
    ["usgovernment", "https://management.usgovcloudapi.net", "https://login.microsoftonline.us"],
    ["china", "https://management.chinacloudapi.cn", "https://login.chinacloudapi.cn"],
  ])("ARM_ENVIRONMENT %s is found without a request", async (name, resourceManager, login) => {
    const fetch = answerWith({});
    expect(await cloudFromEnvironment({ ARM_ENVIRONMENT: name })).toMatchObject({
      resourceManager,
      loginEndpoint: login,
      disableInstanceDiscovery: false,
    });
    expect(fetch).not.toHaveBeenCalled();
  });

  test("an unknown ARM_ENVIRONMENT is refused, with the known ones", async () => {
    await expect(cloudFromEnvironment({ ARM_ENVIRONMENT: "german" })).rejects.toThrow(
      /ARM_ENVIRONMENT is "german"; it must be public, usgovernment, china/,
    );
  });

  test.each([
    ["a list, as local Azure answers", [ENTRY]],
    ["one document, as Azure Stack answers", ENTRY],
  ])("ARM_METADATA_HOSTNAME comes first: %s", async (_, document) => {
    const fetch = answerWith(document);
    const cloud = await cloudFromEnvironment({
      ARM_METADATA_HOSTNAME: "127.0.0.1:8443",
      ARM_ENVIRONMENT: "china",
      ARM_DISABLE_INSTANCE_DISCOVERY: "true",
    });
    expect(cloud).toEqual({
      resourceManager: "https://127.0.0.1:8443",
      loginEndpoint: "https://127.0.0.1:8443",
      disableInstanceDiscovery: true,
    });
    expect(fetch.mock.calls[0]?.[0]).toMatch(
      /^https:\/\/127\.0\.0\.1:8443\/metadata\/endpoints\?api-version=/,
    );
  });

  test.each([
    [503, [ENTRY], /answered 503; is the cloud running\?/],
    [200, [], /lists no cloud/],
  ])("a metadata host that answers %i %j is named", async (status, document, problem) => {
    answerWith(document, status);
    await expect(cloudFromEnvironment({ ARM_METADATA_HOSTNAME: "host" })).rejects.toThrow(problem);
  });

  test.each([
    [{}, "https://portal.azure.com"],
    [{ ARM_ENVIRONMENT: "china" }, "https://portal.azure.cn"],
    [{ ARM_METADATA_HOSTNAME: "management.azure.com" }, "https://portal.azure.com"],
    [{ ARM_METADATA_HOSTNAME: "127.0.0.1:8443" }, undefined],
    [{ ARM_METADATA_HOSTNAME: "127.0.0.1:8443", ARM_ENVIRONMENT: "china" }, undefined],
  ])("%j has the portal %s", (env, portal) => expect(portalFromEnvironment(env)).toBe(portal));
});
