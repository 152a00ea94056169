import type { Bilingual } from '../bilingual.ts';
import type { EvidenceCard } from '../card.ts';
import { FAULT_WORDS, LEVEL_WORDS } from '../wording.ts';
import { element, text } from './element.ts';
import { lineMarks } from './lineMarks.ts';
import { page } from './page.ts';
import type { Box } from './panel.ts';
import { spectrumPanel } from './spectrumPanel.ts';
import { COLOUR, textWidth, wrap } from './theme.ts';
import { trendPanel } from './trendPanel.ts';

const WIDTH = 980;
const EDGE = 20;
const GAP = 14;
/** Ten hypotheses in two languages, and rows that each may take. */
const MOST_LINES = 20;
const MOST_ROWS = 6;

export type WordsIn = keyof Bilingual | 'both';

/**
 * Draws an evidence card as one self-contained SVG: what, trend, spectrum, envelope with its harmonics, and why.
 *
 * @param words languages of the sentences; names and axes always bear both
 */
export function drawEvidence(card: EvidenceCard, words: WordsIn = 'both'): string {
  const inner = WIDTH - 2 * EDGE;
  let y = 112;
  const place = (height: number): Box => {
    const box = { x: EDGE, y, width: inner, height };
    y += height + GAP;
    return box;
  };
  const body = [trendPanel(place(178), card)];
  const onShaft = !isBearing(card.fault);
  if (card.spectrum && card.spectrum.x.length > 1) {
    const marks = onShaft ? lineMarks(card.fault, card.harmonics, card.sidebands) : [];
    const label = `level 级 (dB re 1 ${card.spectrum.unit})`;
    body.push(spectrumPanel(place(188), 'Spectrum 频谱', { label }, card.spectrum, marks));
  }
  if (card.envelope && card.envelope.x.length > 1) {
    const marks = onShaft ? [] : lineMarks(card.fault, card.harmonics, card.sidebands);
    const sides = marks.some((mark) => mark.kind === 'sideband') ? ' · ▲ sidebands 边带' : '';
    const label = `over noise 信噪比 (${card.envelope.unit})`;
    // Below the noise floor there is nothing to see.
    body.push(spectrumPanel(place(218), `Envelope spectrum 包络谱${sides}`, { label, low: -3 }, card.envelope, marks));
  }
  const sentences = wordsBlock(card, y, words);
  y = sentences.bottom + EDGE;
  const title = `${FAULT_WORDS[card.fault].en} ${card.assetName}`;
  return page(title, WIDTH, y, header(card), ...body, sentences.svg);
}

function isBearing(fault: EvidenceCard['fault']): boolean {
  return fault === 'inner' || fault === 'outer' || fault === 'ball' || fault === 'cage';
}

function header(card: EvidenceCard): string {
  const fault = FAULT_WORDS[card.fault];
  const level = LEVEL_WORDS[card.level];
  const badge = `${level.en} ${level.zh}`;
  const badgeWidth = textWidth(badge, 13) + 24;
  const right = WIDTH - EDGE;
  const machine = card.machineName && card.machineName !== card.assetName ? ` · ${card.machineName}` : '';
  const speed = card.operating.speedRpm === null ? '' : ` · ${Math.round(card.operating.speedRpm)} r/min`;
  const when = new Date(card.confirmedAtMs).toISOString().replace('T', ' ').slice(0, 19);
  const sure = `confidence 置信度 ${Math.round(card.confidence * 100)} %${card.coldStart ? ' · cold start 冷启动' : ''}`;
  const zone = card.severity
    ? `ISO zone 烈度区 ${card.severity.zone} · ${card.severity.velocityRmsMmS.toFixed(2)} mm/s`
    : '';
  const place = wrap(`${card.assetName}${machine} · ${card.pointKey}${speed}`, 13.5, 620, 1)[0] ?? '';
  const small = { 'font-size': 12, fill: COLOUR.soft };
  return [
    text(`${fault.en} ${fault.zh}`, { x: EDGE, y: 42, 'font-size': 23, 'font-weight': 700, fill: COLOUR.ink }),
    text(place, { x: EDGE, y: 68, 'font-size': 13.5, fill: COLOUR.ink }),
    text(`confirmed 确认 ${when} UTC`, { x: EDGE, y: 90, ...small }),
    element('rect', { x: right - badgeWidth, y: 20, width: badgeWidth, height: 28, rx: 14, fill: COLOUR[card.level] }),
    text(badge, {
      x: right - badgeWidth / 2,
      y: 39,
      'font-size': 13,
      'font-weight': 600,
      'text-anchor': 'middle',
      fill: '#ffffff',
    }),
    text(sure, { x: right, y: 68, 'text-anchor': 'end', ...small }),
    text(zone, { x: right, y: 90, 'text-anchor': 'end', ...small }),
  ].join('');
}

