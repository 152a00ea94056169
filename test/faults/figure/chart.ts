/** One curve of a panel. */
export interface Curve {
  label: string;
  color: string;
  /** One value a second; NaN where nothing is known. */
  values: readonly number[];
}

export interface Panel {
  title: string;
  unit: string;
  curves: readonly Curve[];
}

export interface Chart {
  title: string;
  subtitle: string;
  /** Seconds between which the ground is shaded, and what is written there. */
  shaded: { from: number; to: number; label: string };
  seconds: number;
  panels: readonly Panel[];
}

const WIDTH = 960;
const LEFT = 84;
const RIGHT = 28;
const TOP = 78;
const PANEL = 168;
const GAP = 36;
const INK = '#1f2933';
const FAINT = '#7b8794';
const GRID = '#e4e7eb';
const SHADE = '#fbe9e7';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Draws panels over one time axis as a self-contained SVG. */
export function drawChart(chart: Chart): string {
  const { panels, seconds, shaded } = chart;
  const height = TOP + panels.length * (PANEL + GAP) + 12;
  const x = (second: number) => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  const parts = [
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(LEFT - 60, 32, chart.title, { size: 20, weight: 600 }),
    text(LEFT - 60, 54, chart.subtitle, { size: 13, color: FAINT }),
  ];
  for (const [index, panel] of panels.entries()) {
    const top = TOP + index * (PANEL + GAP) + 24;
    const bottom = top + PANEL - 24;
    const highest = Math.max(1e-9, ...panel.curves.flatMap(({ values }) => values.filter(Number.isFinite)));
    const ticks = ticksTo(highest);
    const top100 = ticks.at(-1)!;
    const y = (value: number) => bottom - (value / top100) * (bottom - top);
    parts.push(
      `<rect x="${x(shaded.from)}" y="${top}" width="${x(shaded.to) - x(shaded.from)}" height="${bottom - top}" fill="${SHADE}"/>`,
      text(LEFT - 60, top - 10, `${panel.title} (${panel.unit})`, { size: 13, weight: 600 }),
    );
    if (index === 0)
      parts.push(
        text(x((shaded.from + shaded.to) / 2), top + 16, shaded.label, {
          size: 12,
          color: '#b23b2e',
          anchor: 'middle',
        }),
      );
    for (const tick of ticks) {
      parts.push(
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}" stroke="${GRID}"/>`,
        text(LEFT - 8, y(tick) + 4, tick.toLocaleString('en'), { size: 11, color: FAINT, anchor: 'end' }),
      );
    }
    for (let minute = 0; minute * 60 <= seconds; minute++)
      parts.push(text(x(minute * 60), bottom + 17, `${minute} min`, { size: 11, color: FAINT, anchor: 'middle' }));
    let legend = WIDTH - RIGHT;
    for (const curve of [...panel.curves].reverse()) {
      parts.push(`<path d="${pathOf(curve.values, x, y)}" fill="none" stroke="${curve.color}" stroke-width="1.6"/>`);
      if (panel.curves.length === 1) continue;
      legend -= curve.label.length * 6.6 + 30;
      parts.push(
        `<line x1="${legend}" x2="${legend + 16}" y1="${top - 14}" y2="${top - 14}" stroke="${curve.color}" stroke-width="3"/>`,
        text(legend + 22, top - 10, curve.label, { size: 12 }),
      );
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="Helvetica, Arial, sans-serif">\n${parts.join('\n')}\n</svg>\n`;
}

/** Round numbers from 0 to at least `highest`. */
function ticksTo(highest: number): number[] {
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function pathOf(values: readonly number[], x: (second: number) => number, y: (value: number) => number): string {
  let path = '';
  let pen = 'M';
  for (const [second, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${x(second).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

interface TextStyle {
  size: number;
  color?: string;
  weight?: number;
  anchor?: 'middle' | 'end';
}

function text(x: number, y: number, words: string, { size, color = INK, weight = 400, anchor }: TextStyle): string {
  const place = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" fill="${color}"${place}>${escaped(words)}</text>`;
}
