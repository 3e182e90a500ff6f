import type { BlobContainerArgs, StorageAccountArgs } from "@pulumi/azure-native/storage";
import type { Policies } from "@pulumi/policy";
import { ofType, shown } from "../of-type";

export const STORAGE_ACCOUNT = "azure-native:storage:StorageAccount";

export const STORAGE_RULES: Policies = [
  {
    name: "storage-not-public",
    description: "No blob of a storage account can be read without a sign-in.",
    validateResource: [
      ofType<StorageAccountArgs>(STORAGE_ACCOUNT, ({ allowBlobPublicAccess }, report) => {
        // Not set is no answer: Azure's default depends on the API version and the account's age.
        if (allowBlobPublicAccess !== false) {
          report(`allowBlobPublicAccess is ${shown(allowBlobPublicAccess)}; set it to false.`);
        }
      }),
      ofType<BlobContainerArgs>(
        "azure-native:storage:BlobContainer",
        ({ publicAccess = "None" }, report) => {
          if (publicAccess !== "None") {
            report(`publicAccess is ${shown(publicAccess)}; set it to "None".`);
          }
        },
      ),
    ],
  },
  {
    name: "storage-network-closed",
    description: "A storage account answers only the networks and services that it names.",
    // The lab's VM signs in through the public endpoint, unless its configuration closes that.
    enforcementLevel: "disabled",
    validateResource: ofType<StorageAccountArgs>(STORAGE_ACCOUNT, (account, report) => {
      if (account.publicNetworkAccess === "Disabled") return;
      const action = account.networkRuleSet?.defaultAction;
      if (action === "Deny") return;
      report(
        `networkRuleSet.defaultAction is ${shown(action)}, so every network may connect; ` +
          'set it to "Deny", or publicNetworkAccess to "Disabled".',
      );
    }),
  },
];
