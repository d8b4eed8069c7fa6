import { describe, expect, it } from "vitest";
import { type PolicySource, readEvictionPolicy } from "../src/eviction.ts";

const source = (info: string | Error, config: unknown): PolicySource => ({
  info: async () => answer(info) as string,
  config: async () => answer(config),
});

function answer(value: unknown): unknown {
  if (value instanceof Error) throw value;
  return value;
}

const forbidden = new Error("NOPERM this user has no permissions to run the command");

describe("readEvictionPolicy", () => {
  it("believes INFO", async () => {
    const redis = source("# Memory\r\nmaxmemory_policy:allkeys-lru\r\nx:1\r\n", forbidden);
    expect(await readEvictionPolicy(redis)).toBe("allkeys-lru");
  });

  it("asks CONFIG where INFO does not tell", async () => {
    const pair = ["maxmemory-policy", "noeviction"];
    expect(await readEvictionPolicy(source("# Memory\r\n", pair))).toBe("noeviction");
    expect(await readEvictionPolicy(source(forbidden, pair))).toBe("noeviction");
  });

  it("does not know where neither tells", async () => {
    expect(await readEvictionPolicy(source(forbidden, forbidden))).toBeNull();
    expect(await readEvictionPolicy(source("", []))).toBeNull();
  });
});
