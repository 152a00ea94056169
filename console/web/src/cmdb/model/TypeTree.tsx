import { useWords } from '../../i18n/i18n.ts';
import type { CiType } from '../answers.ts';
import { hrefOf } from '../place.ts';

/** All types below those that they inherit from. */
export function TypeTree({ types }: { types: readonly CiType[] }) {
  const { t } = useWords();
  const known = new Set(types.map(({ name }) => name));
  const roots = types.filter(({ parent }) => parent === null || !known.has(parent));
  return (
    <section aria-label={t('mo.types')}>
      <h2>{t('mo.types')}</h2>
      <Branch of={roots} types={types} />
    </section>
  );
}

function Branch({ of, types }: { of: readonly CiType[]; types: readonly CiType[] }) {
  const { t, said, language } = useWords();
  return (
    <ul className="tree">
      {of
        .toSorted((a, b) => a.label[said].localeCompare(b.label[said], language))
        .map((type) => {
          const below = types.filter(({ parent }) => parent === type.name);
          return (
            <li key={type.name}>
              <a href={hrefOf('model', type.name)}>{type.label[said]}</a> <code className="muted">{type.name}</code>{' '}
              {type.attributes.length > 0 && (
                <span className="muted">{t('mo.ownAttributes', { count: type.attributes.length })}</span>
              )}{' '}
              {!type.builtIn && <span className="badge">{t('mo.own')}</span>}
              {below.length > 0 && <Branch of={below} types={types} />}
            </li>
          );
        })}
    </ul>
  );
}
