/** The place of a trail, with the group and the storage account that it protects; the tests change its configuration. */
import * as resources from "@pulumi/azure-native/resources";
import * as storage from "@pulumi/azure-native/storage";
import * as pulumi from "@pulumi/pulumi";
import * as fs from "node:fs";
import * as path from "node:path";

/** A test runs a copy of this folder, whose node_modules is a link to the project's. */
const project = path.dirname(fs.realpathSync(path.join(__dirname, "node_modules")));
// eslint-disable-next-line @typescript-eslint/no-require-imports -- where it is is known only here
const { TrailPlace } = require(
  path.join(project, "components/trail-place"),
) as typeof import("../../../../components/trail-place");

const config = new pulumi.Config();
const location = config.require("location");
const accountName = "trailplace1";
const place = new TrailPlace("trail-place", {
  config: {
    location,
    resourceGroupName: config.require("resourceGroupName"),
    retention: {
      ...{ days: 0, immutableDays: 0, locked: false, lockedConfirmation: "" },
      ...{ softDeleteDays: 0, deleteLock: false, protect: false },
      allowReplacement: config.getBoolean("allowReplacement") ?? false,
    },
  },
  accountName: pulumi.output(accountName),
});
const group = new resources.ResourceGroup("group", {
  resourceGroupName: place.resourceGroupName,
  location,
});
new storage.StorageAccount(
  "account",
  {
    ...{ resourceGroupName: group.name, accountName, location },
    tags: { owner: config.require("owner") },
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
  },
  { deleteBeforeReplace: true },
);
