import { API_MUTATIONS } from "./api.ts";
import { DELIVERY_MUTATIONS } from "./delivery.ts";
import type { Mutation } from "./mutation.ts";
import { PAPER_MUTATIONS } from "./papers.ts";
import { READER_MUTATIONS } from "./readers.ts";
import { WORKER_MUTATIONS } from "./worker.ts";

/** All mutations; a mutation's number is its place, counted from 1. */
export const MUTATIONS: readonly Mutation[] = [
  ...DELIVERY_MUTATIONS,
  ...READER_MUTATIONS,
  ...PAPER_MUTATIONS,
  ...WORKER_MUTATIONS,
  ...API_MUTATIONS,
];
