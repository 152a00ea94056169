import { element, text } from '../../evidence/svg/element.ts';
import { heading, page } from '../../evidence/svg/page.ts';
import { COLOUR } from '../../evidence/svg/theme.ts';
import { type Answer, accuracy, type Rotation } from './rotation.ts';
import { CLASSES, type FaultClass } from './windows.ts';

const CELL = 74;
const LEFT = 90;
const TOP = 130;
const GAP = 60;

/** Draws one confusion matrix for each rotation: windows by what they are (rows) and what was said (columns). */
export function drawConfusion(title: string, rotations: readonly Rotation[]): string {
  const width = rotations.length * (LEFT + CLASSES.length * CELL + GAP);
  const height = TOP + CLASSES.length * CELL + 50;
  const caption =
    'Rows: what the record is; columns: what the classifier said of a window. Share of the row, and windows.';
  return page(
    title,
    width,
    height,
    heading(title, caption, width).svg,
    ...rotations.map((rotation, i) => matrix(i * (LEFT + CLASSES.length * CELL + GAP) + LEFT, rotation)),
  );
}

function matrix(x: number, { testMil, trainedMil, answers }: Rotation): string {
  const percent = (100 * accuracy(answers)).toFixed(1);
  const heading = `tested on ${testMil} mil, trained on ${trainedMil.join(' + ')}: ${percent} %`;
  const cells = CLASSES.flatMap((is, r) =>
    CLASSES.map((said, c) => cell(x + c * CELL, TOP + r * CELL, answers, is, said)),
  );
  const axis = { 'font-size': 12, fill: COLOUR.soft };
  return [
    text(heading, { x, y: 88, 'font-size': 13, 'font-weight': 600, fill: COLOUR.ink }),
    ...CLASSES.map((name, c) => text(name, { x: x + (c + 0.5) * CELL, y: TOP - 10, 'text-anchor': 'middle', ...axis })),
    ...CLASSES.map((name, r) => text(name, { x: x - 10, y: TOP + (r + 0.55) * CELL, 'text-anchor': 'end', ...axis })),
    ...cells,
  ].join('');
}

function cell(x: number, y: number, answers: readonly Answer[], is: FaultClass, said: FaultClass): string {
  const row = answers.filter(({ window }) => window.label === is);
  const count = row.filter((answer) => answer.said === said).length;
  const share = row.length > 0 ? count / row.length : 0;
  const fill = is === said ? COLOUR.normal : COLOUR.serious;
  const middle = { x: x + CELL / 2, 'text-anchor': 'middle' };
  return [
    element('rect', { x, y, width: CELL - 2, height: CELL - 2, fill: COLOUR.panel, stroke: COLOUR.frame }),
    element('rect', { x, y, width: CELL - 2, height: CELL - 2, fill, 'fill-opacity': 0.75 * share }),
    text(row.length === 0 ? '–' : `${Math.round(100 * share)} %`, {
      ...{ ...middle, y: y + CELL / 2 - 2, 'font-size': 14 },
      fill: COLOUR.ink,
    }),
    text(row.length === 0 ? '' : String(count), {
      ...middle,
      y: y + CELL / 2 + 16,
      'font-size': 11,
      fill: COLOUR.soft,
    }),
  ].join('');
}
