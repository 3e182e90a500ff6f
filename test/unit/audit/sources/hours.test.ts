import {
  compareHourBlobs,
  folderMayContain,
  hourBlobName,
  hoursBetween,
  hoursOfRange,
  parseHourBlob,
} from "../../../../audit/sources/hours";

const RESOURCE = "resourceId=/SUBSCRIPTIONS/A/FLEXIBLESERVERS/PG1";
const NAME = `${RESOURCE}/y=2026/m=11/d=22/h=15/m=00/PT1H.json`;
const RANGE = { since: new Date("2026-11-22T15:10:00Z"), until: new Date("2026-11-22T16:00:00Z") };

describe("an hour's blob", () => {
  test("says its server and hour by its name", () => {
    const blob = { resource: RESOURCE, hour: new Date("2026-11-22T15:00:00Z") };
    expect(parseHourBlob(NAME)).toEqual(blob);
    expect(hourBlobName(blob)).toBe(NAME);
    expect(parseHourBlob("y=2026/m=11/d=22/h=15/m=00/PT1H.json")?.resource).toBe("");
  });

  test.each(["PT1H.json", `${NAME}.gz`, NAME.replace("h=15", "h=x"), NAME.replace("/d=22", "")])(
    "isn't %s",
    (name) => expect(parseHourBlob(name)).toBeUndefined(),
  );

  test("is sorted after that of an earlier hour of any server", () => {
    const later = NAME.replace("h=15", "h=16").replace("PG1", "PG0");
    const [a, b] = [parseHourBlob(NAME), parseHourBlob(later)];
    if (!a || !b) throw new Error("no hour's blobs");
    expect([b, a].sort(compareHourBlobs)).toEqual([a, b]);
  });
});

describe("a folder of the layout", () => {
  test.each([
    ["y=2025", false],
    ["y=2026", true],
    ["y=2027", false],
    ["y=2026/m=10", false],
    ["y=2026/m=11", true],
    ["y=2026/m=11/d=21", false],
    ["y=2026/m=11/d=22", true],
    ["y=2026/m=11/d=22/h=14", false],
    ["y=2026/m=11/d=22/h=15", true],
    // A record of 15:59:59 that Azure received late is in the blob of the next hour.
    ["y=2026/m=11/d=22/h=16", true],
    ["y=2026/m=11/d=22/h=17", false],
    ["y=2026/m=11/d=22/h=17/m=00", false],
    ["somewhere/else", true],
  ])("%s may contain records of 15:10 to 16:00: %s", (folder, expected) => {
    expect(folderMayContain(`${RESOURCE}/${folder}`, RANGE)).toBe(expected);
    expect(folderMayContain(folder, RANGE)).toBe(expected);
  });

  test("may contain records of an open range", () => {
    expect(folderMayContain("y=1999", {})).toBe(true);
    expect(folderMayContain("y=2027", { since: RANGE.since })).toBe(true);
    expect(folderMayContain("y=2025", { until: RANGE.until })).toBe(true);
  });
});

test("hours continue after the end of a day", () => {
  const hours = hoursBetween(new Date("2026-11-22T23:59:00Z"), new Date("2026-11-23T01:00:00Z"));
  expect(hours.map((hour) => hour.toISOString())).toEqual([
    "2026-11-22T23:00:00.000Z",
    "2026-11-23T00:00:00.000Z",
    "2026-11-23T01:00:00.000Z",
  ]);
});

test("a range that ends with an hour includes one more hour, not two", () => {
  expect(hoursOfRange(RANGE)).toEqual({
    first: new Date("2026-11-22T15:00:00Z"),
    last: new Date("2026-11-22T16:00:00Z"),
  });
  expect(hoursOfRange({})).toEqual({});
});
