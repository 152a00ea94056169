import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { LedgerHour } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';

const HOUR_MS = 3_600_000;
const HEIGHT = 220;
/** What became of the samples, stacked from the bottom; the colours are the style sheet's. */
const STACK = ['stored', 'duplicate', 'quarantined'] as const;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** One bar for each hour: what was stored, what was there already, what was refused. Hours without samples are gaps. */
export function HoursChart({ hours, fromMs, count }: { hours: LedgerHour[]; fromMs: number; count: number }) {
  const { t, language } = useWords();
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const known = new Map(hours.map((row) => [Math.floor(new Date(row.hour).getTime() / HOUR_MS), row]));
    const first = Math.floor(fromMs / HOUR_MS);
    const slots = Array.from({ length: count }, (_, index) => first + index);
    const sums = slots.map(() => 0);
    const layers = STACK.map((term) =>
      slots.map((slot, index) => {
        sums[index]! += known.get(slot)?.[term] ?? 0;
        return sums[index]!;
      }),
    );
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const clockFace = new Intl.DateTimeFormat(
      language,
      count <= 48 ? { hour: '2-digit', minute: '2-digit', hour12: false } : { month: 'numeric', day: 'numeric' },
    );
    const bars = UPlot.paths.bars?.({ size: [0.8, 40] });
    // The topmost layer first, so that each lower one is painted over it.
    const series = STACK.map((term, index) => ({ term, values: layers[index]! })).reverse();
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        cursor: { drag: { x: false, y: false } },
        legend: { show: false },
        scales: { x: { time: true }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.05)] } },
        axes: [
          {
            ...axis,
            values: (_plot, ticks) => ticks.map((seconds) => clockFace.format(seconds * 1000)),
          },
          {
            ...axis,
            size: 64,
            values: (_plot, ticks) =>
              ticks.map((v) => new Intl.NumberFormat(language, { notation: 'compact' }).format(v)),
          },
        ],
        series: [
          {},
          ...series.map(({ term }) => ({
            label: t(`term.${term}`),
            fill: colour(`--${term}`),
            stroke: colour(`--${term}`),
            width: 0,
            points: { show: false },
            ...(bars ? { paths: bars } : {}),
          })),
        ],
      },
      [slots.map((slot) => slot * 3600 + 1800), ...series.map(({ values }) => values)],
      element,
    );
    const resize = () => plot.setSize({ width: element.clientWidth, height: HEIGHT });
    const observer = new ResizeObserver(resize);
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [hours, fromMs, count, language, t]);

  return (
    <figure className="card chart">
      <div ref={host} />
      <figcaption>
        {STACK.map((term) => (
          <span key={term} className={`key ${term}`}>
            {t(`term.${term}`)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
