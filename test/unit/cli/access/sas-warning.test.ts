import { sasWarning } from "../../../../cli/access/sas-warning";

const END = "2027-01-31T00:00:00Z";
const DAY = 24 * 3600 * 1000;
/** The warning so many days before the end of a signature with a period of 30 days. */
const warning = (days: number, stack = "dev") =>
  sasWarning({ storageSasExpiry: END, storageSasDays: 30 }, stack, Date.parse(END) - days * DAY);

test("nothing is said of a signature that is valid for long, and of other sign-ins", () => {
  expect(warning(59)).toBeUndefined();
  expect(warning(15.1)).toBeUndefined();
  expect(sasWarning({}, "dev")).toBeUndefined();
});

test.each([
  [15, /ends in 15 days, on 2027-01-31\. This renews it: pulumi up --stack dev$/],
  [0.5, /ends within a day/],
  [0, /SAS ended on 2027-01-31: it shows the log no longer\. .*: pulumi up --stack dev$/],
  [-9, /SAS ended on 2027-01-31/],
])("%s days before its end, the end and the command are named", (days, expected) => {
  expect(warning(days)).toMatch(expected);
});

test("the lab on this machine has a command of its own", () => {
  expect(warning(1, "local")).toMatch(/renews it: \.\/lab up$/);
});
