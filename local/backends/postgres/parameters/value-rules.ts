import { InvalidParameterError, type ServerParameter, splitList } from "./server-parameter";

/** Sets that can be empty. Source: Azure's message for shared_preload_libraries lists an empty word first. */
const MAY_BE_EMPTY = new Set([
  "azure.extensions",
  "session_preload_libraries",
  "shared_preload_libraries",
]);

const PRELOADS = new Set(["session_preload_libraries", "shared_preload_libraries"]);

/**
 * Words are case-insensitive, as terraform-provider-azurerm 27332 writes them ("ON", "ALL"). Numbers are in the
 * parameter's unit; a unit in the value is refused.
 * @param isInstalled whether local Azure has a library
 * @throws InvalidParameterError if the value isn't allowed; code and text as in "Download PostgreSQL and upgrade logs"
 * (logfiles.retention_days) and in reports about shared_preload_libraries
 */
export function requireAllowedValue(
  { name, properties }: ServerParameter,
  value: string,
  isInstalled: (library: string) => boolean,
): void {
  if (!isAllowed(name, properties, value)) {
    throw new InvalidParameterError(
      "ServerParameterToCMSUnAllowedParameterValue",
      `Value '${value}' is invalid for server parameter '${name}'. Allowed values are '${properties.allowedValues}'.`,
    );
  }
  if (PRELOADS.has(name)) requireInstalled(name, properties.allowedValues, value, isInstalled);
}

function isAllowed(
  name: string,
  { dataType, allowedValues }: ServerParameter["properties"],
  value: string,
): boolean {
  const words = splitList(allowedValues.toLowerCase());
  switch (dataType) {
    case "Boolean":
    case "Enumeration":
      return words.includes(value.toLowerCase());
    case "Set": {
      const chosen = splitList(value.toLowerCase());
      return chosen.length === 0
        ? value === "" && MAY_BE_EMPTY.has(name)
        : chosen.every((word) => words.includes(word));
    }
    case "Integer":
      return /^[-+]?\d+$/.test(value) && isInRange(allowedValues, Number(value));
    case "Numeric":
      return (
        /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value) &&
        isInRange(allowedValues, Number(value))
      );
    case "String":
      return !value.includes("\0") && new RegExp(`^(?:${allowedValues})$`).test(value);
  }
}

function isInRange(range: string, number: number): boolean {
  const [, low, high] = /^(-?[\d.e+]+)-(-?[\d.e+]+)$/.exec(range) ?? [];
  return number >= Number(low) && number <= Number(high);
}

/** A library that isn't installed would prevent the start of the server. */
function requireInstalled(
  name: string,
  allowedValues: string,
  value: string,
  isInstalled: (library: string) => boolean,
): void {
  const missing = splitList(value.toLowerCase()).filter((library) => !isInstalled(library));
  if (missing.length === 0) return;
  const installed = splitList(allowedValues).filter(isInstalled);
  throw new InvalidParameterError(
    "ServerParameterToCMSUnAllowedParameterValue",
    `Value '${value}' is allowed for server parameter '${name}' on Azure, but local Azure does not have ` +
      `${missing.join(", ")}. It has ${installed.join(", ") || "none of the allowed libraries"}.`,
  );
}
