import { element, text } from './element.ts';
import { type LinearScale, linearScale } from './scale.ts';
import { COLOUR } from './theme.ts';

/** One chart's place on the page, px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 62, right: 18, top: 34, bottom: 38 };

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly label: string;
  readonly ticks: readonly { at: number; label: string }[];
}

export interface Frame {
  readonly x: LinearScale;
  readonly y: LinearScale;
  readonly plot: Box;
  /** Background, title, grid, ticks and labels. */
  readonly svg: string;
}

/** An empty chart with both axes, and the scales to draw into it. */
export function frame(box: Box, title: string, xAxis: Axis, yAxis: Axis): Frame {
  const plot = {
    x: box.x + MARGIN.left,
    y: box.y + MARGIN.top,
    width: box.width - MARGIN.left - MARGIN.right,
    height: box.height - MARGIN.top - MARGIN.bottom,
  };
  const x = linearScale(xAxis.low, xAxis.high, plot.x, plot.x + plot.width);
  const y = linearScale(yAxis.low, yAxis.high, plot.y + plot.height, plot.y);
  const bottom = plot.y + plot.height;
  const parts = [
    element('rect', { ...box, rx: 6, fill: COLOUR.panel, stroke: COLOUR.frame }),
    text(title, { x: box.x + 14, y: box.y + 21, 'font-size': 13, 'font-weight': 600, fill: COLOUR.ink }),
  ];
  for (const { at, label } of yAxis.ticks) {
    const py = y.toPixel(at);
    parts.push(element('line', { x1: plot.x, x2: plot.x + plot.width, y1: py, y2: py, stroke: COLOUR.grid }));
    parts.push(text(label, { x: plot.x - 7, y: py + 3.5, 'font-size': 10.5, 'text-anchor': 'end', fill: COLOUR.soft }));
  }
  for (const { at, label } of xAxis.ticks) {
    const px = x.toPixel(at);
    parts.push(element('line', { x1: px, x2: px, y1: bottom, y2: bottom + 4, stroke: COLOUR.soft }));
    parts.push(text(label, { x: px, y: bottom + 15, 'font-size': 10.5, 'text-anchor': 'middle', fill: COLOUR.soft }));
  }
  parts.push(element('line', { x1: plot.x, x2: plot.x + plot.width, y1: bottom, y2: bottom, stroke: COLOUR.soft }));
  parts.push(
    text(xAxis.label, {
      x: plot.x + plot.width,
      y: bottom + 30,
      'font-size': 10.5,
      'text-anchor': 'end',
      fill: COLOUR.soft,
    }),
    text(yAxis.label, {
      x: box.x + 15,
      y: plot.y + plot.height / 2,
      'font-size': 10.5,
      'text-anchor': 'middle',
      fill: COLOUR.soft,
      transform: `rotate(-90 ${box.x + 15} ${plot.y + plot.height / 2})`,
    }),
  );
  return { x, y, plot, svg: parts.join('') };
}
