import { expect, test } from 'vitest';
import { parseTopic } from './topics.ts';

const pump = { tenantSlug: 'acme', device: 'pump' };

test.each([
  ['fl/1/acme/pump/telemetry', { ...pump, leaf: 'telemetry', format: null }],
  ['fl/1/acme/pump/telemetry/senml', { ...pump, leaf: 'telemetry', format: 'senml' }],
  ['fl/1/acme/pump/waveform/flw1', { ...pump, leaf: 'waveform', format: 'flw1' }],
  ['fl/1/acme/pump/answer', { ...pump, leaf: 'answer', format: null }],
])('%s', (topic, parsed) => {
  expect(parseTopic(topic)).toEqual(parsed);
});

test.each([
  'fl/1/acme/pump/telemetry/',
  'fl/1/acme/pump/telemetry/json/more',
  'fl/1/acme/pump/command/json',
  'fl/1/acme/pump/answer/json',
  'fl/1/acme/pump/other',
  'fl/2/acme/pump/telemetry',
])('%s is none of ours', (topic) => {
  expect(parseTopic(topic)).toBeNull();
});