/** Summary and advice on the left; on the right what was considered and rejected, and what is open. */
function wordsBlock(card: EvidenceCard, top: number, words: WordsIn): { svg: string; bottom: number } {
  const inWords = ({ en, zh }: Bilingual): string[] =>
    words !== 'both' ? [{ en, zh }[words]] : en === zh ? [en] : [en, zh];
  const column = (WIDTH - 2 * EDGE - GAP) / 2;
  const left = paragraphs(EDGE + 14, top + 12, column - 28, [
    { head: 'Why it is believed 依据', lines: inWords(card.summary) },
    { head: 'What to do 建议', lines: inWords(card.advice) },
  ]);
  const rejected = card.rejected.flatMap(({ fault, reason }) => {
    const name = FAULT_WORDS[fault];
    return inWords({ en: `${name.en}: ${reason.en}`, zh: `${name.zh}：${reason.zh}` });
  });
  const note = card.severityNote ? [{ head: 'Severity 烈度', lines: inWords(card.severityNote) }] : [];
  const open = card.cannotTell ? [{ head: 'Cannot tell 无法判定', lines: inWords(card.cannotTell) }] : [];
  const none = inWords({ en: 'No other hypothesis was tested.', zh: '未检验其他假设。' });
  const parts = (card.joint?.contributions ?? []).flatMap(({ name, share }) => {
    const percent = Math.round(100 * share);
    return inWords({ en: `${percent} % ${name.en}`, zh: `${percent}% ${name.zh}` });
  });
  const joint = parts.length > 0 ? [{ head: 'Contributions 贡献', lines: parts }] : [];
  const right = paragraphs(EDGE + column + GAP + 14, top + 12, column - 28, [
    { head: 'Considered and rejected 已排除', lines: rejected.length > 0 ? rejected : none },
    ...joint,
    ...open,
    ...note,
  ]);
  const height = Math.max(left.bottom, right.bottom) - top + 8;
  const cardBox = (x: number) =>
    element('rect', { x, y: top, width: column, height, rx: 6, fill: COLOUR.panel, stroke: COLOUR.frame });
  return { svg: [cardBox(EDGE), cardBox(EDGE + column + GAP), left.svg, right.svg].join(''), bottom: top + height };
}

function paragraphs(
  x: number,
  top: number,
  width: number,
  list: readonly { head: string; lines: readonly string[] }[],
): { svg: string; bottom: number } {
  const parts: string[] = [];
  let y = top;
  for (const { head, lines } of list) {
    y += 12;
    parts.push(text(head, { x, y, 'font-size': 12.5, 'font-weight': 600, fill: COLOUR.ink }));
    for (const line of lines.slice(0, MOST_LINES)) {
      y += 4;
      for (const row of wrap(line, 11.5, width, MOST_ROWS)) {
        y += 16;
        parts.push(text(row, { x, y, 'font-size': 11.5, fill: COLOUR.ink }));
      }
    }
    y += 14;
  }
  return { svg: parts.join(''), bottom: y };
}
