import { type BenchResult, median, ratio, rounded } from "./frame.ts";
import type { PostgresReading } from "./postgres-meter.ts";

/** What one way of sending cost in one round. */
export interface DayCost {
  readonly way: "ours" | "plain loop" | "usual pipeline" | "smtp-source";
  readonly mails: number;
  /** On the wire. */
  readonly bytes: number;
  readonly seconds: number;
  readonly planSeconds: number;
  /** Of the process that sends. */
  readonly cpuMs: number;
  readonly sinkCpuMs: number;
  readonly redisCpuMs: number;
  readonly postgres: PostgresReading;
  /** The most that the process held; null where nobody tells. */
  readonly rssMb: number | null;
}

/** Medians of the rounds, a row a way, and how many times faster the service is than each of the others. */
export function describeDay(readers: number, costs: readonly DayCost[]): BenchResult {
  const ways = [...new Set(costs.map(({ way }) => way))];
  const rows = ways.map((way) =>
    rowOf(
      way,
      costs.filter((cost) => cost.way === way),
    ),
  );
  const secondsOf = (way: DayCost["way"]) =>
    median(costs.filter((cost) => cost.way === way).map((cost) => cost.seconds));
  const timesFaster = (way: DayCost["way"]) =>
    ways.includes(way) ? ratio(secondsOf(way), secondsOf("ours")) : null;
  const ratios = {
    usual: timesFaster("usual pipeline"),
    loop: timesFaster("plain loop"),
    smtpSource: timesFaster("smtp-source"),
  };
  return {
    rows,
    figures: { readers, ratios },
    notes: [
      `Ours is ${ratios.usual ?? "?"} times as fast as the usual pipeline, ${ratios.loop ?? "?"} times as the loop, ${ratios.smtpSource ?? "?"} times as smtp-source.`,
      "Ours plans (matching included), composes, signs, claims, marks each mail before its dot, sends and records it; others find planned what they send.",
      "The usual pipeline is a BullMQ job a mail, Prisma a row at a time, a template a mail, Nodemailer's pool and DKIM. The loop sends mails that were",
      "rendered before, through the same pool, and records nothing. smtp-source sends one mail of the same size, unsigned, again and again.",
      "All use 20 connections to a sink in a process of its own, on the same processors as Postgres, which commits to disk. RSA-2048.",
    ],
  };
}

function rowOf(way: DayCost["way"], costs: readonly DayCost[]) {
  const mid = (of: (cost: DayCost) => number): number => median(costs.map(of));
  const each = (of: (cost: DayCost) => number): number =>
    rounded(mid((cost) => of(cost) / Math.max(1, cost.mails)));
  return {
    way,
    mails: mid(({ mails }) => mails),
    seconds: rounded(mid(({ seconds }) => seconds)),
    planSeconds: rounded(mid(({ planSeconds }) => planSeconds)),
    mailsPerSecond: Math.round(mid(({ mails, seconds }) => mails / seconds)),
    cpuMsPerMail: each(({ cpuMs }) => cpuMs),
    postgresCpuMsPerMail: each(({ postgres }) => postgres.cpuMs),
    redisCpuMsPerMail: each(({ redisCpuMs }) => redisCpuMs),
    sinkCpuMsPerMail: each(({ sinkCpuMs }) => sinkCpuMs),
    walBytesPerMail: Math.round(each(({ postgres }) => postgres.walBytes)),
    commitsPerMail: each(({ postgres }) => postgres.commits),
    kilobytesPerMail: Math.round(each(({ bytes }) => bytes) / 1024),
    rssMb: costs.some(({ rssMb }) => rssMb === null)
      ? null
      : Math.round(Math.max(...costs.map(({ rssMb }) => rssMb ?? 0))),
  };
}
