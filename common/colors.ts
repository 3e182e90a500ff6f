import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/**
 * The colours of a stream's text: what picocolors detects (NO_COLOR, FORCE_COLOR, --no-color), but a pipe or file has
 * none without FORCE_COLOR. picocolors alone colours them too where CI is set, and then `| grep` sees escapes.
 */
export function colorsOf(stream: { readonly isTTY?: boolean }): Colors {
  const isWanted = stream.isTTY || Boolean(process.env.FORCE_COLOR);
  return pc.createColors(pc.isColorSupported && isWanted);
}
