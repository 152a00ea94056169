/** Who works in the plant. Skills are those that dispatch asks for, from 1 (learning) to 5 (teaches it). */
export interface PersonRow {
  key: string;
  name: string;
  email: string;
  phone: string;
  locale: 'zh-CN' | 'en';
  title: string;
}

export interface TechnicianRow extends PersonRow {
  skills: Record<string, number>;
  /** Key of the line where the technician works most. */
  place: string;
}

const person = (login: string, name: string, locale: 'zh-CN' | 'en', extension: number, title: string): PersonRow => ({
  key: `person-${login}`,
  name,
  email: `${login}@plant.example`,
  phone: `+86 571 5550 ${extension}`,
  locale,
  title,
});

export const OWNERS = {
  production: person('chen.jianguo', '陈建国', 'zh-CN', 1101, '生产总监'),
  productionDeputy: person('li.min', '李敏', 'zh-CN', 1102, '纸机车间主任'),
  stock: person('zhou.qiang', '周强', 'zh-CN', 1103, '制浆车间主任'),
  utilities: person('wu.haiyan', '吴海燕', 'zh-CN', 1104, '动力车间主任'),
  finishing: person('sun.lei', '孙磊', 'zh-CN', 1105, '完成车间主任'),
  logistics: person('emma.lindqvist', 'Emma Lindqvist', 'en', 1201, 'Head of logistics'),
  customers: person('david.okafor', 'David Okafor', 'en', 1202, 'Key account manager'),
  quality: person('zhao.lin', '赵琳', 'zh-CN', 1203, '质量经理'),
  planning: person('maria.keller', 'Maria Keller', 'en', 1204, 'Head of planning'),
  finance: person('tomas.novak', 'Tomáš Novák', 'en', 1205, 'Financial controller'),
  it: person('wang.xin', '王欣', 'zh-CN', 1301, '信息化经理'),
  reliability: person('anna.berg', 'Anna Berg', 'en', 1302, 'Reliability engineer'),
} as const;

const technician = (row: PersonRow, place: string, skills: Record<string, number>): TechnicianRow => ({
  ...row,
  place,
  skills,
});

export const TECHNICIANS: readonly TechnicianRow[] = [
  technician(person('liu.wei', '刘伟', 'zh-CN', 2101, '机修技师'), 'line-pm1', {
    bearings: 4,
    mechanics: 4,
    alignment: 3,
  }),
  technician(person('zhang.peng', '张鹏', 'zh-CN', 2102, '机修工'), 'line-pm1', {
    bearings: 2,
    mechanics: 3,
    balancing: 2,
  }),
  technician(person('huang.jie', '黄杰', 'zh-CN', 2103, '机修工'), 'line-stock', {
    bearings: 3,
    mechanics: 3,
    gearboxes: 3,
  }),
  technician(person('marek.dvorak', 'Marek Dvořák', 'en', 2104, 'Fitter'), 'line-utilities', {
    bearings: 3,
    balancing: 4,
    mechanics: 3,
  }),
  technician(person('xu.tao', '徐涛', 'zh-CN', 2105, '动平衡技师'), 'line-utilities', {
    balancing: 5,
    alignment: 4,
    mechanics: 3,
  }),
  technician(person('guo.ying', '郭颖', 'zh-CN', 2106, '电工'), 'line-finishing', {
    electrical: 4,
    automation: 3,
    instrumentation: 4,
  }),
  technician(person('sofia.rossi', 'Sofia Rossi', 'en', 2107, 'Drive technician'), 'line-finishing', {
    gearboxes: 4,
    alignment: 4,
    bearings: 2,
    mechanics: 3,
  }),
];

export const TEAMS = [
  { key: 'team-mechanical', name: 'Mechanical maintenance 机修班', lead: 'person-liu.wei' },
  { key: 'team-electrical', name: 'Electrical and automation 电仪班', lead: 'person-guo.ying' },
  { key: 'team-it', name: 'IT operations 信息运维组', lead: 'person-wang.xin' },
] as const;
