import { claim, get, put, refused, remove, setUp, type Topic } from "../claim";

/** What is kept in a storage account, and who reaches it. Without locks: one would stay if the run is stopped. */
export const retention: Topic = {
  name: "Retention",
  minutes: 3,
  steps: ({ group, location, unique }) => {
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/keep${unique}`;
    const body = { location, kind: "StorageV2", sku: { name: "Standard_LRS" } };
    const services = `${account}/blobServices/default`;
    const container = `${services}/containers/logs`;
    const policy = `${container}/immutabilityPolicies/default`;
    const keep = { enabled: true, days: 7 };
    return [
      setUp(put(account, body)),
      claim("an account's network rules are open", get(account), {
        status: 200,
        body: { properties: { networkAcls: { defaultAction: "Allow", bypass: "AzureServices" } } },
      }),
      refused(
        "an account's network rules can't name a private address",
        put(account, {
          ...body,
          properties: { networkAcls: { defaultAction: "Deny", ipRules: [{ value: "10.0.0.1" }] } },
        }),
        400,
        "InvalidValuesForRequestParameters",
      ),
      claim("soft delete is off", get(services), {
        status: 200,
        body: { properties: { deleteRetentionPolicy: { enabled: false } } },
      }),
      claim(
        "soft delete of blobs and containers is turned on",
        put(services, {
          properties: { deleteRetentionPolicy: keep, containerDeleteRetentionPolicy: keep },
        }),
        { status: 200, body: { properties: { containerDeleteRetentionPolicy: keep } } },
      ),
      claim(
        "a lifecycle policy deletes append blobs",
        put(`${account}/managementPolicies/default`, {
          properties: {
            policy: {
              rules: [
                {
                  name: "old",
                  type: "Lifecycle",
                  definition: {
                    actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 1 } } },
                    filters: { blobTypes: ["appendBlob"] },
                  },
                },
              ],
            },
          },
        }),
        { status: 200 },
      ),
      setUp(put(container)),
      claim("a container without an immutability policy shows one of 0 days", get(policy), {
        status: 200,
        body: { properties: { immutabilityPeriodSinceCreationInDays: 0 } },
      }),
      claim(
        "an immutability policy is unlocked at first",
        put(policy, {
          properties: {
            immutabilityPeriodSinceCreationInDays: 1,
            allowProtectedAppendWrites: true,
          },
        }),
        { status: 200, body: { properties: { state: "Unlocked" } } },
      ),
      refused(
        "an immutability policy isn't deleted without its etag",
        remove(policy),
        412,
        "ContainerImmutabilityPolicyFailure",
        /incorrect etag/,
      ),
      claim("an empty container is deleted with its immutability policy", remove(container), {
        status: 200,
      }),
      claim("an account with a lifecycle policy is deleted", remove(account), { status: 200 }),
    ];
  },
};
