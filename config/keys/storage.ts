import { z } from "zod";
import { oneOf, type Report, text, wholeNumber } from "../rules";

const STORAGE_SERVICE_PRINCIPAL = z.strictObject({
  tenantId: z.string().default(""),
  clientId: z.string().default(""),
  objectId: z.string().default(""),
  /** In place of `clientSecret`: no message can contain the secret. */
  hasClientSecret: z.boolean(),
});

/** The container of the logs, and how the VM reads it. */
export const STORAGE_KEYS = {
  storageAuthentication: oneOf([
    "key",
    "sas",
    "managedIdentity",
    "userAssignedIdentity",
    "servicePrincipal",
  ]),
  storageSharedKeyAccess: z.boolean(),
  storageSasDays: wholeNumber(1, 365, "whole days, 1 to 365"),
  storageServicePrincipal: STORAGE_SERVICE_PRINCIPAL,
  packagesUrl: text(
    /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\w.~%+:/-]*)?$/,
    "an https URL of a host and a path, without a user's name, a query or other characters",
  ).transform((url) => url.replace(/\/+$/, "")),
  cacheSizeMb: wholeNumber(64, 1_048_576, "whole MiB, at least 64"),
  mountV1Config: z.boolean(),
};

type StorageChoices = z.output<z.ZodObject<typeof STORAGE_KEYS>>;

/** Whether the account has to accept its keys: a service SAS is made with one. */
export const needsSharedKey = (
  config: Pick<StorageChoices, "storageAuthentication" | "storageSharedKeyAccess">,
): boolean =>
  config.storageSharedKeyAccess ||
  config.storageAuthentication === "key" ||
  config.storageAuthentication === "sas";

/** Rules of several keys. */
export function storageProblems(config: StorageChoices, problem: Report): void {
  if (config.storageAuthentication === "servicePrincipal") {
    const { tenantId, clientId, objectId, hasClientSecret } = config.storageServicePrincipal;
    if (!(tenantId && clientId && objectId && hasClientSecret)) {
      problem(
        "storageServicePrincipal",
        "needs tenantId, clientId, objectId and clientSecret with storageAuthentication servicePrincipal:\n" +
          "      pulumi config set --secret --path storageServicePrincipal.clientSecret",
      );
    }
  }
  if (config.mountV1Config && config.storageAuthentication !== "key") {
    problem(
      "mountV1Config",
      "the original workshop's fuse_connection.cfg contains an account key: it needs storageAuthentication key",
    );
  }
}
