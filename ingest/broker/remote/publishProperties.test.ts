import fc from 'fast-check';
import { generate, type IPublishPacket } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { publishLayout } from './packets.ts';
import { subscriptionsNamed, userProperty } from './publishProperties.ts';

/** The properties of a PUBLISH as mqtt-packet writes it. */
function written(properties: IPublishPacket['properties']) {
  const bytes = generate(
    { cmd: 'publish', topic: 'a/b', payload: 'x', qos: 1, messageId: 7, dup: false, retain: false, properties },
    { protocolVersion: 5 },
  );
  const { propertiesStart, payloadStart } = publishLayout(bytes, 0, 2, bytes.length)!;
  expect(bytes.toString('utf8', payloadStart)).toBe('x');
  return [bytes, propertiesStart, payloadStart] as const;
}

test('among all properties that a PUBLISH can have', () => {
  const all = written({
    payloadFormatIndicator: true,
    messageExpiryInterval: 60,
    topicAlias: 3,
    responseTopic: 'answer',
    correlationData: Buffer.from([0x26, 0x0b, 0x01]),
    contentType: 'text',
    userProperties: { first: '1', publisher: 'acme/Gerät-7' },
    subscriptionIdentifier: [2, 1],
  } as never);
  expect(subscriptionsNamed(...all)).toBe(0b110);
  expect(userProperty(...all, 'publisher')).toBe('acme/Gerät-7');
  expect(userProperty(...all, 'missing')).toBeNull();
});

test('an identifier of more than one byte is none of ours', () => {
  expect(subscriptionsNamed(...written({ subscriptionIdentifier: 300, userProperties: { a: 'b' } }))).toBe(0);
  expect(subscriptionsNamed(...written({}))).toBe(0);
});

test('a name that is there twice tells nothing: one of them may be the client’s own', () => {
  expect(userProperty(...written({ userProperties: { publisher: ['acme/a', 'acme/b'] } }), 'publisher')).toBeNull();
});

test('bytes of any kind end the walk within their bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
      const bytes = Buffer.from(array);
      expect(subscriptionsNamed(bytes, 0, bytes.length)).toBeGreaterThanOrEqual(0);
      expect(() => userProperty(bytes, 0, bytes.length, 'n')).not.toThrow();
    }),
    { numRuns: 2_000, seed: 1 },
  );
});
