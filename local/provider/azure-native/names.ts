import * as crypto from "node:crypto";
import { NameStyle } from "./resource-spec";

const HEX_DIGITS = 8;
const STORAGE_ACCOUNT_LENGTH = 24;

/** A name as azure-native makes it: the resource's own and eight random hex digits, the same in preview and update. */
export function automaticName(name: string, seed: Uint8Array, style: NameStyle = "plain"): string {
  const bytes = crypto
    .createHash("sha256")
    .update(seed.length > 0 ? seed : crypto.randomBytes(32))
    .update(name)
    .digest();
  if (style === "uuid") return uuid(bytes);
  const suffix = bytes.toString("hex").slice(0, HEX_DIGITS);
  if (style === "plain") return `${name}${suffix}`;
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, "");
  return `${letters.slice(0, STORAGE_ACCOUNT_LENGTH - HEX_DIGITS)}${suffix}`;
}

function uuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
