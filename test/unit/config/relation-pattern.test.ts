import { parseRelationPattern, relationPatternProblem } from "../../../config/relation-pattern";

test.each([
  ["sales.*", "sales", "%"],
  ["Public.Order_?", "public", String.raw`order\__`],
  ["*.*", "%", "%"],
  [`"Sales"."Order ""Lines"" 100%*"`, "Sales", String.raw`Order "Lines" 100\%*`],
  [String.raw`s."a\b.c"`, "s", String.raw`a\\b.c`],
  ["größe.übersicht$1", "größe", "übersicht$1"],
])("%s is a schema and a relation for LIKE", (text, schema, relation) => {
  expect(parseRelationPattern(text)).toEqual({ schema, relation });
});

test.each([
  "orders",
  "a.b.c",
  ".t",
  "s.",
  "sales. orders",
  "s.1t",
  `"s.t"`,
  `s."t`,
  "s.t;",
  "s.t'",
  `s.""`,
  's."a\nb"',
])("%j is none", (text) =>
  expect(relationPatternProblem(text)).toMatch(/^a schema and a relation with a dot/),
);
