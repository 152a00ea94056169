import { expect, test } from 'vitest';
import { finding } from '../diagnosis/finding.ts';
import { type EvidenceCard, evidenceCard } from './card.ts';
import { say } from './findings/say.ts';
import { currentCard } from './storedCard.ts';
import { drawEvidence } from './svg/draw.ts';
import { escapeXml } from './svg/element.ts';
import { ticks, timeTicks } from './svg/scale.ts';
import { textWidth, wrap } from './svg/theme.ts';
import { decibels, thinSpectrum } from './thin.ts';
import { ADVICE, FAULT_WORDS, summarise } from './wording.ts';

function cardOf(over: Partial<EvidenceCard> = {}): EvidenceCard {
  const said = {
    assetName: '驱动端轴承 <6205> & "Co"',
    pointKey: 'pump-7/de',
    fault: 'outer' as const,
    level: 'warning' as const,
    basis: 'agreement' as const,
    confidence: 0.83,
    coldStart: false,
    severity: {
      zone: 'B' as const,
      velocityRmsMmS: 2.31,
      part: 'ISO 20816-3',
      limitsMmS: [1.4, 2.8, 4.5],
      assumed: false,
    },
    severityNote: say([
      finding('severity-assumed', {
        ...{ part: 'ISO 20816-3:2022', table: 'group 2, rigid', missing: ['mounting'], machineClass: null },
      }),
    ]),
    harmonics: [1, 2, 3].map((n) => ({ order: 3.585 * n, hz: 107.4 * n, snrDb: 20 - 2 * n })),
    features: [{ name: 'kurtosis', value: 7.9, unit: '', centre: 3.1, upper: 4.4, z: 9, speaks: true }],
  };
  return evidenceCard.parse({
    version: 2,
    anomalyId: '01890000-0000-7000-8000-000000000001',
    machineName: 'Pump 7',
    ...said,
    operating: {
      speedRpm: 1796,
      speedSource: 'measured',
      loadPercent: 75,
      samplingRateHz: 12_000,
      axis: 'radial',
      blocks: 6,
    },
    sidebands: [{ order: 1, hz: 77.5, snrDb: 6 }],
    trend: { name: 'rms', unit: 'g', x: [0, 5000, 10_000], y: [0.1, 0.11, 0.3], centre: 0.1, upper: 0.19 },
    spectrum: { unit: 'g²/Hz', x: [10, 20, 30], y: [-60, -40, -55] },
    envelope: { unit: 'dB', x: [50, 107.4, 214.8, 322.2, 400], y: [0, 18, 15, 12, 1] },
    rejected: [{ fault: 'inner', reason: say([finding('comb-weak', { times: 2.31, needed: 3.5, run: false })]) }],
    cannotTell: null,
    model: null,
    advice: ADVICE.outer,
    summary: summarise(said),
    proofBlocks: [],
    confirmedAtMs: Date.UTC(2026, 0, 1, 8, 4),
    ...over,
  });
}

