import * as yaml from "yaml";
import {
  blobfuse2Config,
  type BlobfuseSignIn,
  fuseConnectionConfig,
} from "../../../components/blobfuse-config";

const configure = (signIn: BlobfuseSignIn) =>
  yaml.parse(
    blobfuse2Config({
      accountName: "account",
      containerName: "logs",
      blobEndpoint: "https://account.blob.core.windows.net",
      cachePath: "/var/cache/blobfuse2/files",
      signIn,
    }),
  ) as Record<string, Record<string, unknown>>;

const SIGN_IN_KEYS = [
  ...["mode", "account-key", "sas", "appid", "tenantid", "clientid", "clientsecret"],
] as const;

describe("blobfuse2's configuration", () => {
  const config = configure({ mode: "key", accountKey: "a2V5: # no comment" });

  test("mounts read-only, and shows appended lines at once", () => {
    expect(config["read-only"]).toBe(true);
    expect(config.components).toEqual(["libfuse", "file_cache", "azstorage"]);
    expect(config.libfuse).toEqual({
      "direct-io": true,
      "attribute-expiration-sec": 0,
      "entry-expiration-sec": 0,
      "negative-entry-expiration-sec": 0,
    });
    expect(config.file_cache).toEqual({ path: "/var/cache/blobfuse2/files", "timeout-sec": 0 });
  });

  test("names the container, its endpoint and its type", () => {
    expect(config.azstorage).toMatchObject({
      type: "block",
      "account-name": "account",
      container: "logs",
      endpoint: "https://account.blob.core.windows.net",
    });
  });

  test.each<[BlobfuseSignIn, Record<string, string>]>([
    [
      { mode: "key", accountKey: "a2V5: # no comment" },
      { mode: "key", "account-key": "a2V5: # no comment" },
    ],
    [
      { mode: "sas", signature: "sp=rl&sig=x" },
      { mode: "sas", sas: "sp=rl&sig=x" },
    ],
    [{ mode: "msi", clientId: "" }, { mode: "msi" }],
    [
      { mode: "msi", clientId: "c" },
      { mode: "msi", appid: "c" },
    ],
    [
      { mode: "spn", tenantId: "t", clientId: "c", clientSecret: "s" },
      { mode: "spn", tenantid: "t", clientid: "c", clientsecret: "s" },
    ],
  ])("signs in with %j and no other key", (signIn, keys) => {
    const { azstorage } = configure(signIn);
    const present = Object.entries(azstorage ?? {}).filter(([name]) =>
      (SIGN_IN_KEYS as readonly string[]).includes(name),
    );
    expect(Object.fromEntries(present)).toEqual(keys);
  });
});

test("the original workshop's fuse_connection.cfg has a name and a value a line", () => {
  expect(fuseConnectionConfig("account", "a2V5", "logs")).toBe(
    "accountName account\naccountKey a2V5\ncontainerName logs\n",
  );
});
