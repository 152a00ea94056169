import { expect, test } from 'vitest';
import { featureSettings, WAVEFORM_SETTINGS } from '../detectors/settings.ts';
import { severityOf } from '../diagnosis/iso20816.ts';
import { CATALOGUE, scopeProblem, settingNamed, valueProblem } from './catalogue.ts';
import { type Scope, type ScopedPoint, TENANT_WIDE } from './scope.ts';
import { settingsFor, type ThresholdValue } from './settingsFor.ts';
import { withOwnLimits } from './zone.ts';

const MACHINE = '01890000-0000-7000-8000-000000000001';
const POINT: ScopedPoint = { kind: 'waveform', pointKey: 'pump-7/de', machineId: MACHINE, machineClass: 'pump' };
const at = (setting: string, value: number, scope: Partial<Scope> = {}): ThresholdValue => ({
  ...TENANT_WIDE,
  ...scope,
  setting,
  value,
});

test('without any value the defaults hold, as they are', () => {
  expect(settingsFor([], POINT, 0)).toEqual({
    version: 0,
    detector: WAVEFORM_SETTINGS,
    zoneLimitsMmS: [null, null, null],
  });
});

test('the nearest place wins: point, machine, class, tenant; what is said of others does not count', () => {
  const values = [
    at('waveform.deviationZ', 7),
    at('waveform.deviationZ', 8, { machineClass: 'pump' }),
    at('waveform.deviationZ', 9, { machineId: MACHINE }),
    at('waveform.deviationZ', 10, { pointKey: 'pump-7/de' }),
  ];
  const z = (given: ThresholdValue[], point = POINT) => settingsFor(given, point, 1).detector.deviationZ;
  for (const order of [values, values.toReversed()]) {
    expect(z(order)).toBe(10);
    expect(z(order.filter((v) => v.pointKey === null))).toBe(9);
    expect(z(order, { ...POINT, pointKey: 'pump-7/nde', machineId: null })).toBe(8);
    expect(z(order, { ...POINT, pointKey: 'x/y', machineId: null, machineClass: null })).toBe(7);
    expect(z(order, { ...POINT, kind: 'reading' })).toBe(8); // the default of readings: the values are of waveforms
  }
});

test('a feature’s value overrules the point’s own, never that of a nearer place', () => {
  const values = [
    at('waveform.deviationZ', 12, { machineClass: 'pump', feature: 'kurtosis' }),
    at('waveform.deviationZ', 9, { machineClass: 'pump' }),
    at('waveform.deviationZ', 15, { machineClass: 'pump', feature: 'kurtosis', regime: 'r2' }),
    at('waveform.deviationZ', 14, { machineClass: 'pump', regime: 'r2' }),
  ];
  const place = { mode: null, speedLn: 7.3, loadPercent: 100, temperatureC: null };
  const regimeOf = (key: string) => ({ key, place });
  const z = (given: ThresholdValue[], feature: string, regime: string) =>
    featureSettings(settingsFor(given, POINT, 1).detector, feature, regimeOf(regime)).deviationZ;
  expect(z(values, 'rms', 'r1')).toBe(9);
  expect(z(values, 'kurtosis', 'r1')).toBe(12);
  expect(z(values, 'rms', 'r2')).toBe(14);
  expect(z(values, 'kurtosis', 'r2')).toBe(15);
  const nearer = [...values, at('waveform.deviationZ', 5, { pointKey: 'pump-7/de' })];
  expect(z(nearer, 'kurtosis', 'r2')).toBe(5);
  // The other number of the same feature is untouched.
  expect(featureSettings(settingsFor(values, POINT, 1).detector, 'kurtosis', regimeOf('r2')).admitZ).toBe(
    WAVEFORM_SETTINGS.admitZ,
  );
});

test('nested numbers are set without touching their neighbours, and stay coherent', () => {
  const values = [at('waveform.deviation.of', 3, { pointKey: 'pump-7/de' }), at('waveform.fadeAfter', 20)];
  const { detector } = settingsFor(values, POINT, 1);
  expect(detector.deviation).toEqual({ needed: 3, of: 3 });
  expect(detector.severity).toEqual(WAVEFORM_SETTINGS.severity);
  expect(detector.fadeAfter).toBe(20);
});

test('own zone limits take the place of the standard’s, one by one', () => {
  const standard = severityOf(3, { powerKw: 75, mounting: 'rigid' }, 1480)!;
  expect(standard.zone).toBe('C');
  expect(withOwnLimits(standard, 3, [null, null, null])).toBe(standard);
  expect(withOwnLimits(standard, 3, [null, 3.2, null])).toMatchObject({ zone: 'B', limitsMmS: [1.4, 3.2, 4.5] });
  expect(withOwnLimits(standard, 3, [5, null, null])).toMatchObject({ zone: 'A', limitsMmS: [5, 5, 5] });
  expect(withOwnLimits(null, 3, [1, 2, null])).toBeNull();
  expect(withOwnLimits(null, 3, [1, 2, 2.5])).toMatchObject({ zone: 'D' });
});

test('the catalogue’s defaults are the detector’s, lie in their range, and have words in both languages', () => {
  expect(settingNamed('waveform.agreed.needed')?.default).toBe(WAVEFORM_SETTINGS.agreed.needed);
  expect(new Set(CATALOGUE.map((setting) => setting.name)).size).toBe(CATALOGUE.length);
  for (const setting of CATALOGUE) {
    if (setting.default !== null) expect(valueProblem(setting, setting.default), setting.name).toBeNull();
    for (const words of [setting.label, setting.meaning]) {
      expect(words.en.length).toBeGreaterThan(3);
      expect(words.zh).toMatch(/[\u4e00-\u9fff]/);
    }
  }
});

test('what cannot be set there, or not so, is told', () => {
  const z = settingNamed('waveform.deviationZ')!;
  expect(valueProblem(z, 1)).toMatch(/between 2 and 50 σ/);
  expect(valueProblem(settingNamed('waveform.fadeAfter')!, 2.5)).toMatch(/whole number/);
  expect(scopeProblem(z, { ...TENANT_WIDE, machineClass: 'pump', pointKey: 'a/b' })).toMatch(/at most one/);
  expect(scopeProblem(settingNamed('waveform.fadeAfter')!, { ...TENANT_WIDE, feature: 'rms' })).toMatch(/leave out/);
  expect(scopeProblem(settingNamed('waveform.zone.ab')!, TENANT_WIDE)).toMatch(/needs a class/);
  expect(scopeProblem(z, { ...TENANT_WIDE, feature: 'rms', regime: 'r1' })).toBeNull();
});
