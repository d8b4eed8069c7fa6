export const day = (n: number, time = "07:30:00") => new Date(`2026-11-${n}T${time}Z`);

export const refuse = (responseCode: number, message: string) => () => {
  throw Object.assign(new Error(message), { responseCode });
};

export const decoded = (raw: string) =>
  raw.replace(
    /Content-Transfer-Encoding: base64\r\n(?:.+\r\n)*\r\n([A-Za-z0-9+/=\r\n]+)/g,
    (_all, body: string) => Buffer.from(body, "base64").toString(),
  );

export const partsIn = (raw: string) =>
  [...new Set(decoded(raw).match(/Gated recurrence, part \d+/g) ?? [])].map((text) =>
    Number(text.split(" ").at(-1)),
  );
