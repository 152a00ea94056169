import { parseTimeNs } from '../decode/index.ts';

/** Data whose time lies this far back at their arrival are history: a buffer that somebody sends after an outage. */
export const HISTORY_AGE_NS = 10n * 60n * 1_000_000_000n;
/** The times of a message stand at its beginning, or it is taken for live. */
const LOOKED_AT_BYTES = 768;

/** Relative times and counters have fewer digits than an epoch. */
const VALUE = '\\s*:\\s*(?:"([^"]{8,40})"|(\\d{10,19}(?:\\.\\d{1,9})?))';
const TIME = new RegExp(`"(?:time|timestamp|ts|t|bt)"${VALUE}`);
const SENT_AT = new RegExp(`"sentAt"${VALUE}`);

/**
 * Whether a message carries history, by a look at its first bytes and without decoding it: JSON in all its shapes, SenML
 * and the header of a waveform block. A wrong guess costs a message its turn and nothing else, so what cannot be told is
 * live. A device whose clock is wrong and that says when it sent is no historian.
 */
export function isHistory(arrivalNs: bigint, payload: Buffer, start: number, end: number): boolean {
  const text = payload.toString('latin1', start, Math.min(end, start + LOOKED_AT_BYTES));
  const timeNs = timeIn(TIME, text);
  if (timeNs === null || arrivalNs - timeNs <= HISTORY_AGE_NS) return false;
  return (timeIn(SENT_AT, text) ?? arrivalNs) - timeNs > HISTORY_AGE_NS;
}

function timeIn(pattern: RegExp, text: string): bigint | null {
  const found = pattern.exec(text);
  return found ? parseTimeNs(found[1] ?? found[2]) : null;
}
