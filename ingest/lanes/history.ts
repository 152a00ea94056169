import { parseTimeNs } from '../decode/index.ts';
import { epochSeconds, wholeTimeIn } from './wholeTime.ts';

/** Data whose time lies this far back at their arrival are history: a buffer that somebody sends after an outage. */
const HISTORY_AGE_S = 600;
/** The times of a message stand at its beginning, or it is taken for live. */
const LOOKED_AT_BYTES = 768;

/** Relative times and counters have fewer digits than an epoch. */
const VALUE = '\\s*:\\s*(?:"([^"]{8,40})"|(\\d{10,19}(?:\\.\\d{1,9})?))';
const TIME = new RegExp(`"(?:time|timestamp|ts|t|bt)"${VALUE}`);
const SENT_AT = new RegExp(`"sentAt"${VALUE}`);
/** The present of a simulation that runs at another time, or faster, than life: its times are kept as they are. */
const SIMULATED_NOW = new RegExp(`"simulatedNow"${VALUE}`);

/**
 * Whether a message carries history, by a look at its first bytes and without decoding it: JSON in all its shapes, SenML
 * and the header of a waveform block. A wrong guess costs a message its turn and nothing else, so what cannot be told is
 * live. A device whose clock is wrong and that says when it sent is no historian, nor is a simulation that says what time it
 * is there.
 */
export function isHistory(arrivalNs: bigint, payload: Buffer, start: number, end: number): boolean {
  const whole = wholeTimeIn(payload, start, Math.min(end, start + LOOKED_AT_BYTES));
  // Doubles: to the microsecond is more than enough, and this is asked of every message.
  if (whole === null || Number(arrivalNs) / 1e9 - whole <= HISTORY_AGE_S) return false;
  return isHistoryByText(arrivalNs, payload, start, end);
}

/** The same by patterns alone: for times that are written otherwise, and for what is old. */
export function isHistoryByText(arrivalNs: bigint, payload: Buffer, start: number, end: number): boolean {
  const text = payload.toString('latin1', start, Math.min(end, start + LOOKED_AT_BYTES));
  const time = secondsIn(TIME, text);
  if (time === null) return false;
  const arrival = Number(arrivalNs) / 1e9;
  if (arrival - time <= HISTORY_AGE_S) return false;
  const present = secondsIn(SIMULATED_NOW, text) ?? secondsIn(SENT_AT, text) ?? arrival;
  return present - time > HISTORY_AGE_S;
}

function secondsIn(pattern: RegExp, text: string): number | null {
  const found = pattern.exec(text);
  if (!found) return null;
  const digits = found[2];
  if (digits === undefined) {
    const ns = parseTimeNs(found[1]);
    return ns === null ? null : Number(ns) / 1e9;
  }
  return epochSeconds(Number(digits));
}
