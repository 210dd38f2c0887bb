import { expect, test } from "vitest";
import { aWork } from "../test-work";
import { prepareSearch, searchWorks } from "./work-search";

const works = [
  aWork({ title: "Ἰλιάς", author: "Homer", language: "grc" }),
  aWork({ title: "Discours de la méthode", author: "René Descartes", year: 1637, language: "fr" }),
  aWork({ title: "Émile", author: "Jean-Jacques Rousseau", year: 1762, language: "fr" }),
];

test.each([
  ["", 3],
  ["  ", 3],
  ["methode", 1],
  ["MÉTHODE rene", 1],
  ["1762", 1],
  ["french", 2],
  ["ιλιας", 1],
  ["fr emile", 1],
  ["emile homer", 0],
])("%j finds %i works", (query, found) => {
  expect(searchWorks(works, query)).toHaveLength(found);
});

test("an empty query gives the very list", () => {
  expect(searchWorks(works, " ")).toBe(works);
});

test("a search is prepared as long as there is time", () => {
  const answers = [true, true, false];

  expect(prepareSearch(works, 0, () => answers.shift() ?? false)).toBe(2);
  expect(prepareSearch(works, 2, () => true)).toBe(3);
  expect(prepareSearch(works, 3, () => true)).toBe(3);
});
