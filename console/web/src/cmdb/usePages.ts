import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api.ts';
import type { Page } from './answers.ts';

export interface Pages<T> {
  readonly items: T[];
  readonly query: UseQueryResult<Page<T>>;
  /** From 0 on. */
  readonly page: number;
  readonly hasMore: boolean;
  turn(by: 1 | -1): void;
}

/**
 * A list of the API page by page, forth and back.
 * @param path with its filter; another path begins at its first page
 */
export function usePages<T>(
  path: string,
  options: { limit?: number; refreshMs?: number; enabled?: boolean } = {},
): Pages<T> {
  const { limit = 25, refreshMs, enabled = true } = options;
  const [place, setPlace] = useState<{ path: string; cursors: string[] }>({ path, cursors: [] });
  const cursors = place.path === path ? place.cursors : [];
  const cursor = cursors.at(-1);
  const query = useQuery({
    queryKey: ['cmdb-list', path, limit, cursor],
    queryFn: () => {
      const asked = new URLSearchParams({ limit: String(limit), ...(cursor === undefined ? {} : { cursor }) });
      return api<Page<T>>(`${path}${path.includes('?') ? '&' : '?'}${asked}`);
    },
    placeholderData: (before) => before,
    ...(refreshMs === undefined ? {} : { refetchInterval: refreshMs }),
    enabled,
  });
  const next = query.data?.nextCursor ?? null;
  return {
    items: query.data?.items ?? [],
    query,
    page: cursors.length,
    hasMore: next !== null,
    turn: (by) => {
      if (by === -1) setPlace({ path, cursors: cursors.slice(0, -1) });
      else if (next !== null) setPlace({ path, cursors: [...cursors, next] });
    },
  };
}
