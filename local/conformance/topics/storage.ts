import { claim, get, put, refused, remove, setUp, type Topic } from "../claim";

/** Storage accounts and their containers. */
export const storage: Topic = {
  name: "Storage accounts",
  minutes: 3,
  steps: ({ group, location, unique }) => {
    const account = (name: string) =>
      `${group}/providers/Microsoft.Storage/storageAccounts/${name}`;
    const name = `lab${unique}`;
    const body = { location, kind: "StorageV2", sku: { name: "Standard_LRS" } };
    const container = (containerName: string) =>
      `${account(name)}/blobServices/default/containers/${containerName}`;
    return [
      claim("an account is created by an operation", put(account(name), body), {
        status: 202,
        ended: "Succeeded",
      }),
      claim("an account is put again without an operation", put(account(name), body), {
        status: 200,
        body: { properties: { provisioningState: "Succeeded" } },
      }),
      setUp(get(account(name))),
      ...["ab", "Upper", "two--hyphens", "-begin", "end-", "x".repeat(64)].map((containerName) =>
        refused(
          `a container can't be named '${containerName}'`,
          put(container(containerName)),
          400,
          "InvalidResourceName",
        ),
      ),
      ...["insights-logs-postgresqllogs", "a1b", "x".repeat(63)].map((containerName) =>
        claim(`a container can be named '${containerName}'`, put(container(containerName)), {
          status: 201,
        }),
      ),
      claim("a container is private unless it is public", get(container("a1b")), {
        status: 200,
        body: { properties: { publicAccess: "None" } },
      }),
      claim("containers are listed", get(`${account(name)}/blobServices/default/containers`), {
        status: 200,
        body: { value: { length: 3 } },
      }),
      setUp(remove(container("a1b"))),
      claim("a deleted container isn't found", get(container("a1b")), {
        status: 404,
        code: "ResourceNotFound",
      }),
      refused(
        "a container needs an account",
        put(container("a1b").replace(name, "nowhere")),
        404,
        "ParentResourceNotFound",
      ),
      claim("an account is deleted", remove(account(name)), { status: 200 }),
      claim("an account that doesn't exist is deleted without an error", remove(account(name)), {
        status: 204,
      }),
      claim("an account that doesn't exist isn't found", get(account(name)), {
        status: 404,
        code: "ResourceNotFound",
      }),
    ];
  },
};
