import { ArmError } from "../../arm-error";

/** Compute sizes by tier. Source: Azure's "Compute options in Azure Database for PostgreSQL". */
const SKUS: Readonly<Record<string, ReadonlySet<string>>> = {
  Burstable: new Set(
    ["1ms", "2s", "2ms", "4ms", "8ms", "12ms", "16ms", "20ms"].map((b) => `B${b}`),
  ),
  GeneralPurpose: new Set([
    ...sizes("D", [2, 4, 8, 16, 32, 48, 64], ["s_v3", "ds_v4"]),
    ...sizes("D", [2, 4, 8, 16, 32, 48, 64, 96], ["ds_v5", "ads_v5"]),
  ]),
  MemoryOptimized: new Set([
    ...sizes("E", [2, 4, 8, 16, 32, 48, 64], ["s_v3"]),
    ...sizes("E", [2, 4, 8, 16, 20, 32, 48, 64], ["ds_v4"]),
    ...sizes("E", [2, 4, 8, 16, 20, 32, 48, 64, 96], ["ds_v5", "ads_v5"]),
  ]),
};

function sizes(letter: string, vCores: readonly number[], series: readonly string[]): string[] {
  return series.flatMap((name) => vCores.map((count) => `${letter}${count}${name}`));
}

/** In GiB. Source: Azure's "Storage options in Azure Database for PostgreSQL", Premium SSD. */
const STORAGE_SIZES_GB = [32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767];

/** Azure's error for an invalid value. Source: terraform-provider-azurerm 22585, azure-sdk-for-python 44200. */
export const invalidValue = (parameter: string, detail: string): ArmError =>
  new ArmError(
    400,
    "InvalidParameterValue",
    `Invalid value given for parameter ${parameter}. Specify a valid parameter value. ${detail}`,
  );

/** The size must be in the list of its tier. */
export function requireSku({ name, tier }: { name: string; tier: string }): void {
  const known = SKUS[tier] ?? new Set();
  if (known.has(name.replace(/^Standard_/, ""))) return;
  const list = [...known].map((size) => `Standard_${size}`).join(", ");
  throw invalidValue("SkuName", `'${name}' is not a size of the tier ${tier}: ${list}.`);
}

/** The size must be one of Azure's and not less than before. Source of the second rule: the same page, "Storage can only be scaled up". */
export function requireStorageSize(sizeGb: number | undefined, beforeGb: number | undefined): void {
  if (sizeGb === undefined) return;
  if (!STORAGE_SIZES_GB.includes(sizeGb)) {
    throw invalidValue("StorageSizeGB", `${sizeGb} is not one of ${STORAGE_SIZES_GB.join(", ")}.`);
  }
  if (beforeGb !== undefined && sizeGb < beforeGb) {
    throw invalidValue(
      "StorageSizeGB",
      `${sizeGb} is less than the ${beforeGb} that the server has, and storage can only grow.`,
    );
  }
}
