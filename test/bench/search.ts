import type { BenchOptions, BenchResult } from "./main.ts";
export const benchSearch = async (_options: BenchOptions): Promise<BenchResult> => ({ rows: [], notes: [] });
