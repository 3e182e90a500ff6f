import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { Inputs } from "./types";

/*
 * The engine's encoding of property values: plain JSON, with signed objects for the types that JSON lacks.
 * Source: sdk/go/common/resource/plugin/rpc.go and sdk/go/common/resource/sig/sig.go of pulumi/pulumi.
 */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** An unknown value of any type in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Whether the value itself is unknown; `containsUnknown` also checks its members. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

export function containsUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isObject(value)) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

/** A file: exactly one of `text`, `path` and `uri`. In `diff` there is only `hash`. */
export interface Asset {
  readonly hash?: string;
  readonly text?: string;
  /** Relative to the working directory. */
  readonly path?: string;
  readonly uri?: string;
}

/** A folder or archive file, or a tree of assets by name. */
export interface Archive {
  readonly hash?: string;
  readonly path?: string;
  readonly uri?: string;
  readonly assets?: Readonly<Record<string, Asset | Archive>>;
}

export function isAsset(value: unknown): value is Asset {
  return isObject(value) && value[SIGNATURE_KEY] === ASSET;
}

export function isArchive(value: unknown): value is Archive {
  return isObject(value) && value[SIGNATURE_KEY] === ARCHIVE;
}

/** Marks an output as secret. */
export function secret(value: unknown): unknown {
  return { [SIGNATURE_KEY]: SECRET, value };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The secret parts of a value; true is the whole value. */
export type Secrecy = true | { readonly [property: string]: Secrecy } | undefined;

export interface Decoded {
  readonly values: Inputs;
  readonly secrecy: Secrecy;
}

/** Decodes a message's properties into plain values and the places of secrets. */
export function decode(properties: Struct | undefined): Decoded {
  const [values, secrecy] = unwrap(properties?.toJavaScript() ?? {});
  return { values: values as Inputs, secrecy };
}

function unwrap(value: unknown): [value: unknown, secrecy: Secrecy] {
  if (Array.isArray(value)) {
    const items = value.map(unwrap);
    // As in the engine, a secret in a list makes the whole list secret.
    return [items.map(([item]) => item), items.some(([, secrecy]) => secrecy) || undefined];
  }
  if (isObject(value)) {
    if (value[SIGNATURE_KEY] === SECRET) return [unwrap(value.value)[0], true];
    const entries = Object.entries(value).map(([key, item]) => [key, ...unwrap(item)] as const);
    const secrets = entries.filter(([, , secrecy]) => secrecy !== undefined);
    return [
      Object.fromEntries(entries.map(([key, item]) => [key, item])),
      secrets.length > 0
        ? Object.fromEntries(secrets.map(([key, , secrecy]) => [key, secrecy]))
        : undefined,
    ];
  }
  return [isUnknown(value) ? UNKNOWN : value, undefined];
}

/** The top-level properties that are, or contain, secrets. */
export function secretNames(secrecy: Secrecy): ReadonlySet<string> {
  return new Set(isObject(secrecy) ? Object.keys(secrecy) : []);
}

/** Encodes plain values; properties with the names of secret inputs become secret. */
export function encode(values: Inputs, secrecy?: Secrecy): Struct {
  return Struct.fromJavaScript(wrap(values, secrecy) as Record<string, JavaScriptValue>);
}

function wrap(value: unknown, secrecy: Secrecy): unknown {
  if (secrecy === true) {
    const alreadySecret = isObject(value) && value[SIGNATURE_KEY] === SECRET;
    return alreadySecret ? wrap(value, undefined) : secret(wrap(value, undefined));
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => wrap(item ?? null, undefined));
    return secrecy === undefined ? items : secret(items);
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, wrap(item, secrecy?.[key])]),
  );
}
