import { expect, test } from 'vitest';
import type { Claim } from '../detectors/observation.ts';
import type { FaultName } from '../detectors/state.ts';
import type { Anomaly } from '../store/anomalies.ts';
import { belongsTo } from './belonging.ts';
import { faultKeyOf } from './faultKey.ts';

const claim = (fault: FaultName, strength = 10): Claim => ({
  fault,
  basis: 'agreement',
  confidence: 0.8,
  level: 'warning',
  strength,
});
const open = (over: Partial<Anomaly>): Anomaly =>
  ({
    id: 'a1',
    faultKey: 'asset:de:bearing',
    assetId: 'de',
    machineId: 'm1',
    fault: 'outer',
    status: 'confirmed',
    strength: 12,
    ...over,
  }) as Anomaly;

test('two points of one bearing, or two names of its fault, are one anomaly', () => {
  expect(belongsTo(claim('inner', 99), 'asset:de:bearing', 'de', 'm1', [open({})])?.id).toBe('a1');
  expect(belongsTo(claim('outer'), 'asset:de:bearing', 'de', 'm1', [open({ status: 'suspected' })])?.id).toBe('a1');
});

test('the other bearing of the machine joins while it is the quieter one, and opens its own once it is louder', () => {
  const known = [open({})];
  expect(belongsTo(claim('outer', 9), 'asset:nde:bearing', 'nde', 'm1', known)?.id).toBe('a1');
  expect(belongsTo(claim('outer', 15), 'asset:nde:bearing', 'nde', 'm1', known)).toBeNull();
});

test('a quieter suspicion gives way to what was confirmed next door meanwhile, a louder one stands', () => {
  const own = open({ id: 'own', faultKey: 'asset:nde:bearing', assetId: 'nde', status: 'suspected', strength: 5 });
  const of = (strength: number) =>
    belongsTo(claim('outer', strength), 'asset:nde:bearing', 'nde', 'm1', [own, open({})]);
  expect([of(9)?.id, of(15)?.id]).toEqual(['a1', 'own']);
});

test('a suspicion next door, another family or another machine takes nothing over', () => {
  expect(belongsTo(claim('outer', 9), 'asset:nde:bearing', 'nde', 'm1', [open({ status: 'suspected' })])).toBeNull();
  expect(belongsTo(claim('unbalance', 9), 'asset:de:rotor', 'de', 'm1', [open({})])).toBeNull();
  expect(belongsTo(claim('outer', 9), 'asset:x:bearing', 'x', 'm2', [open({})])).toBeNull();
});

test('a level or deviation without a name belongs to the confirmed fault of its machine', () => {
  expect(belongsTo(claim('severity'), 'asset:de:general', 'de', 'm1', [open({})])?.id).toBe('a1');
  expect(belongsTo(claim('deviation'), 'asset:nde:general', 'nde', 'm1', [open({})])?.id).toBe('a1');
  expect(belongsTo(claim('deviation'), 'point:p:general', null, null, [])).toBeNull();
});

test('its own suspicion gives way to what was confirmed on the machine meanwhile, and stands without that', () => {
  const own = open({ id: 'own', faultKey: 'asset:de:general', fault: 'deviation', status: 'suspected' });
  expect(belongsTo(claim('deviation'), 'asset:de:general', 'de', 'm1', [own, open({})])?.id).toBe('a1');
  expect(belongsTo(claim('deviation'), 'asset:de:general', 'de', 'm1', [own])?.id).toBe('own');
  const confirmed = { ...own, status: 'confirmed' as const };
  expect(belongsTo(claim('deviation'), 'asset:de:general', 'de', 'm1', [open({}), confirmed])?.id).toBe('own');
});

test('a point that the CMDB does not know is its own asset', () => {
  expect(faultKeyOf('dev/p', null, 'ball')).toBe('point:dev/p:bearing');
});
