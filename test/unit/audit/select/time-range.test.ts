import { rangeTest, TimeParser } from "../../../../audit/select/time-range";
import { TimeZone } from "../../../../audit/time-zone";

const NOW = "2026-11-22T15:30:00Z";

function range(since?: string, until?: string, zone = "UTC", now = NOW): (string | undefined)[] {
  const parser = new TimeParser(new Date(now), new TimeZone(zone));
  const times = parser.range(since, until);
  return [times.since?.toISOString(), times.until?.toISOString()];
}

test.each([
  ["now", "2026-11-22T15:30:00.000Z"],
  ["90s", "2026-11-22T15:28:30.000Z"],
  ["5m", "2026-11-22T15:25:00.000Z"],
  ["1.5h", "2026-11-22T14:00:00.000Z"],
  ["1d", "2026-11-21T15:30:00.000Z"],
  ["2w", "2026-11-08T15:30:00.000Z"],
  ["today", "2026-11-22T00:00:00.000Z"],
  ["yesterday", "2026-11-21T00:00:00.000Z"],
  ["yesterday 08:15", "2026-11-21T08:15:00.000Z"],
  ["15:30", "2026-11-22T15:30:00.000Z"],
  ["10:00:30", "2026-11-22T10:00:30.000Z"],
  ["15:31", "2026-11-21T15:31:00.000Z"],
  ["2026-11-20", "2026-11-20T00:00:00.000Z"],
  ["2026-11-20T08:15", "2026-11-20T08:15:00.000Z"],
  ["2026-11-20 08:15:30.25", "2026-11-20T08:15:30.250Z"],
  ["2026-11-20T08:15:00Z", "2026-11-20T08:15:00.000Z"],
  ["2026-11-20T08:15:00+02:00", "2026-11-20T06:15:00.000Z"],
])("%s", (text, expected) => {
  expect(range(text)).toEqual([expected, undefined]);
  expect(range(undefined, text)).toEqual([undefined, expected]);
});

test.each([
  ...["", "tomorrow", "5", "m", "-5m", "10", "25:00", "10:60", "10:00Z", "22.11.2026"],
  ...["2026-13-01", "2026-02-30", "2026-02-30T10:00Z", "2026-11-20T25:00"],
])("%j is no time", (text) => expect(range(text, text)).toEqual([undefined, undefined]));

test("a time without a zone is in the given one, and so are the days", () => {
  const tokyo = (text: string) => range(text, undefined, "Asia/Tokyo")[0];
  expect(tokyo("2026-11-20T08:15")).toBe("2026-11-19T23:15:00.000Z");
  expect(tokyo("2026-11-20T08:15Z")).toBe("2026-11-20T08:15:00.000Z");
  // There it is the 23rd.
  expect(tokyo("today")).toBe("2026-11-22T15:00:00.000Z");
  expect(tokyo("yesterday")).toBe("2026-11-21T15:00:00.000Z");
  expect(tokyo("00:15")).toBe("2026-11-22T15:15:00.000Z");
  expect(tokyo("00:45")).toBe("2026-11-21T15:45:00.000Z");
});

test("the parser knows whether its zone mattered", () => {
  const usedZone = (text: string) => {
    const parser = new TimeParser(new Date(NOW), new TimeZone("Asia/Tokyo"));
    parser.range(text, undefined);
    return parser.usedZone;
  };
  expect(["today", "10:00", "2026-11-20T08:15"].map(usedZone)).toEqual([true, true, true]);
  expect(["1d", "now", "2026-11-20T08:15Z"].map(usedZone)).toEqual([false, false, false]);
});

test("--since yesterday --until today is the whole of yesterday, also when it has 25 hours", () => {
  expect(range("yesterday", "today", "Europe/Paris", "2026-10-26T12:00:00Z")).toEqual([
    "2026-10-24T22:00:00.000Z",
    "2026-10-25T23:00:00.000Z",
  ]);
});

test.each([
  ["09:00", "11:00", NOW, "2026-11-22T09:00:00.000Z", "2026-11-22T11:00:00.000Z"],
  // The end is still to come.
  [
    "10:00",
    "11:00",
    "2026-11-22T10:30:00Z",
    "2026-11-22T10:00:00.000Z",
    "2026-11-22T11:00:00.000Z",
  ],
  [
    "10:00",
    "11:00",
    "2026-11-22T09:30:00Z",
    "2026-11-21T10:00:00.000Z",
    "2026-11-21T11:00:00.000Z",
  ],
  ["23:00", "01:00", NOW, "2026-11-21T23:00:00.000Z", "2026-11-22T01:00:00.000Z"],
  ["yesterday", "10:00", NOW, "2026-11-21T00:00:00.000Z", "2026-11-22T10:00:00.000Z"],
])("--since %s --until %s at %s", (since, until, now, from, to) => {
  expect(range(since, until, "UTC", now)).toEqual([from, to]);
});

describe("when clocks change", () => {
  test("a range of the hour that occurs twice contains both", () => {
    expect(range("2026-10-25T02:15", "2026-10-25T02:45", "Europe/Paris")).toEqual([
      "2026-10-25T00:15:00.000Z",
      "2026-10-25T01:45:00.000Z",
    ]);
  });

  test("a time that clocks skip is the moment at which they skip it", () => {
    expect(range("2026-03-29T02:30", "2026-03-29T03:30", "Europe/Paris")).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-29T01:30:00.000Z",
    ]);
    // Clocks are set by half an hour.
    expect(range("2026-10-04T02:15", undefined, "Australia/Lord_Howe")[0]).toBe(
      "2026-10-03T15:30:00.000Z",
    );
  });

  test("a day begins at its first midnight, or when clocks skip midnight", () => {
    // Havana's clocks are set back from 01:00 to 00:00, and forward from 00:00 to 01:00.
    expect(range("2026-11-01", "2026-11-01T01:00", "America/Havana")).toEqual([
      "2026-11-01T04:00:00.000Z",
      "2026-11-01T06:00:00.000Z",
    ]);
    expect(range(undefined, "2026-11-01", "America/Havana")[1]).toBe("2026-11-01T04:00:00.000Z");
    expect(range("2026-03-08", undefined, "America/Havana")[0]).toBe("2026-03-08T05:00:00.000Z");
  });
});

test("a range contains its beginning, not its end", () => {
  const [since, until] = [new Date("2026-11-22T17:00:00Z"), new Date("2026-11-22T18:00:00Z")];
  const times = ["16:59:59.999", "17:00:00.000", "17:59:59.999", "18:00:00.000"];
  const verdicts = (test = rangeTest({})) =>
    times.map((time) => test?.(`2026-11-22T${time}Z`) ?? true);
  expect(verdicts(rangeTest({ since, until }))).toEqual([false, true, true, false]);
  expect(verdicts(rangeTest({ since }))).toEqual([false, true, true, true]);
  expect(verdicts(rangeTest({ until }))).toEqual([true, true, true, false]);
  expect(verdicts()).toEqual([true, true, true, true]);
});
