/** Colours and type of the evidence picture: dark ink on white, readable in print and by colour-blind eyes. */
export const COLOUR = {
  ink: '#1b2733',
  soft: '#5b6b7a',
  grid: '#e3e8ee',
  frame: '#c4cdd6',
  panel: '#ffffff',
  page: '#f5f7f9',
  curve: '#1f6fb2',
  fill: '#d6e6f4',
  normal: '#2b8a5e',
  limit: '#c77700',
  mark: '#c2255c',
  side: '#7048a8',
  warning: '#b86e00',
  serious: '#b3261e',
} as const;

/** Latin first, then the CJK fonts of Linux, macOS and Windows, so that Chinese never falls to boxes. */
export const FONT =
  "'Inter','Helvetica Neue',Arial,'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif";

/** Rough advance of a character in em: CJK and full-width ones are square. */
function advanceEm(char: string): number {
  if (char.codePointAt(0)! >= 0x2e80) return 1;
  if (/[A-ZMWmw%@]/.test(char)) return 0.7;
  return /[ilj.,;:'|!() ]/.test(char) ? 0.3 : 0.54;
}

/** Estimated width of a text, px. */
export function textWidth(content: string, sizePx: number): number {
  let em = 0;
  for (const char of content) em += advanceEm(char);
  return em * sizePx;
}

/** Breaks a text into lines of at most `widthPx`, after spaces or between CJK characters; the rest is cut with an ellipsis. */
export function wrap(content: string, sizePx: number, widthPx: number, maxLines: number): string[] {
  const words = content.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+/gu) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && textWidth(line + word.trimEnd(), sizePx) > widthPx && !/^[，。；：、）！？]/u.test(word)) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  if (line !== '') lines.push(line.trimEnd());
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines - 1), `${lines[maxLines - 1]!.slice(0, -1)}…`];
}
