/** Orders texts by their UTF-16 code units, for sort: the same in every locale. */
export const compareText = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;
