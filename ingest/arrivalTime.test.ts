import { expect, test } from 'vitest';
import { placeTime, type ToldTimes } from './arrivalTime.ts';

const SECOND = 1_000_000_000n;
const HOUR = 3600n * SECOND;
const DAY = 24n * HOUR;
const ARRIVAL = 1_772_366_400n * SECOND;
const policy = { toleratedSkewNs: 300n * SECOND, furthestAheadNs: DAY, retentionNs: 90n * DAY };

const place = (told: Partial<ToldTimes>) =>
  placeTime({ timeNs: ARRIVAL, sentAtNs: null, arrivalNs: ARRIVAL, repeated: false, ...told }, policy);

test('a device without a clock counts by arrival, and so differs between deliveries', () => {
  expect(place({ timeNs: null })).toEqual({
    ok: true,
    timeNs: ARRIVAL,
    deliveryDependent: true,
    future: false,
    corrected: false,
    arrivalTimed: true,
  });
});

test('old samples without sentAt are history, not a wrong clock', () => {
  expect(place({ timeNs: ARRIVAL - HOUR })).toMatchObject({ timeNs: ARRIVAL - HOUR, corrected: false, future: false });
});

test('a skew that sentAt shows is taken out: clock an hour slow, clock 400 days fast, samples buffered for a minute', () => {
  for (const skew of [-HOUR, 400n * DAY]) {
    const sentAtNs = ARRIVAL + skew;
    expect(place({ timeNs: sentAtNs - 60n * SECOND, sentAtNs })).toMatchObject({
      timeNs: ARRIVAL - 60n * SECOND,
      corrected: true,
      future: false,
      deliveryDependent: true,
    });
  }
});

test('a repeated delivery says nothing about the clock: its delay is no skew', () => {
  const told = { timeNs: ARRIVAL - HOUR, sentAtNs: ARRIVAL - HOUR, repeated: true };
  expect(place(told)).toMatchObject({ timeNs: ARRIVAL - HOUR, corrected: false, deliveryDependent: true });
});

test('a clock that runs five times as fast is right at each message that carries sentAt', () => {
  for (let message = 1n; message <= 5n; message++) {
    const sentAtNs = ARRIVAL + message * HOUR * 5n;
    const arrivalNs = ARRIVAL + message * HOUR;
    expect(place({ timeNs: sentAtNs, sentAtNs, arrivalNs })).toMatchObject({ timeNs: arrivalNs, corrected: true });
  }
});

test('what the network takes is no skew', () => {
  const told = { timeNs: ARRIVAL - 3n * SECOND, sentAtNs: ARRIVAL - 2n * SECOND };
  expect(place(told)).toMatchObject({ timeNs: ARRIVAL - 3n * SECOND, corrected: false, deliveryDependent: false });
});

test('ahead: tolerated, flagged, refused', () => {
  expect(place({ timeNs: ARRIVAL + 300n * SECOND })).toMatchObject({ ok: true, future: false });
  expect(place({ timeNs: ARRIVAL + 301n * SECOND })).toMatchObject({ ok: true, future: true });
  expect(place({ timeNs: ARRIVAL + DAY + 1n })).toMatchObject({ ok: false, code: 'TIME_AHEAD' });
});

test('older than retention, or before the epoch: refused with a reason that says what to do', () => {
  expect(place({ timeNs: ARRIVAL - 90n * DAY })).toMatchObject({ ok: true });
  expect(place({ timeNs: ARRIVAL - 90n * DAY - 1n })).toMatchObject({ ok: false, code: 'TIME_EXPIRED' });
  const refused = place({ timeNs: -5n });
  expect(refused).toMatchObject({ ok: false, reason: expect.stringMatching(/clock|retention/) });
});
