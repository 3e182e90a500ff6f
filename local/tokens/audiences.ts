/** Azure Storage's resource. Source: Azure Storage, "Authorize with Microsoft Entra ID", Microsoft Entra resource ID. */
export const STORAGE_AUDIENCE = "https://storage.azure.com";

/** Whether local Azure has the resource that a token is asked for, with or without a slash at its end. */
export function isKnownAudience(audience: string, resourceManager: string): boolean {
  const name = audience.toLowerCase().replace(/\/+$/, "");
  return (
    name === resourceManager ||
    name === STORAGE_AUDIENCE ||
    /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net$/.test(name)
  );
}
