import { useSyncExternalStore } from 'react';

const VIEWS = ['cis', 'graph', 'impact', 'import', 'model'] as const;
export type View = (typeof VIEWS)[number];

/** Where in the CMDB one is: `#/cmdb/graph?ci=db1` is the view `graph` with one question. */
export interface Place {
  readonly view: View;
  /** What the address names after the view: a CI. */
  readonly id: string | null;
  readonly query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/cmdb\/?/, '').split('?');
  const [name = '', id] = path.split('/');
  const view = VIEWS.find((one) => one === name) ?? 'cis';
  return { view, id: id ? decodeURIComponent(id) : null, query: new URLSearchParams(query) };
}

export function hrefOf(view: View, id?: string | null, query: Record<string, string | undefined> = {}): string {
  const told = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const path = id ? `/${encodeURIComponent(id)}` : '';
  return `#/cmdb/${view}${path}${told.length > 0 ? `?${new URLSearchParams(told)}` : ''}`;
}

function onAddress(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

/** The place that the address names; going back in the browser works. */
export function usePlace(): Place {
  return placeOf(useSyncExternalStore(onAddress, () => location.hash));
}
