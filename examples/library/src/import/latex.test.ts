import { expect, test } from "vitest";
import { latexToText } from "./latex";

test.each([
  ["Caf\\'e", "Café"],
  ["Caf{\\'e}", "Café"],
  ["Caf\\'{e}", "Café"],
  ['G{\\"o}del', "Gödel"],
  ['G\\"odel', "Gödel"],
  ['Na{\\"\\i}ve', "Naïve"],
  ['Na\\"{\\i}ve', "Naïve"],
  ["Mar\\'{\\i}a", "María"],
  ["Stra\\ss e", "Straße"],
  ["Stra{\\ss}e", "Straße"],
  ["Espa\\~na", "España"],
  ["Fran\\c{c}ois", "François"],
  ["Fran\\c cois", "François"],
  ["Du\\v{s}an", "Dušan"],
  ["Erd\\H{o}s", "Erdős"],
  ["\\L{}\\'od\\'z", "Łódź"],
  ["\\O ystein {\\AA}s", "Øystein Ås"],
  ["\\'Emile", "Émile"],
  ["pages 1--10 --- or -", "pages 1–10 — or -"],
  ["``Quoted'' and `so'", "“Quoted” and ‘so’"],
  ["O'Brien", "O’Brien"],
  ["Donald~E. Knuth", "Donald E. Knuth"],
  ["Simon \\& Schuster 100\\% \\#1 a\\_b \\$5", "Simon & Schuster 100% #1 a_b $5"],
  ["{The {DNA} Story}", "The DNA Story"],
  ["\\emph{Hamlet} and \\textit{Lear}", "Hamlet and Lear"],
  ["the $n$-body problem", "the n-body problem"],
  ["\\unknown{word}", "\\unknownword"],
  ["trailing \\", "trailing"],
  ["accent alone \\'", "accent alone '"],
  ["  many \n  spaces\t", "many spaces"],
  ["源氏物語 \\'𝒜", "源氏物語 𝒜\u0301"],
  ["hyphen\\-ation", "hyphenation"],
])("%j reads %j", (latex, text) => {
  expect(latexToText(latex)).toBe(text.normalize("NFC"));
});

test("any tail of a text is read without a throw", () => {
  const nasty = "{\\'{\\\"{o}}} \\c \\v{ $ }} ``'' -- \\ss";

  for (let start = 0; start < nasty.length; start++) {
    expect(() => latexToText(nasty.slice(start))).not.toThrow();
    expect(() => latexToText(nasty.slice(0, start))).not.toThrow();
  }
});
