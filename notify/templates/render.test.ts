import { describe, expect, test } from 'vitest';
import { MESSAGE_LOCALES } from '../message.ts';
import { CATALOGUE, type Line } from './catalogue.ts';
import { TEMPLATE_FIELDS, TEMPLATE_KINDS, type TemplateKind } from './fields.ts';
import { absoluteLink, checkParams, render } from './render.ts';

const options = { timeZone: 'Asia/Shanghai', publicUrl: 'https://faultline.example' };
const since = '2026-05-01T08:30:00.000Z';
const owner = {
  orderNumber: 'WO-7',
  priority: 'P1',
  asset: 'Pump P-101',
  fault: 'outer',
  summary: { en: 'Outer race frequency and harmonics.', zh: '外圈特征频率及谐波。' },
  since,
  service: 'Paper machine 2',
  state: 'down',
  users: 1200,
  costPerHour: 8500.5,
  causeChain: ['Bearing DE', 'Pump P-101', 'Cooling loop', 'Paper machine 2'],
  redundancyLeft: null,
  otherServices: ['Steam', 'Drying'],
  role: 'accountable_on_call',
};

const write = (
  template: TemplateKind,
  params: Record<string, unknown>,
  over: { locale?: string; name?: string } = {},
) => {
  const recipient = { name: over.name ?? 'Ada', locale: over.locale ?? 'en' };
  return render({ ...checkParams(template, params), recipient, link: '/work-orders/7' }, options);
};

/** What every kind is told and not every kind has use for. */
const MAY_BE_UNSAID = new Set(['fault', 'level', 'evidenceUrl', 'priority', 'asset', 'summary', 'since']);

const paramsOf = (lines: readonly Line[]) =>
  new Set(lines.flat().flatMap((piece) => ('param' in piece ? [piece.param] : [])));

describe('the words', () => {
  test('an owner learns why, what, since when, by what cause, and where to look', () => {
    const { subject, text } = write('impact-owner', owner);
    expect(subject).toBe('WO-7: Paper machine 2 is down or about to go down because of Pump P-101');
    expect(text).toBe(`Hello Ada,
Why you are told of Paper machine 2: you answer for it and are on call.
What you lose: Paper machine 2 is down or about to go down.
Your other services that are hit: Steam, Drying.
Users affected: 1,200.
Estimated cost an hour: 8,500.5.
Since: May 1, 2026, 16:30 GMT+8.
Cause, from the failing part to your service: Bearing DE → Pump P-101 → Cooling loop → Paper machine 2.
What was found: Outer race frequency and harmonics.
Work order: WO-7, priority P1.
Details: https://faultline.example/work-orders/7
`);
  });

  test('the same in Chinese', () => {
    const { subject, text, locale, html } = write('impact-owner', owner, { locale: 'zh-CN', name: '王工' });
    expect(locale).toBe('zh-CN');
    expect(subject).toBe('WO-7：Pump P-101 故障，Paper machine 2 已中断或即将中断');
    expect(text).toContain('王工，您好：\n为何就 Paper machine 2 通知您：您是其负责人且正在值班。');
    expect(text).toContain('开始时间：2026年5月1日 GMT+8 16:30。');
    expect(text).toContain('诊断结果：外圈特征频率及谐波。');
    expect(html).toContain('<html lang="zh-CN">');
  });

  test.each([
    ['zh', 'zh-CN'],
    ['zh-Hant-TW', 'zh-CN'],
    ['en-GB', 'en'],
    ['de-DE', 'en'],
    ['', 'en'],
  ])('a reader of %j is written to in %s', (locale, expected) => {
    expect(write('generic', { title: 't', body: 'b' }, { locale }).locale).toBe(expected);
  });

  test('a line whose parameter is absent, empty or zero is left out, and the subject finds another form', () => {
    const { subject, text } = write('impact-owner', {
      service: 'S',
      state: 'degraded',
      asset: 'A',
      users: 0,
      otherServices: [],
    });
    expect(subject).toBe('S runs degraded because of A');
    expect(text).not.toMatch(/undefined|null|NaN|Users|other services|Work order/);
  });

  test.each(TEMPLATE_KINDS)('%s says the same things in both languages, and says all that it is told', (kind) => {
    const said = MESSAGE_LOCALES.map((locale) => paramsOf(CATALOGUE[kind][locale].lines));
    expect(said[0]).toEqual(said[1]);
    expect(CATALOGUE[kind].en.lines).toHaveLength(CATALOGUE[kind]['zh-CN'].lines.length);
    for (const locale of MESSAGE_LOCALES) {
      const { lines, subject } = CATALOGUE[kind][locale];
      const used = paramsOf([...lines, ...subject]);
      const unsaid = Object.keys(TEMPLATE_FIELDS[kind].shape).filter((param) => !used.has(param));
      expect(unsaid.filter((param) => !MAY_BE_UNSAID.has(param))).toEqual([]);
    }
  });
});

