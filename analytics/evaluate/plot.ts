import { element, polyline, text } from '../evidence/svg/element.ts';
import { heading, page } from '../evidence/svg/page.ts';
import { type Axis, type Box, type Frame, frame } from '../evidence/svg/panel.ts';
import { ticks, timeTicks } from '../evidence/svg/scale.ts';
import { COLOUR, textWidth } from '../evidence/svg/theme.ts';

export type Colour = keyof typeof COLOUR;

/** A curve, or single points, in the units of its axes. Values that are not finite leave a gap. */
export interface Series {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly colour?: Colour;
  readonly style?: 'line' | 'points';
}

/** One panel of a figure. */
export interface Chart {
  readonly title: string;
  /** `time`: x is milliseconds since 1970, labelled in UTC. */
  readonly x: {
    readonly label: string;
    readonly kind?: 'number' | 'time';
    readonly low?: number;
    readonly high?: number;
  };
  readonly y: { readonly label: string; readonly low?: number; readonly high?: number };
  readonly series: readonly Series[];
  /** Stretches of x that are shaded, such as labelled windows. */
  readonly windows?: readonly { from: number; to: number; label?: string; colour?: Colour }[];
  /** Vertical lines with a label, such as harmonics or the moment of an alarm. */
  readonly marks?: readonly { at: number; label: string; colour?: Colour }[];
  /** Horizontal lines with a label, such as thresholds. */
  readonly limits?: readonly { at: number; label: string }[];
  readonly heightPx?: number;
}

const WIDTH = 980;
const EDGE = 20;
const GAP = 14;
const CHART_HEIGHT = 230;
/** More points than this on a curve cannot be seen apart at this width: each pixel keeps its least and its greatest. */
const MAX_POINTS = 1800;

/** Draws charts beneath one another as one self-contained SVG document with a title and a caption. */
export function plot(title: string, caption: string, charts: readonly Chart[]): string {
  const top = heading(title, caption, WIDTH);
  let y = top.bottom;
  const bodies = charts.map((chart) => {
    const box = { x: EDGE, y, width: WIDTH - 2 * EDGE, height: chart.heightPx ?? CHART_HEIGHT };
    y += box.height + GAP;
    return drawChart(box, chart);
  });
  return page(title, WIDTH, y, top.svg, ...bodies);
}

function drawChart(box: Box, chart: Chart): string {
  const [xLow, xHigh] = range(
    chart.series.map((s) => s.x),
    chart.x,
    0,
  );
  const [yLow, yHigh] = range([...chart.series.map((s) => s.y), (chart.limits ?? []).map((l) => l.at)], chart.y, 0.06);
  const xAxis: Axis = {
    low: xLow,
    high: xHigh,
    label: chart.x.label,
    ticks: chart.x.kind === 'time' ? timeTicks(xLow, xHigh, 8) : numberTicks(xLow, xHigh, 9),
  };
  const yAxis: Axis = { low: yLow, high: yHigh, label: chart.y.label, ticks: numberTicks(yLow, yHigh, 5) };
  const drawn = frame(box, chart.title, xAxis, yAxis);
  return [
    drawn.svg,
    ...(chart.windows ?? []).map((window) => shade(drawn, window)),
    ...chart.series.map((series) => draw(drawn, series)),
    ...(chart.limits ?? []).map((limit) => horizontal(drawn, limit)),
    ...(chart.marks ?? []).map((mark, i) => vertical(drawn, mark, i)),
    legend(box, chart.series),
  ].join('');
}

function numberTicks(low: number, high: number, count: number) {
  return ticks(low, high, count).map((at) => ({ at, label: short(at) }));
}

function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return value.toExponential(0);
  return String(Number(value.toPrecision(6)));
}

function range(
  lists: readonly ArrayLike<number>[],
  given: { low?: number; high?: number },
  margin: number,
): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const value = list[i]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) [low, high] = [0, 1];
  const pad = (high - low || Math.abs(high) || 1) * margin;
  return [given.low ?? low - pad, given.high ?? high + pad];
}

function draw(drawn: Frame, series: Series): string {
  const colour = COLOUR[series.colour ?? 'curve'];
  if (series.style === 'points') {
    const dots: string[] = [];
    for (const [x, y] of visible(drawn, series)) dots.push(element('circle', { cx: x, cy: y, r: 2.4 }));
    return element('g', { fill: colour, 'fill-opacity': 0.75 }, ...dots);
  }
  const pieces: string[] = [];
  let piece: [number, number][] = [];
  const close = () => {
    if (piece.length > 1) pieces.push(polyline(piece));
    piece = [];
  };
  for (const point of thinned(visible(drawn, series))) {
    if (Number.isFinite(point[1])) piece.push(point);
    else close();
  }
  close();
  return element('path', { d: pieces.join(''), fill: 'none', stroke: colour, 'stroke-width': 1.2 });
}

