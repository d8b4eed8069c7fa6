import { refuseAddress } from "@paperboy/sources";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("addresses", () => {
  it.each([
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "198.20.0.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:93.184.216.34",
    "64:ff9b::5db8:d822",
  ])("%s is public", (address) => expect(refuseAddress(address)).toBeNull());

  const kept: [string, number][] = [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ];
  const numberOf = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const bytesOf = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
  const hexOf = (number: number) => `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;

  it.each(kept)("in %s/%i are not, however they are written into IPv6", (network, length) => {
    const size = 2 ** (32 - length);
    const edge = fc.constantFrom(0, size - 1);
    fc.assert(
      fc.property(fc.oneof(edge, fc.integer({ min: 0, max: size - 1 })), (offset) => {
        const number = numberOf(network) + offset;
        const [hex, dotted] = [hexOf(number), bytesOf(number).join(".")];
        const forms = [
          dotted,
          `::ffff:${dotted}`,
          `::ffff:${hex}`,
          `::${hex}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `2002:${hex}::1`,
          `2001:0:${hex}::1`,
        ];
        expect(forms.filter((form) => refuseAddress(form) === null)).toEqual([]);
      }),
    );
  });

  it.each([
    "::",
    "::1",
    "100::1",
    "64:ff9b:1::808:808",
    "2001:2::1",
    "2001:db8::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:2800::1%eth0",
    "fec0::1",
    "ff02::1",
    "0x7f.1",
    "127.1",
    "nonsense",
    "",
  ])("%s is not", (address) => expect(refuseAddress(address)).not.toBeNull());

  it("inside IPv6 are judged like themselves", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        const plain = refuseAddress(bytesOf(number).join(".")) === null;
        expect(refuseAddress(`::ffff:${hexOf(number)}`) === null).toBe(plain);
        expect(refuseAddress(`64:ff9b::${hexOf(number)}`) === null).toBe(plain);
      }),
    );
  });
});
