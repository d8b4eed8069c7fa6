import type { BenchOptions, BenchResult } from "./main.ts";
export const benchDay = async (_options: BenchOptions): Promise<BenchResult> => ({ rows: [], notes: [] });
