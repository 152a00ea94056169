import type { Imported } from './exports.ts';
import type { Survey, Verdict } from './survey.ts';

const MOST_LOSSES = 15;
const MOST_WARNINGS = 20;
const MOST_AFFECTED = 20;

/** What was imported, in lines. */
export function importTold({ version, cis, relations, formats, warnings }: Imported): string {
  const of = [...Map.groupBy(formats, ({ format }) => format)].map(([format, files]) => `${files.length} of ${format}`);
  const counts = (what: string, { created, changed, unchanged }: Imported['cis']) =>
    `${what}: ${created} created, ${changed} changed, ${unchanged} as before`;
  const told = warnings
    .slice(0, MOST_WARNINGS)
    .map(({ message, count }) => `  note: ${message}${count > 1 ? ` (${count})` : ''}`);
  const left = warnings.length - told.length;
  return [
    `${formats.length} ${formats.length === 1 ? 'file' : 'files'} (${of.join(', ')}) → version ${version} of the graph`,
    `  ${counts('CIs', cis)}; ${counts('relations', relations)}`,
    ...told,
    ...(left > 0 ? [`  … and ${left} more notes`] : []),
  ].join('\n');
}

/** What is in the graph, and whose loss does most. */
export function surveyTold({ types, cis, tried, losses }: Survey): string {
  const byCount = [...types].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${type} ${count}`);
  const rows = losses
    .slice(0, MOST_LOSSES)
    .map((one) =>
      [one.name, one.key, one.type, one.servicesDown, one.servicesDegraded, one.othersAffected].map(String),
    );
  const head = ['lost', 'key', 'type', 'services down', 'degraded', 'other CIs affected'];
  const which = tried === cis ? 'any one CI' : `one of ${tried} CIs, as many of each type`;
  return [
    `${cis} CIs: ${byCount.join(', ')}`,
    '',
    losses.length === 0
      ? `The loss of ${which} touches nothing else: no relation here carries impact.`
      : `What breaks when ${which} is lost, worst first:`,
    ...(rows.length === 0 ? [] : aligned([head, ...rows])),
  ].join('\n');
}

/** One verdict, in lines. */
export function verdictTold(failed: readonly string[], { affectedCount, services, affected, howBad }: Verdict): string {
  const service = (one: Verdict['services'][number]) => {
    const owners = one.owners.map(({ name, role }) => `${name} (${role})`).join(', ') || 'nobody is named';
    const left = one.redundancyLeft === null ? '' : `; ${one.redundancyLeft}`;
    return `  ${one.name} is ${one.state}: ${one.causeChain.map(({ name }) => name).join(' → ')}${left}; owners: ${owners}`;
  };
  const told = new Set(services.map(({ key }) => key));
  const others = affected.filter(({ key }) => !told.has(key));
  const shown = others.slice(0, MOST_AFFECTED);
  return [
    `Failed: ${failed.join(', ')}. ${services.length} services and ${affectedCount} CIs beside the failed are affected, ` +
      `cost ${howBad.costPerHour} an hour, ${howBad.users} users`,
    ...services.map(service),
    ...shown.map(({ name, type, state }) => `  ${type} ${name} is ${state}`),
    ...(others.length > shown.length ? [`  … and ${others.length - shown.length} more`] : []),
  ].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd());
}
