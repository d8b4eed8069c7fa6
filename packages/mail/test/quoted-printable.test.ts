import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEncoder, encodeLine } from "../src/compose/quoted-printable.ts";
import { requireSoundBody } from "../src/compose/sound.ts";

describe("quoted-printable", () => {
  it.each([
    ["a single blank is left as it is, others are encoded", "a b  c   d ", "a b =20c =20=20d=20"],
    ["a blank at the start", " a", " a"],
    ["tabs", "\ta\tb", "=09a=09b"],
    ["a dot and mbox's word at the start", ".x", "=2Ex"],
    ["mbox's word", "From x", "=46rom x"],
    ["within a line they stay", "x. From", "x. From"],
    ["equals and controls", "a=b\u0000\u007f", "a=3Db=00=7F"],
    ["half a character", "\ud800", "=EF=BF=BD"],
    ["nothing", "", ""],
    ["76 characters fit", "x".repeat(76), "x".repeat(76)],
    ["77 do not", "x".repeat(77), `${"x".repeat(75)}=\r\nxx`],
    ["a dot behind a break", `${"x".repeat(75)}.${"y".repeat(5)}`, `${"x".repeat(75)}=\r\n=2Eyyyyy`],
    ["no character is cut", `${"x".repeat(74)}ä`, `${"x".repeat(74)}=\r\n=C3=A4`],
  ])("%s", (_name, line, expected) => {
    expect(encodeLine(line)).toBe(expected);
  });

  it("is undone by a decoder, whatever the lines hold (property)", async () => {
    const lines = fc.array(
      fc.string({ unit: "binary", maxLength: 200 }).filter((line) => !/[\r\n]/.test(line)),
    );
    await fc.assert(
      fc.asyncProperty(lines, async (all) => {
        const encoded = createEncoder(all.slice(0, 1))(all.join("\n")).toString("latin1");
        requireSoundBody(Buffer.from(encoded, "latin1"), "it");
        const bare = encoded.slice(0, -2).replaceAll("=\r\n", "");
        const octets = bare.replace(/=([0-9A-F]{2})/g, (_, hex) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        expect(Buffer.from(octets, "latin1")).toEqual(Buffer.from(all.join("\r\n")));
      }),
    );
  });
});