/** A strict enough reading of XML: tags balance, attributes are quoted once each, text holds no stray markup. */
function elementsOf(xml: string): Map<string, number> {
  const seen = new Map<string, number>();
  const stack: string[] = [];
  const token = /<(\/?)([a-z]+)((?:\s[a-z][\w-]*="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*)(\/?)>|([^<]+)|(<)/gi;
  let end = 0;
  for (const match of xml.matchAll(token)) {
    expect(match.index).toBe(end);
    end = match.index + match[0].length;
    const [, closing, name, attributes = '', selfClosing, text, stray] = match;
    expect(stray).toBeUndefined();
    if (text !== undefined) {
      expect(text.replace(/&(amp|lt|gt|quot|apos);/g, '')).not.toContain('&');
      continue;
    }
    const keys = [...attributes.matchAll(/\s([a-z][\w-]*)=/gi)].map((m) => m[1]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(attributes).not.toMatch(/NaN|Infinity|undefined/);
    if (closing) expect(stack.pop()).toBe(name);
    else {
      seen.set(name!, (seen.get(name!) ?? 0) + 1);
      if (!selfClosing) stack.push(name!);
    }
  }
  expect(end).toBe(xml.length);
  expect(stack).toEqual([]);
  return seen;
}

test('the picture is well-formed, labels the harmonics and names the fault in both languages', () => {
  const svg = drawEvidence(cardOf());
  const elements = elementsOf(svg);
  expect(elements.get('svg')).toBe(1);
  expect(elements.get('path')).toBeGreaterThanOrEqual(5);
  for (const words of [
    '1×BPFO 107.4 Hz',
    '3×BPFO 322.2 Hz',
    '轴承外圈故障',
    'the mounting is unknown: the limits of ISO 20816-3:2022, group 2, rigid, were',
    '安装方式未知：采用 ISO 20816-3:2022 第 2 组、刚性 的界限',
    'inner race fault: 2.3 times the noise floor over three harmonics, 3.5',
    '轴承内圈故障：三阶谐波为底噪的 2.3 倍，需达到 3.5 倍',
    '&lt;6205&gt; &amp; &quot;Co&quot;',
    'Hz',
  ]) {
    expect(svg).toContain(words);
  }
});

test('whatever is missing leaves a picture: no spectra, an empty or flat trend, every fault, hostile names', () => {
  const flat = { ...cardOf().trend, x: [], y: [], centre: null, upper: null };
  elementsOf(drawEvidence(cardOf({ spectrum: null, envelope: null, trend: flat, harmonics: [], sidebands: [] })));
  elementsOf(
    drawEvidence(
      cardOf({ trend: { ...flat, x: [0], y: [0] }, severity: null, cannotTell: say([finding('speed-unknown')]) }),
    ),
  );
  elementsOf(drawEvidence(cardOf({ trend: { ...flat, x: [1, 2], y: [-5, -5] } })));
  for (const fault of Object.keys(FAULT_WORDS)) elementsOf(drawEvidence(cardOf({ fault: fault as 'inner' })));
  const hostile = '</text><script>alert(1)</script>\u0000\ud800&amp;"\'';
  const svg = drawEvidence(cardOf({ assetName: hostile, pointKey: hostile }));
  expect(elementsOf(svg).has('script')).toBe(false);
});

test('text is escaped, and what XML forbids is removed', () => {
  expect(escapeXml('a<b>&"\'\u0001é轴')).toBe('a&lt;b&gt;&amp;&quot;&apos;é轴');
});

test('thinning keeps every peak at its own frequency', () => {
  const values = new Float32Array(4001).fill(1);
  values[1234] = 100;
  values[3999] = 50;
  const curve = thinSpectrum({ step: 0.25, values }, 1000, 100, 'dB', decibels);
  expect(curve.x).toHaveLength(100);
  expect(curve.y[curve.x.indexOf(308.5)]).toBe(20);
  expect(curve.y[curve.x.indexOf(999.75)]).toBeCloseTo(16.99, 2);
  expect(thinSpectrum({ step: 1, values: new Float32Array(0) }, 10, 5, 'dB', decibels).x).toEqual([]);
});

test('ticks are round numbers inside the range', () => {
  expect(ticks(0, 6000, 6)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
  expect(ticks(-0.13, 0.41, 5)).toEqual([0, 0.2, 0.4]);
  expect(ticks(5, 5, 4)).toEqual([5]);
  const day = timeTicks(Date.UTC(2026, 0, 1, 8, 1), Date.UTC(2026, 0, 1, 8, 41), 4);
  expect(day.map((tick) => tick.label)).toEqual(['08:10', '08:20', '08:30', '08:40']);
});

test('Chinese and English wrap inside their column, and what is too long says so', () => {
  for (const text of [
    'The level exceeds what the standard allows for long operation',
    '振动水平超过标准允许的长期运行范围，请详细测量',
  ]) {
    const lines = wrap(text, 12, 120, 20);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(132);
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  }
  expect(wrap('one two three four five six', 12, 40, 2).at(-1)).toMatch(/…$/);
});

test('the summary says what, where, why and how sure, in both languages', () => {
  const { en, zh } = cardOf().summary;
  expect(en).toContain('3 harmonics from 107.4 Hz, 18 dB above the noise');
  expect(en).toContain('kurtosis 7.9 where 3.1 is normal');
  expect(en).toContain('Confidence 83 %.');
  expect(zh).toContain('置信度 83%。');
  expect(summarise({ ...cardOf(), coldStart: true }).zh).toContain('尚无基线');
});

test('the sentences come in one language too', () => {
  const [en, zh] = [drawEvidence(cardOf(), 'en'), drawEvidence(cardOf(), 'zh')];
  expect(en).toContain('2.3 times the noise');
  expect(en).not.toContain('底噪');
  expect(zh).toContain('需达到 3.5 倍');
  expect(zh).not.toContain('2.3 times');
});

test('a card stored when reasons were English sentences is read, drawn and of today’s form', () => {
  const { version: _, rejected: __, cannotTell: ___, severityNote: ____, ...same } = cardOf();
  const old = { ...same, version: 1 as const, cannotTell: null };
  const card = currentCard({ ...old, rejected: [{ fault: 'inner', reason: 'below the threshold' }] });
  expect(evidenceCard.parse(card)).toEqual(card);
  expect(card.severityNote).toBeNull();
  expect(card.rejected[0]!.reason).toEqual({ en: 'below the threshold', zh: 'below the threshold', findings: [] });
  expect(drawEvidence(card).split('below the threshold')).toHaveLength(2 + 1);
  expect(drawEvidence(currentCard({ ...old, rejected: [], severityNote: 'the mounting is unknown' }))).toContain(
    'the mounting is unknown',
  );
});
