import { Decoder } from "../../../../audit/decode/decoder";
import { UserError } from "../../../../common/user-error";
import { broken, record } from "./decoding";

const line = (timestamp: string): string =>
  JSON.stringify({ timestamp, pid: 1, error_severity: "LOG", message: "a message" });
const time = (timestamp: string, timeZone?: string): string =>
  record(line(timestamp), { timeZone }).time;

describe("times", () => {
  test.each([
    ["2026-11-22 19:24:35.684 UTC", "2026-11-22T19:24:35.684Z"],
    ["2026-11-22 19:24:35.684 GMT", "2026-11-22T19:24:35.684Z"],
    ["2026-11-22 19:24:35 UTC", "2026-11-22T19:24:35.000Z"],
    ["2026-11-22 01:24:35.684 +03", "2026-11-21T22:24:35.684Z"],
    ["2026-11-22 19:24:35.684 -0330", "2026-11-22T22:54:35.684Z"],
    ["2028-02-29 00:00:00.000 UTC", "2028-02-29T00:00:00.000Z"],
  ])("%s is %s", (timestamp, iso) => {
    expect(time(timestamp)).toBe(iso);
  });

  test("of one second, and of two time zones in turn, don't get mixed up", () => {
    const decoder = new Decoder();
    const times = [
      ...["2026-11-22 19:24:35.684 UTC", "2026-11-22 19:24:35.999 UTC"],
      ...["2026-11-22 19:24:35.684 +01", "2026-11-22 19:24:35.684 UTC"],
      ...["2026-11-22 19:24:36.001 UTC", "2026-11-22 19:24:35.684 +1"],
    ].map((timestamp) => decoder.decode(Buffer.from(line(timestamp)), "", 0)[0]?.record?.time);
    expect(times).toEqual([
      ...["2026-11-22T19:24:35.684Z", "2026-11-22T19:24:35.999Z"],
      ...["2026-11-22T18:24:35.684Z", "2026-11-22T19:24:35.684Z"],
      ...["2026-11-22T19:24:36.001Z", undefined],
    ]);
  });

  test.each([
    "2026-02-30 19:24:35.684 UTC",
    "2026-13-01 19:24:35.684 UTC",
    "2026-11-22 25:24:35.684 UTC",
    "2026-11-22 19:24:35.6x4 UTC",
    "2026-11-22T19:24:35.684Z",
    "",
  ])("%j is none", (timestamp) => {
    expect(broken(line(timestamp)).reason).toContain("its time");
  });

  test("of another time zone aren't guessed: the option is named", () => {
    expect(broken(line("2026-11-22 19:24:35.684 CET")).reason).toContain("--log-time-zone");
  });

  test("of a named time zone are read, in winter and summer", () => {
    expect(time("2026-11-22 19:24:35.684 CET", "Europe/Paris")).toBe("2026-11-22T18:24:35.684Z");
    expect(time("2026-07-22 19:24:35.684 CEST", "Europe/Paris")).toBe("2026-07-22T17:24:35.684Z");
    expect(time("2026-07-22 19:24:35.684 EDT", "America/New_York")).toBe(
      "2026-07-22T23:24:35.684Z",
    );
  });

  test("of the hour that occurs twice are distinguished by their abbreviation", () => {
    expect(time("2026-10-25 02:30:00.000 CEST", "Europe/Paris")).toBe("2026-10-25T00:30:00.000Z");
    expect(time("2026-10-25 02:30:00.000 CET", "Europe/Paris")).toBe("2026-10-25T01:30:00.000Z");
    expect(time("2026-11-01 01:30:00.000 EDT", "America/New_York")).toBe(
      "2026-11-01T05:30:00.000Z",
    );
    expect(time("2026-11-01 01:30:00.000 EST", "America/New_York")).toBe(
      "2026-11-01T06:30:00.000Z",
    );
    expect(
      broken(line("2026-10-25 02:30:00.000 XYZ"), { timeZone: "Europe/Paris" }).reason,
    ).toContain("its time");
  });

  test("that a clock left out are none", () => {
    expect(
      broken(line("2026-03-29 02:30:00.000 CET"), { timeZone: "Europe/Paris" }).reason,
    ).toContain("doesn't exist");
  });

  test("an unknown time zone is the user's mistake", () => {
    expect(() => new Decoder({ timeZone: "Paris" })).toThrow(UserError);
  });
});
