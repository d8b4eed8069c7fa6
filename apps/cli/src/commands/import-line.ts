import {
  applyInput,
  BRINGS_NOTHING,
  bringsSomething,
  emailSchema,
  fieldErrors,
  ORDER_DEFAULTS,
  orderFields,
  pauseSchema,
} from "@paperboy/core";
import type { ImportedReader } from "@paperboy/db";
import { z } from "zod";

/** `blocklisted` and the like are what other services call a reader who wants nothing at all. */
const STATUS = {
  active: "active",
  pending: "pending",
  unsubscribed: "unsubscribed",
  blocklisted: "blocked",
  blocked: "blocked",
  suppressed: "blocked",
} as const;

const statusSchema = z.enum(
  Object.keys(STATUS) as (keyof typeof STATUS)[],
  `must be one of ${Object.keys(STATUS).join(", ")}`,
);

const instant = z.iso
  .datetime({ offset: true, error: "must be an instant such as 2026-11-24T07:00:00Z" })
  .transform((text) => new Date(text))
  .nullish();

/** A reader to whom digests shall come: the schema of an order, and what became of it. */
const readerSchema = z
  .strictObject({
    email: emailSchema,
    status: statusSchema.default("active"),
    ...orderFields,
    localMinute: z.int().min(0).max(1439).optional(),
    confirmedAt: instant,
    unsubscribedAt: instant,
    pausedUntil: pauseSchema.nullish(),
  })
  .refine(bringsSomething, BRINGS_NOTHING)
  .refine(
    ({ time, localMinute }) => time === undefined || localMinute === undefined || time === localMinute,
    {
      path: ["localMinute"],
      message: "says another time of day than `time`",
    },
  );

/** Of who wants nothing, or has not agreed, the order does not matter; that they said so must not be lost for a fault in it. */
const withoutOrderSchema = z.looseObject({
  email: emailSchema,
  status: statusSchema,
  unsubscribedAt: instant,
});

/** One line of an import: the reader, or `pending` for one who has not agreed yet. */
export type ImportLine = ImportedReader | "pending";

/**
 * Reads a line as `export subscribers` writes it.
 *
 * @throws Error in one line, naming the field that is wrong.
 */
export function readImportLine(text: string): ImportLine {
  const record: unknown = JSON.parse(text);
  const reader = readerSchema.safeParse(record, { reportInput: true });
  if (!reader.success) return readWithoutOrder(record) ?? refuse(reader.error);
  const {
    email: address,
    status,
    confirmedAt,
    unsubscribedAt,
    pausedUntil,
    localMinute,
    ...input
  } = reader.data;
  const kept = STATUS[status];
  if (kept === "pending") return "pending";
  const time = input.time ?? localMinute;
  return {
    address,
    order: applyInput(time === undefined ? input : { ...input, time }),
    status: kept,
    confirmedAt: confirmedAt ?? null,
    unsubscribedAt: unsubscribedAt ?? null,
    pausedUntil: pausedUntil ?? null,
  };
}

function readWithoutOrder(record: unknown): ImportLine | null {
  const read = withoutOrderSchema.safeParse(record);
  if (!read.success) return null;
  const { email: address, status, unsubscribedAt } = read.data;
  const kept = STATUS[status];
  if (kept === "pending") return "pending";
  if (kept === "active") return null;
  return {
    address,
    order: { topics: [], ...ORDER_DEFAULTS },
    status: kept,
    confirmedAt: null,
    unsubscribedAt: unsubscribedAt ?? null,
    pausedUntil: null,
  };
}

function refuse(error: z.ZodError): never {
  const faults = fieldErrors(error).map(({ field, message }) => `${field || "the line"}: ${message}`);
  throw new Error(faults.join("; "));
}
