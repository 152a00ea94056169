import { expect, test } from 'vitest';
import { agreementOf, type Word } from './agreement.ts';

const calm = (pointKey: string, level: number): Word[] =>
  Array.from({ length: 20 }, (_, i) => ({
    pointKey,
    value: level + 0.1 * Math.sin(2.3 * i),
    isCalm: true,
    isFaultOpen: false,
  }));
const word = (pointKey: string, value: number, isFaultOpen: boolean): Word => ({
  pointKey,
  value,
  isCalm: false,
  isFaultOpen,
});

test('each point is compared with its own calm past, and the four outcomes are told apart', () => {
  const words = [
    ...calm('a/x', 0),
    ...calm('b/x', 5),
    ...[word('a/x', 3, true), word('a/x', 3, false), word('a/x', 0, true), word('b/x', 5, false)],
  ];
  const agreement = agreementOf(words);
  expect(agreement).toMatchObject({
    points: 2,
    observations: 44,
    bothSpeak: 1,
    onlyModel: 1,
    onlyFault: 1,
    bothSilent: 41,
  });
  expect(agreement.share).toBeCloseTo(42 / 44);
});

test('a point without a calm past says nothing', () => {
  expect(agreementOf([word('a/x', 9, true)])).toMatchObject({ points: 0, observations: 0, share: null });
});
