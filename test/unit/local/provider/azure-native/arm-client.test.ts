import { ArmClient } from "../../../../../local/provider/azure-native/arm-client";

const VARIABLES = {
  ARM_METADATA_HOSTNAME: "127.0.0.1:8443",
  ARM_TENANT_ID: "tenant",
  ARM_CLIENT_ID: "client",
  ARM_CLIENT_SECRET: "s3cret",
  ARM_SUBSCRIPTION_ID: "subscription",
};

describe("the stand-in's sign-in", () => {
  afterEach(() => jest.restoreAllMocks());

  test.each(Object.keys(VARIABLES))("needs %s, and works with local Azure only", async (name) => {
    const signIn = ArmClient.fromEnvironment({ ...VARIABLES, [name]: "" });
    await expect(signIn).rejects.toThrow(
      `${name} is not set. This stand-in of azure-native speaks to local Azure only`,
    );
  });

  test("reads the endpoints from the metadata host", async () => {
    const document = {
      resourceManager: "https://127.0.0.1:8443/",
      authentication: { loginEndpoint: "https://127.0.0.1:8443/" },
    };
    const get = jest.spyOn(globalThis, "fetch").mockResolvedValueOnce(Response.json(document));
    const client = await ArmClient.fromEnvironment(VARIABLES);
    expect(get.mock.calls[0]?.[0]).toBe(
      "https://127.0.0.1:8443/metadata/endpoints?api-version=2022-09-01",
    );
    expect(client.subscriptionId).toBe("subscription");
  });

  test("reports a metadata host that doesn't work", async () => {
    jest.spyOn(globalThis, "fetch").mockResolvedValueOnce(new Response("", { status: 503 }));
    await expect(ArmClient.fromEnvironment(VARIABLES)).rejects.toThrow(
      /status 503; is local Azure running\?/,
    );
  });
});
