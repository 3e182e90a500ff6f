import Table from "cli-table3";

/** A table without rules, so that it can be searched and cut. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const sides = ["top", "bottom", "left", "right", "mid"];
  const names = sides.flatMap((side) => ["", "-mid", "-left", "-right"].map((end) => side + end));
  const table = new Table({
    head: [...head],
    chars: Object.fromEntries([...names, "middle"].map((name) => [name, ""])),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, "");
}
