import type { z } from 'zod';
import { type CiTypeDefinition, ciTypeDefinition } from './definitions.ts';

type Row = z.input<typeof ciTypeDefinition>;
type Attribute = NonNullable<Row['attributes']>[number];
type Field = NonNullable<Attribute['fields']>[number];
/** What an attribute is beside its name, kind and description. */
type More = Omit<Attribute, 'name' | 'kind' | 'description'>;

function attribute(name: string, kind: Attribute['kind'], en: string, zh: string, more: More = {}): Attribute {
  return { name, kind, description: { en, zh }, ...more };
}

function order(name: string, en: string, zh: string): Field {
  return { name, kind: 'number', description: { en, zh }, required: true, above: 0, unit: '× rpm' };
}

/** A type without anything of its own. */
function type(name: string, parent: string, en: string, zh: string, attributes: Attribute[] = []): Row {
  return { name, parent, label: { en, zh }, attributes };
}

function abstract(name: string, en: string, zh: string, attributes: Attribute[] = []): Row {
  return { ...type(name, 'configuration_item', en, zh, attributes), abstract: true };
}

const OPERATING_POINT_ZH = { speed: '转速', load: '负载', temperature: '温度', mode: '运行模式' } as const;

const SERIAL_NUMBER = attribute('serialNumber', 'text', 'the maker’s serial number', '制造商序列号');

const EQUIPMENT = [
  attribute('powerKw', 'number', 'rated power', '额定功率', { above: 0, unit: 'kW' }),
  attribute('shaftHeightMm', 'number', 'shaft height', '轴中心高', { above: 0, unit: 'mm' }),
  attribute('mounting', 'enum', 'kind of foundation (ISO 20816)', '安装基础类型（ISO 20816）', {
    values: ['rigid', 'flexible'],
  }),
  attribute('ratedRpm', 'number', 'rated speed', '额定转速', { above: 0, unit: 'rpm' }),
  attribute('machineClass', 'text', 'machine class of the vibration limits', '振动限值所用的机器类别'),
  attribute('equipmentClass', 'text', 'equipment class of ISO 14224, as PU for pumps', 'ISO 14224 设备类别，如泵为 PU'),
  attribute('lineHz', 'number', 'frequency of the mains', '电网频率', { above: 0, unit: 'Hz' }),
  attribute(
    'operatingPoints',
    'object',
    'telemetry keys of the points that say where the machine stands',
    '说明机器工况的测点遥测键',
    {
      fields: (['speed', 'load', 'temperature', 'mode'] as const).map((name) => ({
        name,
        kind: 'text' as const,
        description: { en: `telemetry key of the ${name}`, zh: `${OPERATING_POINT_ZH[name]}的遥测键` },
      })),
    },
  ),
  attribute('startUpMinutes', 'number', 'how long it takes to a steady state', '达到稳态所需时间', {
    ...{ above: 0, unit: 'min' },
  }),
];

const COMPONENT = [
  attribute('bearing', 'object', 'geometry of a rolling bearing', '滚动轴承几何参数', {
    fields: [
      {
        name: 'n',
        kind: 'integer',
        description: { en: 'rolling elements', zh: '滚动体个数' },
        required: true,
        minimum: 3,
      },
      {
        ...{ name: 'ballDiameter', kind: 'number' as const, required: true, above: 0 },
        description: { en: 'diameter of a rolling element', zh: '滚动体直径' },
      },
      {
        ...{ name: 'pitchDiameter', kind: 'number' as const, required: true, above: 0 },
        description: { en: 'pitch diameter, in the same unit', zh: '节圆直径（同一单位）' },
      },
      { name: 'contactDeg', kind: 'number', description: { en: 'contact angle', zh: '接触角' }, default: 0, unit: '°' },
    ],
  }),
  attribute('bearingOrders', 'object', 'fault frequencies of a bearing in shaft orders', '轴承故障频率（转频倍数）', {
    fields: [
      order('bpfo', 'outer ring', '外圈'),
      order('bpfi', 'inner ring', '内圈'),
      order('ftf', 'cage', '保持架'),
      order('bsf', 'rolling element', '滚动体'),
    ],
  }),
  attribute('gearTeeth', 'integer', 'teeth of a gear', '齿轮齿数', { minimum: 0 }),
];

