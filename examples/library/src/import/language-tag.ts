/** The names that babel and polyglossia give to languages, and what people write for them. */
const TAGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    english: "en",
    american: "en-US",
    usenglish: "en-US",
    british: "en-GB",
    ukenglish: "en-GB",
    german: "de",
    ngerman: "de",
    deutsch: "de",
    austrian: "de-AT",
    naustrian: "de-AT",
    nswissgerman: "de-CH",
    french: "fr",
    francais: "fr",
    italian: "it",
    spanish: "es",
    catalan: "ca",
    portuguese: "pt",
    portuges: "pt",
    brazilian: "pt-BR",
    brazil: "pt-BR",
    dutch: "nl",
    danish: "da",
    swedish: "sv",
    norwegian: "no",
    norsk: "nb",
    nynorsk: "nn",
    finnish: "fi",
    icelandic: "is",
    polish: "pl",
    czech: "cs",
    slovak: "sk",
    slovene: "sl",
    slovenian: "sl",
    croatian: "hr",
    serbian: "sr",
    hungarian: "hu",
    magyar: "hu",
    romanian: "ro",
    bulgarian: "bg",
    russian: "ru",
    ukrainian: "uk",
    greek: "el",
    "ancient greek": "grc",
    polutonikogreek: "grc",
    latin: "la",
    turkish: "tr",
    hebrew: "he",
    arabic: "ar",
    persian: "fa",
    farsi: "fa",
    hindi: "hi",
    sanskrit: "sa",
    bengali: "bn",
    tamil: "ta",
    chinese: "zh",
    japanese: "ja",
    korean: "ko",
  }),
);

/** The BCP 47 tag of a language named as bibliographies do, or given as a tag; undefined if it is neither. */
export function languageTag(name: string): string | undefined {
  const known = TAGS.get(name.trim().toLowerCase().normalize("NFD").replace(/\p{M}/gu, ""));
  if (known !== undefined) return known;
  try {
    const tag = Intl.getCanonicalLocales(name.trim().replaceAll("_", "-"))[0];
    return tag !== undefined && /^[a-z]{2,3}(-|$)/.test(tag) ? tag : undefined;
  } catch {
    return undefined;
  }
}
