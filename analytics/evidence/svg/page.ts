import { element, escapeXml, text } from './element.ts';
import { COLOUR, FONT, wrap } from './theme.ts';

/** Room at the sides of a heading, px. */
const EDGE = 20;
const MOST_CAPTION_LINES = 4;

/** One self-contained SVG document: title for readers that do not see, background, content. */
export function page(title: string, width: number, height: number, ...content: string[]): string {
  return element(
    'svg',
    {
      ...{ xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${Math.ceil(height)}` },
      ...{ 'font-family': FONT, role: 'img' },
    },
    element('title', {}, escapeXml(title)),
    element('rect', { x: 0, y: 0, width, height, fill: COLOUR.page }),
    ...content,
  );
}

/** Title and caption at the top of a page. @returns their drawing, and where they end, px */
export function heading(title: string, caption: string, width: number): { svg: string; bottom: number } {
  const lines = wrap(caption, 12, width - 2 * EDGE, MOST_CAPTION_LINES);
  const parts = [
    text(title, { x: EDGE, y: 30, 'font-size': 17, 'font-weight': 600, fill: COLOUR.ink }),
    ...lines.map((line, i) => text(line, { x: EDGE, y: 50 + 17 * i, 'font-size': 12, fill: COLOUR.soft })),
  ];
  return { svg: parts.join(''), bottom: 44 + 17 * lines.length };
}