/** Points in pixels, cut to the plot; a value that is not finite stays as a gap for lines. */
function visible(drawn: Frame, { x, y, style }: Series): [number, number][] {
  const { plot: area } = drawn;
  const list: [number, number][] = [];
  for (let i = 0; i < x.length; i++) {
    const px = drawn.x.toPixel(x[i]!);
    if (!(px >= area.x - 0.5 && px <= area.x + area.width + 0.5)) continue;
    if (Number.isFinite(y[i]!))
      list.push([px, Math.min(Math.max(drawn.y.toPixel(y[i]!), area.y), area.y + area.height)]);
    else if (style !== 'points') list.push([px, Number.NaN]);
  }
  return list;
}

function thinned(points: [number, number][]): [number, number][] {
  if (points.length <= MAX_POINTS) return points;
  const kept: [number, number][] = [];
  const perBucket = Math.ceil((2 * points.length) / MAX_POINTS);
  for (let from = 0; from < points.length; from += perBucket) {
    const bucket = points.slice(from, from + perBucket);
    let low = bucket[0]!;
    let high = bucket[0]!;
    for (const point of bucket) {
      if (!Number.isFinite(point[1])) kept.push(point);
      if (point[1] < low[1]) low = point;
      if (point[1] > high[1]) high = point;
    }
    if (low === high) kept.push(low);
    else kept.push(...(low[0] <= high[0] ? [low, high] : [high, low]));
  }
  return kept;
}

function shade(drawn: Frame, window: { from: number; to: number; label?: string; colour?: Colour }): string {
  const { plot: area } = drawn;
  const clamp = (px: number) => Math.min(Math.max(px, area.x), area.x + area.width);
  const from = clamp(drawn.x.toPixel(window.from));
  const width = Math.max(clamp(drawn.x.toPixel(window.to)) - from, 1);
  const fill = COLOUR[window.colour ?? 'limit'];
  const parts = [element('rect', { x: from, y: area.y, width, height: area.height, fill, 'fill-opacity': 0.16 })];
  if (window.label) parts.push(text(window.label, { x: from + 3, y: area.y + 11, 'font-size': 10, fill: COLOUR.soft }));
  return parts.join('');
}

function horizontal(drawn: Frame, limit: { at: number; label: string }): string {
  const { plot: area } = drawn;
  const y = drawn.y.toPixel(limit.at);
  if (y < area.y || y > area.y + area.height) return '';
  return [
    element('line', {
      x1: area.x,
      x2: area.x + area.width,
      y1: y,
      y2: y,
      stroke: COLOUR.limit,
      'stroke-dasharray': '5 3',
    }),
    text(limit.label, {
      ...{ x: area.x + 4, y: y - 4, 'font-size': 10.5, fill: COLOUR.limit },
    }),
  ].join('');
}

function vertical(drawn: Frame, mark: { at: number; label: string; colour?: Colour }, index: number): string {
  const { plot: area } = drawn;
  const x = drawn.x.toPixel(mark.at);
  if (x < area.x || x > area.x + area.width) return '';
  const stroke = COLOUR[mark.colour ?? 'mark'];
  const fits = x + 3 + textWidth(mark.label, 10.5) <= area.x + area.width;
  const anchor = fits ? 'start' : 'end';
  // Labels of neighbours stand on different lines, so that close marks stay readable.
  const y = area.y + 11 + 12 * (index % 3);
  return [
    element('line', { x1: x, x2: x, y1: area.y, y2: area.y + area.height, stroke, 'stroke-dasharray': '3 2' }),
    text(mark.label, { x: x + (anchor === 'end' ? -3 : 3), y, 'font-size': 10.5, 'text-anchor': anchor, fill: stroke }),
  ].join('');
}

function legend(box: Box, series: readonly Series[]): string {
  if (series.length < 2) return '';
  let x = box.x + box.width - 18;
  const parts: string[] = [];
  for (const { name, colour } of [...series].reverse()) {
    parts.push(
      text(name, { x, y: box.y + 21, 'font-size': 10.5, 'text-anchor': 'end', fill: COLOUR[colour ?? 'curve'] }),
    );
    x -= 7 * name.length + 18;
  }
  return parts.join('');
}
