/** The data source that whoever imports a dashboard chooses: a Prometheus that scrapes Faultline. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Query {
  readonly expr: string;
  readonly legend?: string;
}

interface Link {
  readonly title: string;
  readonly url: string;
}

interface Common {
  readonly title: string;
  readonly description: string;
  readonly place: Place;
  readonly queries: readonly Query[];
  readonly links?: readonly Link[];
}

const targets = (queries: readonly Query[], instant: boolean) =>
  queries.map(({ expr, legend }, i) => ({
    ...{ refId: String.fromCharCode(65 + i), datasource: DATASOURCE, expr, legendFormat: legend ?? '__auto' },
    ...(instant ? { instant: true, range: false, format: 'table' } : { range: true }),
  }));

const panel = ({ title, description, place, links = [] }: Common, type: string, defaults: object) => ({
  ...{ type, title, description, datasource: DATASOURCE, gridPos: place },
  fieldConfig: {
    defaults: { ...defaults, links: links.map((link) => ({ ...link, targetBlank: true })) },
    overrides: [],
  },
});

/** Lines over time, with a limit drawn where there is one. */
export function timeSeries(of: Common & { readonly limit?: number; readonly unit?: string }): object {
  const steps = [
    { color: 'green', value: null },
    ...(of.limit === undefined ? [] : [{ color: 'red', value: of.limit }]),
  ];
  const custom = { fillOpacity: 5, ...(of.limit === undefined ? {} : { thresholdsStyle: { mode: 'line' } }) };
  return {
    ...panel(of, 'timeseries', { unit: of.unit ?? 'none', custom, thresholds: { mode: 'absolute', steps } }),
    options: { legend: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull', 'max'] } },
    targets: targets(of.queries, false),
  };
}

/** What holds now, a row each; `columns` in order, everything else is hidden. */
export function table(of: Common & { readonly columns: readonly string[]; readonly unit?: string }): object {
  const excludeByName = Object.fromEntries(['Time', '__name__', 'instance', 'job'].map((name) => [name, true]));
  const indexByName = Object.fromEntries(of.columns.map((name, i) => [name, i]));
  return {
    ...panel(of, 'table', { unit: of.unit ?? 'none' }),
    transformations: [{ id: 'organize', options: { excludeByName, indexByName } }],
    targets: targets(of.queries, true),
  };
}

/** One number. */
export function stat(of: Common & { readonly unit?: string }): object {
  return {
    ...panel(of, 'stat', { unit: of.unit ?? 'none', noValue: '–' }),
    options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' },
    targets: targets(of.queries, false),
  };
}

/** Bars of what holds now, one each. */
export function bars(of: Common): object {
  return {
    ...panel(of, 'bargauge', { min: 0 }),
    options: { orientation: 'horizontal', displayMode: 'basic', reduceOptions: { calcs: ['lastNotNull'] } },
    targets: targets(of.queries, false),
  };
}
