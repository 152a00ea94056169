import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultRow } from '../faultCase.ts';
import { drawChart } from './chart.ts';
import type { OutageCourse, OutageOptions } from './outage.ts';
import { renderPng } from './picture.ts';

/** Draws an outage into `folder`: outage.svg and, where there is a browser, outage.png. */
export async function drawOutage(
  folder: string,
  { devices, ratePerSecond }: OutageOptions,
  course: OutageCourse,
  row: FaultRow,
  storeName: string,
): Promise<void> {
  const { seconds, goneAt, backAt, drainedAt } = course;
  const svg = drawChart({
    title: `${storeName} gone for ${(backAt - goneAt) / 60} of ${seconds / 60} minutes: ${row.lost} lost, ${row.doubled} doubled`,
    subtitle: `${devices.toLocaleString('en')} devices, ${ratePerSecond.toLocaleString('en')} messages a second at QoS 1; ${row.acknowledged.toLocaleString('en')} acknowledged, each looked up afterwards; ${Number.isNaN(drainedAt) ? 'not drained in time' : `drained ${drainedAt - backAt} s after the store’s return`}`,
    shaded: { from: goneAt, to: backAt, label: 'the store is gone' },
    seconds,
    panels: [
      {
        ...{ title: 'Messages', unit: 'per second' },
        curves: [
          { label: 'acknowledged', color: '#1769aa', values: course.acknowledgedPerSecond },
          { label: 'stored', color: '#e8871e', values: course.storedPerSecond },
        ],
      },
      {
        ...{ title: 'Waiting in the spool', unit: 'thousand samples' },
        curves: [{ label: 'waiting', color: '#6b4fa0', values: course.waiting.map((one) => one / 1000) }],
      },
      {
        ...{ title: 'Memory of the process, and its spool on disk', unit: 'MiB' },
        curves: [
          { label: 'memory', color: '#2f855a', values: course.residentMiB },
          { label: 'spool', color: '#9aa5b1', values: course.spoolMiB },
        ],
      },
    ],
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'outage.svg'), svg);
  if (!(await renderPng(svg, join(folder, 'outage.png'))))
    console.log('no browser on this machine: outage.png was not drawn');
}
