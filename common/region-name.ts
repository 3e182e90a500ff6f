/** `westeurope` of `West Europe`: Azure accepts both, and its responses have both. */
export const regionName = (location: string): string => location.replaceAll(" ", "").toLowerCase();