const SERVICE = [
  attribute('criticality', 'integer', '1 is the highest, 4 the lowest', '关键程度，1 最高，4 最低', {
    ...{ minimum: 1, maximum: 4 },
  }),
  attribute('costPerHour', 'number', 'what an hour of outage costs', '每小时停机损失', { minimum: 0 }),
  attribute('users', 'integer', 'how many people it serves', '服务人数', { minimum: 0 }),
];

const PARTY = [
  attribute('email', 'text', 'address for messages', '接收消息的邮箱'),
  attribute('phone', 'text', 'number for messages', '接收消息的电话'),
  attribute('locale', 'text', 'language of messages: zh-CN or en', '消息语言：zh-CN 或 en'),
];

const ROWS: readonly Row[] = [
  {
    ...{ name: 'configuration_item', parent: null, label: { en: 'Configuration item', zh: '配置项' } },
    attributes: [
      attribute(
        'restricted',
        'boolean',
        'withheld from those without cmdb:restricted',
        '对无 cmdb:restricted 权限者隐藏',
      ),
    ],
  },
  abstract('place', 'Place', '场所'),
  type('site', 'place', 'Site', '厂区'),
  type('building', 'place', 'Building', '建筑'),
  type('line', 'place', 'Production line', '生产线'),
  type('rack', 'place', 'Rack', '机柜'),
  abstract('plant_item', 'Plant item', '工厂设备项', [SERIAL_NUMBER]),
  type('equipment', 'plant_item', 'Equipment unit', '设备', EQUIPMENT),
  type('component', 'plant_item', 'Maintainable item', '可维修部件', COMPONENT),
  type('sensor', 'plant_item', 'Sensor', '传感器'),
  type('measuring_point', 'plant_item', 'Measuring point', '测点', [
    attribute('axis', 'text', 'direction of measurement', '测量方向'),
    attribute('unit', 'text', 'unit of measurement', '计量单位'),
    attribute('telemetry', 'text', 'telemetry key, where it is not the CI’s key', '遥测键（与配置项键不同时）'),
  ]),
  type('plc', 'plant_item', 'PLC', '可编程控制器'),
  type('gateway', 'plant_item', 'Gateway', '网关'),
  abstract('it_item', 'IT item', 'IT 资产', [SERIAL_NUMBER]),
  type('server', 'it_item', 'Server', '服务器'),
  type('vm', 'it_item', 'Virtual machine', '虚拟机'),
  type('container', 'it_item', 'Container', '容器'),
  type('cluster', 'it_item', 'Cluster', '集群'),
  type('database', 'it_item', 'Database', '数据库'),
  type('application', 'it_item', 'Application', '应用系统'),
  type('network_device', 'it_item', 'Network device', '网络设备'),
  type('circuit', 'it_item', 'Circuit', '通信线路'),
  abstract('power_item', 'Power supply', '供电项', [SERIAL_NUMBER]),
  type('power_panel', 'power_item', 'Power panel', '配电盘'),
  type('power_feed', 'power_item', 'Power feed', '供电回路'),
  abstract('business_item', 'Business item', '业务项', SERVICE),
  type('business_service', 'business_item', 'Business service', '业务服务'),
  type('business_capability', 'business_item', 'Business capability', '业务能力'),
  abstract('party', 'Party', '责任方', PARTY),
  type('person', 'party', 'Person', '人员'),
  type('team', 'party', 'Team', '团队'),
  type('supplier', 'party', 'Supplier', '供应商'),
  abstract('agreement', 'Agreement', '协议', [
    attribute('startsOn', 'date', 'first day on which it holds', '生效日期'),
    attribute('endsOn', 'date', 'last day on which it holds', '终止日期'),
    attribute('costPerYear', 'number', 'what it costs a year', '年费用', { minimum: 0, sensitive: true }),
  ]),
  type('contract', 'agreement', 'Contract', '合同'),
  type('sla', 'agreement', 'Service level agreement', '服务级别协议', [
    attribute('availabilityPercent', 'number', 'share of the period in which it must work', '周期内须可用的比例', {
      ...{ above: 0, maximum: 100, unit: '%' },
    }),
    attribute('periodDays', 'number', 'the period; 30 when it is not told', '考核周期，未填时为 30', {
      ...{ above: 0, unit: 'd' },
    }),
    attribute('maxOutageMinutes', 'number', 'how long one outage may last', '单次中断的最长时间', {
      ...{ above: 0, unit: 'min' },
    }),
  ]),
];

export const STARTING_CI_TYPES: readonly CiTypeDefinition[] = ROWS.map((row) => ciTypeDefinition.parse(row));
