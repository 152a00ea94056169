import type { Curve } from '../card.ts';
import { short } from '../wording.ts';
import { element, polyline, text } from './element.ts';
import { type Box, type Frame, frame } from './panel.ts';
import { ticks } from './scale.ts';
import { COLOUR, textWidth } from './theme.ts';

/** A line to point out on a spectrum. */
export interface Mark {
  readonly hz: number;
  readonly label: string;
  readonly kind: 'harmonic' | 'sideband';
}

/** A spectrum as a filled curve in decibels over hertz, with the lines that speak for the fault pointed out. */
export function spectrumPanel(
  box: Box,
  title: string,
  yAxis: { label: string; low?: number },
  curve: Curve,
  marks: readonly Mark[],
): string {
  const finite = curve.y.filter(Number.isFinite);
  const top = Math.max(...finite, (yAxis.low ?? Number.NEGATIVE_INFINITY) + 6);
  const low = yAxis.low ?? Math.max(Math.min(...finite), top - 90);
  // Head room for the labels of the marks.
  const high = top + (top - low) * (marks.length > 0 ? 0.42 : 0.08);
  const toHz = curve.x.at(-1) ?? 1;
  const chart = frame(
    box,
    title,
    { low: 0, high: toHz, label: 'frequency 频率 (Hz)', ticks: labelled(ticks(0, toHz, 9)) },
    { low, high, label: yAxis.label, ticks: labelled(ticks(low, high, 4)) },
  );
  const points = curve.x.map((hz, i) => [chart.x.toPixel(hz), chart.y.toPixel(Math.max(curve.y[i]!, low))] as const);
  const bottom = chart.plot.y + chart.plot.height;
  const first = points[0];
  const last = points.at(-1);
  const outline = polyline(points);
  const area = first && last ? `${outline}L${last[0].toFixed(2)} ${bottom}L${first[0].toFixed(2)} ${bottom}Z` : '';
  return [
    chart.svg,
    area === '' ? '' : element('path', { d: area, fill: COLOUR.fill, stroke: 'none' }),
    element('path', {
      d: outline,
      fill: 'none',
      stroke: COLOUR.curve,
      'stroke-width': 1.1,
      'stroke-linejoin': 'round',
    }),
    drawMarks(chart, marks, toHz),
  ].join('');
}

function labelled(values: readonly number[]): { at: number; label: string }[] {
  return values.map((at) => ({ at, label: short(at) }));
}

/** Harmonics as dashed lines with a label each, on a second or third row where they would collide. */
function drawMarks(chart: Frame, marks: readonly Mark[], toHz: number): string {
  const rowEnds = [0, 0, 0];
  const parts: string[] = [];
  const bottom = chart.plot.y + chart.plot.height;
  for (const mark of marks.filter((m) => m.hz > 0 && m.hz <= toHz).toSorted((a, b) => a.hz - b.hz)) {
    const x = Math.round(chart.x.toPixel(mark.hz) * 10) / 10;
    if (mark.kind === 'sideband') {
      parts.push(
        element('path', { d: `M${x - 4} ${bottom - 1}L${x} ${bottom - 9}L${x + 4} ${bottom - 1}Z`, fill: COLOUR.side }),
      );
      continue;
    }
    const width = textWidth(mark.label, 10.5);
    const flip = x + width + 6 > chart.plot.x + chart.plot.width;
    const start = flip ? x - width - 5 : x + 5;
    const row = Math.max(
      0,
      rowEnds.findIndex((end) => end <= start),
    );
    rowEnds[row] = start + width + 8;
    const y = chart.plot.y + 10 + row * 13;
    parts.push(
      element('line', {
        x1: x,
        x2: x,
        y1: y - 8,
        y2: bottom,
        stroke: COLOUR.mark,
        'stroke-width': 1.2,
        'stroke-dasharray': '3 3',
      }),
      text(mark.label, { x: start, y, 'font-size': 10.5, 'font-weight': 600, fill: COLOUR.mark }),
    );
  }
  return parts.join('');
}
