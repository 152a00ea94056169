import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import type { Part, Supposed } from '../answers.ts';

const REFRESH_MS = 5_000;

export interface PartQuestion {
  around: readonly string[];
  direction?: 'both' | 'providers' | 'dependents';
  depth?: number;
  facts?: boolean;
  fanout?: number;
  open?: readonly string[];
  limit?: number;
  supposed?: Supposed;
}

/** A part of the graph with its health, asked again every few seconds. */
export function usePart({ supposed, ...question }: PartQuestion) {
  const body = { ...question, ...supposed };
  return useQuery({
    queryKey: ['cmdb-part', body],
    queryFn: () => api<Part>('/cmdb/neighbourhood', { method: 'POST', body }),
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
    enabled: question.around.length > 0,
  });
}
