export * from "./digest.ts";
export * from "./paper.ts";