describe('what a caller may say', () => {
  test('an unknown template and wrong parameters name what to correct', () => {
    expect(() => checkParams('nonsense', {})).toThrow(/Use one of: impact-owner, /);
    expect(() => checkParams('impact-owner', { service: 1, state: 'up' })).toThrow(/service: .*; state: /);
  });

  test('a prototype’s name is no template', () => {
    expect(() => checkParams('constructor', {})).toThrow(/no message template/);
  });

  test.each(['javascript:alert(1)', '//evil.example', '/\\evil.example', 'data:text/html,x', 'work-orders/7', ''])(
    'the link %j is refused',
    (link) => {
      expect(() => absoluteLink(link, 'https://faultline.example')).toThrow(/path of this server/);
    },
  );

  test('a path becomes absolute where the public address is known', () => {
    expect(absoluteLink('/a?b=1', 'https://faultline.example')).toBe('https://faultline.example/a?b=1');
    expect(absoluteLink('/a', undefined)).toBe('/a');
    expect(absoluteLink('https://other.example/x', undefined)).toBe('https://other.example/x');
  });
});

describe('untrusted parameters', () => {
  test('cannot start a header or a line', () => {
    const { subject, text } = write('generic', {
      title: 'Hi\r\nBcc: everybody@plant.example\u2028x\u0000y\u0085z',
      body: 'one\nHello, transfer money\r\n.\r\nQUIT',
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is asserted
    expect(subject).not.toMatch(/[\u0000-\u001f\u0085\u2028]/);
    expect(subject).toBe('Hi Bcc: everybody@plant.example x y z');
    expect(text.split('\n')).toHaveLength(4);
  });

  test('cannot put markup or a script into the HTML', () => {
    const evil = `<img src=x onerror="alert('1')"> & </p>`;
    const { html } = write('generic', { title: 't', body: evil }, { name: '<script>' });
    expect(html).not.toMatch(/<img|<script/);
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; &lt;/p&gt;');
  });

  test('a link cannot break out of its attribute, and one that is none is left out', () => {
    const { html } = write('leader-warning', { asset: 'A', evidenceUrl: `/e?"onclick=x&<b>` });
    expect(html).toContain('href="https://faultline.example/e?%22onclick=x&amp;%3Cb%3E"');
    const bad = write('leader-warning', { asset: 'A', evidenceUrl: 'javascript:x' });
    expect(bad.text).not.toMatch(/javascript|Evidence/);
    expect(bad.text).toContain('you answer for A');
  });

  test('cannot turn the reading direction around', () => {
    expect(write('generic', { title: 'safe\u202egpj.exe\u2066', body: 'b' }).subject).toBe('safe gpj.exe');
  });

  test('are not templates themselves', () => {
    const { text } = write('generic', { title: 't', body: '{recipientName} {link|link}' });
    expect(text).toContain('{recipientName} {link|link}');
  });

  test('are cut when they are endless', () => {
    const { subject, text } = write('generic', { title: '长'.repeat(10_000), body: 'x'.repeat(100_000) });
    expect([...subject]).toHaveLength(150);
    expect(text.length).toBeLessThan(700);
    const chain = Array.from({ length: 500 }, (_, n) => `n${n}`);
    expect(write('impact-owner', { ...owner, causeChain: chain }).text).toContain('n19 → … (+480).');
  });
});
