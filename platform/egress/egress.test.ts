import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { createEgress, type Egress, EgressRefused } from './egress.ts';

const INSIDE = [
  '127.0.0.1',
  '127.8.9.10',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '168.63.129.16',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:10.0.0.1',
  '64:ff9b::a00:1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001:0:7f00:1::',
  '2001:db8::1',
  'fe80::1',
  'fd00:ec2::254',
  'fc00::1',
  'fec0::1',
  'ff02::1',
  '5f00::1',
];
const OUTSIDE = [
  '93.184.216.34',
  '1.1.1.1',
  '172.32.0.1',
  '2606:2800:220:1:248:1893:25c8:1946',
  '::ffff:93.184.216.34',
];

const look = (egress: Egress, host: string, all = true) =>
  new Promise<LookupAddress[] | string>((resolve, reject) => {
    egress.lookup(host, { all }, (error, address) => (error ? reject(error) : resolve(address)));
  });

describe('an address', () => {
  test.each(INSIDE)('%s is refused, written out and by name', async (address) => {
    const egress = createEgress([], async () => [{ address, family: address.includes(':') ? 6 : 4 }]);
    expect(() => egress.checkHost(address)).toThrow(/WEBHOOK_ALLOW/);
    if (address.includes(':')) expect(() => egress.checkHost(`[${address}]`)).toThrow(/WEBHOOK_ALLOW/);
    await expect(look(egress, 'innocent.example')).rejects.toThrow(EgressRefused);
  });

  test.each(OUTSIDE)('%s is reached', async (address) => {
    const family = address.includes(':') ? 6 : 4;
    const egress = createEgress([], async () => [{ address, family }]);
    expect(() => egress.checkHost(address)).not.toThrow();
    expect(await look(egress, 'hooks.example')).toEqual([{ address, family }]);
    expect(await look(egress, 'hooks.example', false)).toBe(address);
  });

  // The URL parser is what makes these plain; the filter must see them after it.
  test.each([
    'http://2130706433/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://127.1/',
    'http://[::ffff:7f00:1]/',
  ])('in disguise, %s, is refused', (text) => {
    expect(() => createEgress([]).checkHost(new URL(text).hostname)).toThrow(/WEBHOOK_ALLOW/);
  });
});

test('one inside address among outside ones spoils them all, and so does none', async () => {
  const mixed = createEgress([], async () => [
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]);
  await expect(look(mixed, 'rebind.example')).rejects.toThrow(/loopback/);
  await expect(
    look(
      createEgress([], async () => []),
      'nothing.example',
    ),
  ).rejects.toThrow();
});

test('a resolver’s failure is passed on as it is: it may pass', async () => {
  const failing = createEgress([], () => Promise.reject(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' })));
  await expect(look(failing, 'x.example')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
});

describe('the operator’s list', () => {
  const answering = (address: string) => async () => [{ address, family: address.includes(':') ? 6 : 4 }];

  test('opens ranges and single addresses, of the same family only', async () => {
    const egress = createEgress(['10.1.0.0/16', '192.168.7.7', 'fd12::/16'], answering('10.1.9.9'));
    expect(await look(egress, 'chat.plant')).toEqual([{ address: '10.1.9.9', family: 4 }]);
    for (const open of ['10.1.0.1', '192.168.7.7', 'fd12::5', '::ffff:10.1.0.1']) {
      expect(() => egress.checkHost(open)).not.toThrow();
    }
    for (const shut of ['10.2.0.1', '192.168.7.8', 'fd13::5']) expect(() => egress.checkHost(shut)).toThrow();
    expect([egress.isAllowListed('10.1.0.1'), egress.isAllowListed('10.2.0.1')]).toEqual([true, false]);
  });

  test('opens a host by name, for private addresses but never for link-local or metadata ones', async () => {
    const at = (address: string) => look(createEgress(['Chat.Plant'], answering(address)), 'chat.plant');
    expect(await at('10.0.0.9')).toEqual([{ address: '10.0.0.9', family: 4 }]);
    expect(await at('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    for (const address of ['169.254.169.254', 'fe80::1', '168.63.129.16', '0.0.0.0']) {
      await expect(at(address)).rejects.toThrow(/link-local/);
    }
    await expect(look(createEgress(['chat.plant'], answering('10.0.0.9')), 'evil.chat.plant')).rejects.toThrow();
  });
});
