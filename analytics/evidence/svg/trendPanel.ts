import type { EvidenceCard } from '../card.ts';
import { featureWords } from '../featureWords.ts';
import { short } from '../wording.ts';
import { element, polyline, text } from './element.ts';
import { type Box, frame } from './panel.ts';
import { ticks, timeTicks } from './scale.ts';
import { COLOUR } from './theme.ts';

/** The course of the feature that tells most, with its own normal and the limit at which it speaks. */
export function trendPanel(box: Box, card: EvidenceCard): string {
  const { trend } = card;
  const known = [...trend.y, ...[trend.centre, trend.upper].filter((v) => v !== null)];
  const high = Math.max(...known) * (Math.max(...known) > 0 ? 1.12 : 0.9);
  const low = Math.min(0, ...known);
  const from = trend.x[0] ?? card.confirmedAtMs - 1000;
  const to = Math.max(trend.x.at(-1) ?? card.confirmedAtMs, from + 1000);
  const words = featureWords(trend.name);
  const yLabel = trend.unit === '' ? words.en : `${words.en} (${trend.unit})`;
  const chart = frame(
    box,
    `Trend 趋势 · ${words.en}${words.zh === words.en ? '' : ` ${words.zh}`}`,
    { low: from, high: to, label: 'time (UTC) 时间', ticks: timeTicks(from, to, 8) },
    { low, high, label: yLabel, ticks: ticks(low, high, 4).map((at) => ({ at, label: short(at) })) },
  );
  const parts = [chart.svg];
  for (const [value, colour, name] of [
    [trend.centre, COLOUR.normal, 'normal 常态'],
    [trend.upper, COLOUR.limit, 'limit 限值'],
  ] as const) {
    if (value === null) continue;
    const y = chart.y.toPixel(value);
    const { x, width } = chart.plot;
    parts.push(
      element('line', {
        x1: x,
        x2: x + width,
        y1: y,
        y2: y,
        stroke: colour,
        'stroke-width': 1.3,
        'stroke-dasharray': '6 4',
      }),
      text(`${name} ${short(value)}`, { x: x + 6, y: y - 4, 'font-size': 10.5, fill: colour }),
    );
  }
  const points = trend.x.map((at, i) => [chart.x.toPixel(at), chart.y.toPixel(trend.y[i]!)] as const);
  parts.push(element('path', { d: polyline(points), fill: 'none', stroke: COLOUR.curve, 'stroke-width': 1.8 }));
  if (points.length <= 60) {
    for (const [cx, cy] of points) parts.push(element('circle', { cx, cy, r: 2.4, fill: COLOUR.curve }));
  }
  const last = points.at(-1);
  if (last) {
    parts.push(
      element('circle', { cx: last[0], cy: last[1], r: 5, fill: 'none', stroke: COLOUR.mark, 'stroke-width': 2 }),
    );
  }
  return parts.join('');
}
