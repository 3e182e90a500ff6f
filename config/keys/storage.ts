import { z } from "zod";
import { oneOf, textBy, type Report, text, wholeNumber } from "../rules";

function expiryProblem(time: string): string | undefined {
  if (time === "") return undefined;
  const rule = "a time in UTC, like 2030-01-31T00:00:00Z";
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time) || Number.isNaN(Date.parse(time)))
    return rule;
  return Date.parse(time) > Date.now() ? undefined : `is in the past; ${rule}`;
}

const STORAGE_SERVICE_PRINCIPAL = z.strictObject({
  tenantId: z.string().default(""),
  clientId: z.string().default(""),
  objectId: z.string().default(""),
  /** In place of `clientSecret`: no message can contain the secret. */
  hasClientSecret: z.boolean(),
});

/** The container of the logs, and how the VM reads it. */
export const STORAGE_KEYS = {
  storageAuthentication: oneOf(["key", "sas", "managedIdentity", "servicePrincipal"]),
  storageSasExpiry: textBy(expiryProblem),
  storageServicePrincipal: STORAGE_SERVICE_PRINCIPAL,
  packagesUrl: text(
    /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[\w.~%+:/-]*)?$/,
    "an https URL of a host and a path, without a user's name, a query or other characters",
  ).transform((url) => url.replace(/\/+$/, "")),
  cacheSizeMb: wholeNumber(64, 1_048_576, "whole MiB, at least 64"),
  mountV1Config: z.boolean(),
};

type StorageChoices = z.output<z.ZodObject<typeof STORAGE_KEYS>>;

/** Rules of several keys. */
export function storageProblems(config: StorageChoices, problem: Report): void {
  if (config.storageAuthentication === "sas" && config.storageSasExpiry === "") {
    problem("storageSasExpiry", "needed with storageAuthentication sas, like 2030-01-31T00:00:00Z");
  }
  // Azure gives such a signature, and then refuses it.
  if (config.storageAuthentication === "sas" && Date.parse(config.storageSasExpiry) < Date.now()) {
    problem(
      "storageSasExpiry",
      `"${config.storageSasExpiry}" was given, which is past; a later time is needed, like 2030-01-31T00:00:00Z`,
    );
  }
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
