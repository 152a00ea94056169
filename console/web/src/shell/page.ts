import { useSyncExternalStore } from 'react';

export type Page = 'intake' | 'thresholds';

function pageOfAddress(): Page {
  return location.hash.startsWith('#/thresholds') ? 'thresholds' : 'intake';
}

function onAddress(changed: () => void): () => void {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

/** The page that the address names; going back in the browser works. */
export function usePage(): Page {
  return useSyncExternalStore(onAddress, pageOfAddress);
}
