import { type RelationTypeDefinition, relationTypeDefinition } from './definitions.ts';

type Row = Pick<RelationTypeDefinition, 'name' | 'direction' | 'meaning'> & Partial<RelationTypeDefinition>;

const ROWS: readonly Row[] = [
  {
    name: 'DEPENDS_ON',
    direction: 'to-fails',
    meaning: { en: 'from cannot work without to', zh: '起点离开终点便无法工作' },
  },
  { name: 'PART_OF', direction: 'from-fails', meaning: { en: 'from is built into to', zh: '起点是终点的组成部分' } },
  {
    name: 'FEEDS',
    direction: 'from-fails',
    meaning: {
      en: 'from supplies to with material, air, water or current',
      zh: '起点向终点供应物料、压缩空气、水或电流',
    },
  },
  {
    name: 'POWERS',
    direction: 'from-fails',
    meaning: { en: 'from supplies to with electricity', zh: '起点向终点供电' },
  },
  {
    name: 'RUNS_ON',
    direction: 'to-fails',
    meaning: { en: 'from is software or a machine hosted by to', zh: '起点是运行在终点上的软件或虚拟机' },
  },
  {
    name: 'CONNECTED_TO',
    direction: 'to-fails',
    meaning: { en: 'from reaches the rest through to', zh: '起点经由终点与其余部分相连' },
  },
  {
    name: 'MONITORS',
    direction: 'none',
    meaning: { en: 'from is a sensor or measuring point that watches to', zh: '起点是监测终点的传感器或测点' },
  },
  {
    name: 'LOCATED_IN',
    direction: 'none',
    meaning: { en: 'from stands in to', zh: '起点位于终点之内' },
    // A rack is more than a place: what is mounted in it lives on its power and cooling.
    between: [{ toType: 'rack', direction: 'to-fails' }],
  },
  {
    name: 'OWNED_BY',
    direction: 'none',
    meaning: {
      en: 'to answers for from; attribute role: accountable or deputy',
      zh: '终点对起点负责；属性 role 取 accountable（负责人）或 deputy（代理人）',
    },
  },
  { name: 'SUPPLIED_BY', direction: 'none', meaning: { en: 'to delivered from', zh: '起点由终点供货' } },
  {
    name: 'SUPPORTED_BY',
    direction: 'none',
    meaning: { en: 'to is called when from fails', zh: '起点故障时联系终点' },
  },
  {
    name: 'GOVERNED_BY',
    direction: 'none',
    meaning: { en: 'to is the agreement that holds for from', zh: '终点是适用于起点的协议' },
  },
  {
    name: 'RELATED_TO',
    direction: 'none',
    meaning: { en: 'imported under a name that has no meaning here', zh: '以本系统不认识的名称导入' },
  },
];

export const STARTING_RELATION_TYPES: readonly RelationTypeDefinition[] = ROWS.map((row) =>
  relationTypeDefinition.parse(row),
);
