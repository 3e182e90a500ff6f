import { diffInputs } from "../../../../../local/provider/protocol";

const asset = (hash: string) => ({
  "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
  hash,
});

describe("diffInputs", () => {
  test.each([
    ["equal values", { a: { b: [1, { c: null }] } }, { a: { b: [1, {}] } }, []],
    ["a nested update", { a: { b: 1 } }, { a: { b: 2 } }, [{ path: "a.b", kind: "update" }]],
    ["an added list item", { a: ["x"] }, { a: ["x", "y"] }, [{ path: "a[1]", kind: "add" }]],
    ["a removed property", { a: 1, b: 2 }, { a: 1 }, [{ path: "b", kind: "delete" }]],
    ["a change of type", { a: [1] }, { a: { b: 1 } }, [{ path: "a", kind: "update" }]],
    [
      "a key that is no plain name",
      { tags: { "team.name": "a" } },
      { tags: { "team.name": "b" } },
      [{ path: 'tags["team.name"]', kind: "update" }],
    ],
    ["an asset of the same hash", { f: asset("1") }, { f: asset("1") }, []],
    [
      "an asset of another hash",
      { f: asset("1") },
      { f: asset("2") },
      [{ path: "f", kind: "update" }],
    ],
  ])("%s", (_, olds, news, expected) => {
    expect(diffInputs(olds, news)).toEqual(expected);
  });

  test("replaceOn covers a path and the paths below it, not others with the same start", () => {
    const changes = diffInputs(
      { place: { x: 1 }, placement: 1 },
      { place: { x: 2 }, placement: 2 },
      { replaceOn: ["place"] },
    );
    expect(changes).toEqual([
      { path: "place.x", kind: "update", replaces: true },
      { path: "placement", kind: "update" },
    ]);
  });

  test("ignored paths don't count", () => {
    expect(diffInputs({ a: { b: 1 } }, { a: { b: 2 } }, { ignore: ["a.b"] })).toEqual([]);
  });
});
