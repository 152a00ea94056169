import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useWords } from '../i18n/i18n.ts';

const HEIGHT = 240;

export interface Course {
  atMs: number[];
  value: (number | null)[];
  /** Limits beside it, where they are known. */
  now: (number | null)[] | null;
  proposed: (number | null)[] | null;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The course of one feature, with the limit in force and the one that is tried. */
export function TrendChart({ feature, course }: { feature: string; course: Course }) {
  const { t, language } = useWords();
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
    const first = course.atMs[0] ?? 0;
    const spanMs = (course.atMs.at(-1) ?? 0) - first;
    const clockFace = new Intl.DateTimeFormat(
      language,
      spanMs < 172_800_000
        ? { hour: '2-digit', minute: '2-digit', second: spanMs < 900_000 ? '2-digit' : undefined, hour12: false }
        : { month: 'numeric', day: 'numeric', hour: '2-digit', hour12: false },
    );
    const line = (label: string, stroke: string, dash: number[], width: number) => ({
      ...{ label, stroke, dash, width },
      points: { show: false },
    });
    const limits = [
      ...(course.now ? [{ data: course.now, series: line(t('th.limitNow'), colour('--muted'), [6, 4], 2) }] : []),
      ...(course.proposed
        ? [{ data: course.proposed, series: line(t('th.limitThen'), colour('--accent'), [2, 3], 2) }]
        : []),
    ];
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        cursor: { drag: { x: false, y: false } },
        legend: { show: false },
        scales: { x: { time: true } },
        axes: [
          { ...axis, values: (_plot, ticks) => ticks.map((seconds) => clockFace.format(seconds * 1000)) },
          { ...axis, size: 64 },
        ],
        series: [{}, line(feature, colour('--stored'), [], 1.5), ...limits.map(({ series }) => series)],
      },
      [course.atMs.map((ms) => ms / 1000), course.value, ...limits.map(({ data }) => data)],
      element,
    );
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [feature, course, language, t]);

  return (
    <figure className="card chart">
      <div ref={host} />
      <figcaption>
        <span className="key stored">{feature}</span>
        {course.now && <span className="key duplicate">{t('th.limitNow')}</span>}
        {course.proposed && <span className="key quarantined">{t('th.limitThen')}</span>}
      </figcaption>
    </figure>
  );
}
