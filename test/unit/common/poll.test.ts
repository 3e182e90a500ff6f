import { pollUntil } from "../../../common/poll";

const OPTIONS = { what: "the thing", timeoutSeconds: 5, intervalMilliseconds: 0 };

describe("polling", () => {
  test("polls until there is a result, and returns it; 0 and an empty string are results", async () => {
    const answers = [undefined, false as const, "here", "too late"];
    expect(await pollUntil(() => answers.shift(), OPTIONS)).toBe("here");
    expect(answers).toEqual(["too late"]);
    expect(await pollUntil(() => 0, OPTIONS)).toBe(0);
    expect(await pollUntil(async () => "", OPTIONS)).toBe("");
  });

  test("ends at the deadline with what it waited for, after at least one call", async () => {
    const probe = jest.fn(() => undefined);
    await expect(pollUntil(probe, { ...OPTIONS, timeoutSeconds: 0 })).rejects.toThrow(
      "the thing: not within 0 s",
    );
    expect(probe).toHaveBeenCalledTimes(1);
  });

  test("ends at once when the probe throws", async () => {
    const probe = jest.fn(() => {
      throw new Error("it is broken");
    });
    await expect(pollUntil(probe, OPTIONS)).rejects.toThrow("it is broken");
    expect(probe).toHaveBeenCalledTimes(1);
  });

  test("ends when it is aborted", async () => {
    const controller = new AbortController();
    const probe = () => controller.abort();
    const options = { ...OPTIONS, intervalMilliseconds: 60_000, signal: controller.signal };
    await expect(pollUntil(probe as () => undefined, options)).rejects.toThrow(/aborted/);
  });
});
