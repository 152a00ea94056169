import { useWords } from '../../i18n/i18n.ts';
import { SIGNS } from '../StateMark.tsx';
import { type GroupNode, groupBox } from './picture.ts';

/** A redundancy group between its members and the CI that needs it: how much is up, and how much must be. */
export function GroupMark({ of, at }: { of: GroupNode; at: { x: number; y: number } }) {
  const { t } = useWords();
  const { width, height } = groupBox;
  const { group, up, members, minUp, weight } = of.group;
  const sign = SIGNS[of.state];
  const text = `${sign} ${weight?.up ?? up}/${weight?.all ?? members} ≥ ${minUp}`;
  return (
    <g className={`redundancy ${of.state}`} transform={`translate(${at.x - width / 2} ${at.y - height / 2})`}>
      <title>
        {t(weight ? 'gr.groupWeight' : 'gr.group', {
          group,
          up: weight?.up ?? up,
          members: weight?.all ?? members,
          minUp,
        })}
      </title>
      <rect width={width} height={height} rx="13" />
      <text x={width / 2} y="17" textAnchor="middle">
        {text}
      </text>
    </g>
  );
}
