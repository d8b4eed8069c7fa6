import {
  readingOrder,
  rejoinAuthors,
  splitAuthorElements,
  splitAuthors,
  splitListedNames,
  titleKey,
} from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("authors in one text", () => {
  it.each<[string, string[]]>([
    // one person
    ["Weber, L. M.", ["L. M. Weber"]],
    ["Weber, L.-M.", ["L.-M. Weber"]],
    ["Weber, Lena", ["Lena Weber"]],
    ["Çelik, Özlem Ayşe", ["Özlem Ayşe Çelik"]],
    ["García Márquez, Gabriel", ["Gabriel García Márquez"]],
    ["O’Hara, Tim", ["Tim O’Hara"]],
    ["d'Angelo, Maria", ["Maria d'Angelo"]],
    ["van den Broek, P.", ["P. van den Broek"]],
    ["Van Gogh, Vincent", ["Vincent Van Gogh"]],
    ["De la Cruz, Juan Carlos", ["Juan Carlos De la Cruz"]],
    ["Le, Quoc", ["Quoc Le"]],
    ["Weber, L. M., Jr.", ["L. M. Weber Jr."]],
    ["Davis, Sammy, III", ["Sammy Davis III"]],
    ["Martin Luther King, Jr.", ["Martin Luther King Jr."]],
    ["Lena Weber, PhD", ["Lena Weber"]],
    ["Иванов, И. И.", ["И. И. Иванов"]],
    // several, family names first
    ["Cho, M., Lim, T.-W., Seo, H.", ["M. Cho", "T.-W. Lim", "H. Seo"]],
    ["Cho, M., Lim, T.-W., and Seo, H.", ["M. Cho", "T.-W. Lim", "H. Seo"]],
    ["Cho, M., Lim, T.-W. & Seo, H.", ["M. Cho", "T.-W. Lim", "H. Seo"]],
    ["Cho, M., Seo, H., et al.", ["M. Cho", "H. Seo"]],
    [
      "Lopez-Vega, A. B., van den Broek, P., O’Hara, T. J.",
      ["A. B. Lopez-Vega", "P. van den Broek", "T. J. O’Hara"],
    ],
    ["Broek, P. van den, Cho, M.", ["P. van den Broek", "M. Cho"]],
    ["Weber, LM, Cho, M", ["LM Weber", "M Cho"]],
    ["Weber, L., Jr., Cho, M.", ["L. Weber Jr.", "M. Cho"]],
    ["Weber, Lena; Cho, Min", ["Lena Weber", "Min Cho"]],
    ["Weber, L.M.; Cho, M.; ", ["L.M. Weber", "M. Cho"]],
    ["Lena Weber, MIT; Min Cho, University of Oslo", ["Lena Weber", "Min Cho"]],
    ["Weber, Lena and Cho, Min", ["Lena Weber", "Min Cho"]],
    ["Weber, Lena and Cho, Min and others", ["Lena Weber", "Min Cho"]],
    ["Weber, Lena, Cho, Min", ["Lena Weber", "Min Cho"]],
    ["Weber, Lena, Cho, Min and Seo, Hana", ["Lena Weber", "Min Cho", "Hana Seo"]],
    ["ATLAS Collaboration, Weber, L.", ["ATLAS Collaboration", "L. Weber"]],
    // several, in reading order
    ["Lena Weber, Min Cho", ["Lena Weber", "Min Cho"]],
    ["Lena Weber, Min Cho and Hana Seo", ["Lena Weber", "Min Cho", "Hana Seo"]],
    ["Lena Weber und Min Cho", ["Lena Weber", "Min Cho"]],
    ["Lena Weber & Min Cho", ["Lena Weber", "Min Cho"]],
    ["L. Weber, M. Cho", ["L. Weber", "M. Cho"]],
    ["L. Weber, Cho", ["L. Weber", "Cho"]],
    ["Weber and Cho", ["Weber", "Cho"]],
    ["Weber, Cho and Seo", ["Weber", "Cho", "Seo"]],
    ["Weber, Cho, Seo", ["Weber", "Cho", "Seo"]],
    ["Weber L, Cho MJ", ["Weber L", "Cho MJ"]],
    ["CHO Min-Ji, SEO Hana", ["CHO Min-Ji", "SEO Hana"]],
    ["A, B", ["A", "B"]],
    ["alice, bob", ["alice", "bob"]],
    ["Lena Weber (Institute of Ice, Oslo), Min Cho (Seoul (KR))", ["Lena Weber", "Min Cho"]],
    ["Lena Weber (unclosed, Min Cho", ["Lena Weber (unclosed", "Min Cho"]],
    // organisations, and names without spaces
    ["The LIGO Collaboration", ["The LIGO Collaboration"]],
    ["LIGO Collaboration, Virgo Collaboration", ["LIGO Collaboration", "Virgo Collaboration"]],
    ["Centers for Disease Control and Prevention", ["Centers for Disease Control and Prevention"]],
    ["王小明, 李华", ["王小明", "李华"]],
    ["王小明、李华；김철수", ["王小明", "李华", "김철수"]],
    ["山田 太郎, 鈴木 花子", ["山田 太郎", "鈴木 花子"]],
    ["", []],
    [" , ; and ", []],
  ])("%s", (text, names) => expect(splitAuthors(text)).toEqual(names));

  it("are one each where every person has an element", () => {
    const elements = ["Weber, L. M.", "Cho, Min", "Vega Ruiz, Ana María", "The Ice Group"];
    expect(splitAuthorElements(elements)).toEqual([
      "L. M. Weber",
      "Min Cho",
      "Ana María Vega Ruiz",
      "The Ice Group",
    ]);
    expect(splitAuthorElements(["Lena Weber, Min Cho"])).toEqual(["Lena Weber", "Min Cho"]);
  });

  it("are in reading order where the source always writes them so", () => {
    expect(splitListedNames("Suhaib, Lena Weber and Min Cho, Jr.")).toEqual([
      "Suhaib",
      "Lena Weber",
      "Min Cho Jr.",
    ]);
    expect(readingOrder("Davis, Sammy, Jr.")).toBe("Sammy Davis Jr.");
    expect(readingOrder("Lena Weber")).toBe("Lena Weber");
  });

  it("come out as they went in, however many and in whichever of the usual ways", () => {
    const family = fc.constantFrom(
      "Weber",
      "Cho",
      "Lopez-Vega",
      "van den Broek",
      "O’Hara",
      "Çelik",
      "Nguyen",
    );
    const initials = fc.constantFrom("L.", "M.-J.", "A. B.", "T. J. K.");
    const people = fc.uniqueArray(fc.tuple(family, initials), {
      minLength: 1,
      maxLength: 8,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(people, (list) => {
        const names = list.map(([last, first]) => `${first} ${last}`);
        const turned = list.map(([last, first]) => `${last}, ${first}`);
        for (const text of [
          names.join(", "),
          turned.join(", "),
          turned.join("; "),
          turned.join(" and "),
          names.join(" and "),
        ])
          expect(splitAuthors(text)).toEqual(names);
      }),
    );
  });
});

describe("authors that were split wrongly", () => {
  it.each<[string, string[], boolean, string[]]>([
    ["initials", ["Weber", "L. M."], false, ["L. M. Weber"]],
    ["a list of them", ["Cho", "M.", "Lim", "T.-W.", "Seo", "H."], false, ["M. Cho", "T.-W. Lim", "H. Seo"]],
    [
      "initials that were taken for one twice",
      ["Cho", "M.", "Lim", "Seo", "H."],
      false,
      ["M. Cho", "Lim", "H. Seo"],
    ],
    ["a suffix", ["Weber", "L. M. Jr."], false, ["L. M. Weber Jr."]],
    ["semicolons", ["Weber, Lena", "Cho, Min"], false, ["Lena Weber", "Min Cho"]],
    ["a name in full", ["Weber", "Lena"], true, ["Lena Weber"]],
    ["names in full", ["Weber", "Lena", "Cho", "Min"], true, ["Lena Weber", "Min Cho"]],
  ])("%s", (_name, stored, isFromText, names) => expect(rejoinAuthors(stored, isFromText)).toEqual(names));

  it.each([
    [["Lena Weber", "Min Cho"], true],
    [["Weber", "Lena"], false],
    [["The LIGO Collaboration", "L. Weber"], true],
    [["X", "Y."], true],
    [[], true],
  ])("%j was not", (stored, isFromText) => expect(rejoinAuthors(stored, isFromText)).toBe(stored));
});

it("identity goes by the family name wherever the initials stand", () => {
  const keys = ["L. M. Weber", "Weber, L. M.", "Weber L", "Weber L.M.", "Lena Weber, Jr."].map((name) =>
    titleKey("On ice", [name]),
  );
  expect(new Set(keys)).toEqual(new Set(["on ice|weber"]));
});
