/** The last row of a lab's loopback addresses; row 0 has the gateway and the first VM. */
const LAST_ROW = 254;

/**
 * The addresses of a lab on this machine are 127.0.ROW.COLUMN. Each lab has a column of its own, the last byte of
 * `vmAddress` in its settings, so labs don't have to agree on further addresses.
 */
export const columnOf = (address: string): number => Number(address.split(".")[3]);

/** The addresses of a column, from row 0 on. */
export const addressesOf = (column: number): string[] =>
  Array.from({ length: LAST_ROW + 1 }, (_, row) => `127.0.${row}.${column}`);

/**
 * The first address of a column that isn't taken.
 * @param firstRow 0 where the lab's own address may be used too
 * @throws Error if all are taken
 */
export function freeAddress(
  column: number,
  taken: ReadonlySet<string>,
  firstRow: 0 | 1 = 1,
): string {
  const address = addressesOf(column)
    .slice(firstRow)
    .find((each) => !taken.has(each));
  if (address !== undefined) return address;
  throw new Error(`all loopback addresses 127.0.*.${column} of the lab are in use`);
}
