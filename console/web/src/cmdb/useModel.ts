import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';
import { useWords } from '../i18n/i18n.ts';
import type { AttributeType, CiType, Impact, Model, RelationType } from './answers.ts';

/** The model as pages ask it: names of types in the reader's language, and what attributes mean. */
export interface ModelWords {
  readonly model: Model | undefined;
  /** Types that a CI can have, by their names in the reader's language. */
  readonly concrete: readonly CiType[];
  typeName(type: string): string;
  relationMeaning(type: string): string;
  /** A type's own attributes and those that it inherits. */
  attributesOf(type: string): AttributeType[];
  /** Which end of a relation suffers, by its type and the types at its ends. */
  directionOf(relation: string, fromType: string, toType: string): Impact;
}

export function useModel(): ModelWords {
  const { said, language } = useWords();
  const { data: model } = useQuery({
    queryKey: ['cmdb-model'],
    queryFn: () => api<Model>('/cmdb/model'),
    staleTime: 60_000,
  });
  const types = new Map(model?.ciTypes.map((type) => [type.name, type]));
  const relations = new Map(model?.relationTypes.map((type): [string, RelationType] => [type.name, type]));
  const isA = (type: string, end: string | undefined) =>
    end === undefined || types.get(type)?.lineage.includes(end) === true;
  return {
    model,
    concrete: (model?.ciTypes ?? [])
      .filter((type) => !type.abstract)
      .toSorted((a, b) => a.label[said].localeCompare(b.label[said], language)),
    typeName: (type) => types.get(type)?.label[said] ?? type,
    relationMeaning: (type) => relations.get(type)?.meaning[said] ?? '',
    attributesOf: (type) => {
      const named = new Map<string, AttributeType>();
      for (const name of types.get(type)?.lineage.toReversed() ?? []) {
        for (const attribute of types.get(name)?.attributes ?? []) named.set(attribute.name, attribute);
      }
      return [...named.values()];
    },
    directionOf: (relation, fromType, toType) => {
      const type = relations.get(relation);
      const exception = type?.between.find((one) => isA(fromType, one.fromType) && isA(toType, one.toType));
      return exception?.direction ?? type?.direction ?? 'none';
    },
  };
}
