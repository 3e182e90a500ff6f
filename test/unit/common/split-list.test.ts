import { splitList } from "../../../common/split-list";

test("a list is split at its commas", () => {
  expect(splitList(" READ,, WRITE ,")).toEqual(["READ", "WRITE"]);
});
