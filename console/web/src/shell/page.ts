import { useSyncExternalStore } from 'react';

const PAGES = ['acknowledge', 'anomalies', 'cmdb', 'thresholds', 'models'] as const;
export type Page = 'intake' | (typeof PAGES)[number];

function pageOfAddress(): Page {
  return PAGES.find((page) => location.hash.startsWith(`#/${page}`)) ?? 'intake';
}

function onAddress(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

/** The page that the address names; going back in the browser works. */
export function usePage(): Page {
  return useSyncExternalStore(onAddress, pageOfAddress);
}
