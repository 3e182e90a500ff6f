import * as fs from "node:fs";
import * as path from "node:path";
import { attendeeNames, planStacks } from "../../../../cli/workshop/plan";
import { isLocalStack } from "../../../../cli/lab/names";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

test("a number, a list and a file name attendees", () => {
  expect(attendeeNames("2")).toEqual(["attendee01", "attendee02"]);
  expect(attendeeNames("100")[0]).toBe("attendee001");
  expect(attendeeNames("alice, bob")).toEqual(["alice", "bob"]);
  const file = path.join(folder(), "names");
  fs.writeFileSync(file, "alice\n\nbob\n");
  expect(attendeeNames(`@${file}`)).toEqual(["alice", "bob"]);
});

test("all names that can't be used are reported at once", () => {
  expect(() => attendeeNames("Alice,root,bob,bob")).toThrow(
    /"Alice": a role name[^]*"root": Azure reserves[^]*"bob" is there twice/,
  );
  expect(() => attendeeNames("0")).toThrow("it has no name");
  expect(() => attendeeNames("251")).toThrow("at most 250");
  expect(() => attendeeNames("@/missing/names")).toThrow("/missing/names can't be read");
});

test("each attendee has a stack, or all have one; those of the local base are local", () => {
  const own = planStacks("local", ["alice", "bob"], false);
  expect(own.map(({ stack }) => stack)).toEqual(["local-workshop-alice", "local-workshop-bob"]);
  const shared = planStacks("dev", ["alice", "bob"], true);
  expect(shared).toEqual([{ stack: "dev-workshop", attendees: ["alice", "bob"] }]);
  const local = ["local", "local-workshop", "local-workshop-a", "local-workshops", "dev-workshop"];
  expect(local.filter(isLocalStack)).toEqual(["local", "local-workshop", "local-workshop-a"]);
});
