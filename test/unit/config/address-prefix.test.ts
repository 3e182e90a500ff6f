import { addressPrefixProblem } from "../../../config/address-prefix";

describe("an address that may open SSH", () => {
  test.each(["203.0.113.7", "203.0.113.7/32", "203.0.113.0/24", "10.0.0.0/8", "127.0.0.1/32"])(
    "%s is valid",
    (prefix) => expect(addressPrefixProblem(prefix)).toBeUndefined(),
  );

  test.each([
    ["0.0.0.0/0", /opens SSH to everywhere.*at most a \/8/],
    ["0.0.0.0/1", /opens SSH to everywhere/],
    ["128.0.0.0/7", /opens SSH to everywhere/],
    ["Internet", /no IPv4 address or range.*like 203\.0\.113\.7/],
    ["*", /no IPv4 address or range/],
    ["", /no IPv4 address or range/],
    ["203.0.113.256", /no IPv4 address or range/],
    ["203.0.113", /no IPv4 address or range/],
    ["203.0.113.0/24/8", /no IPv4 address or range/],
    ["::/0", /no IPv4 address or range/],
    ["2001:db8::1", /no IPv4 address or range/],
    ["203.0.113.7/33", /no prefix length of 0 to 32; write it like 203\.0\.113\.7\/32/],
    ["203.0.113.7/", /no prefix length/],
    ["203.0.113.7/x", /no prefix length/],
    ["203.0.113.7/24", /write 203\.0\.113\.0\/24, or 203\.0\.113\.7 alone/],
    ["255.255.255.255/9", /write 255\.128\.0\.0\/9/],
  ])("%j is refused, with a correction", (prefix, problem) => {
    expect(addressPrefixProblem(prefix)).toMatch(problem);
    expect(addressPrefixProblem(prefix)).toContain(`"${prefix}"`);
  });
});
