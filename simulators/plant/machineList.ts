import type { BearingName } from './bearings.ts';

export type LineKey = 'stock' | 'pm1' | 'utilities' | 'finishing';
export type MachineKind = 'pump' | 'fan' | 'motor' | 'conveyor' | 'gearbox';

/** One machine of the plant as its nameplate and drawing describe it. */
export interface MachineRow {
  tag: string;
  en: string;
  zh: string;
  kind: MachineKind;
  line: LineKey;
  powerKw: number;
  ratedRpm: number;
  /** Drive-end and non-drive-end bearing. */
  bearings: readonly [BearingName, BearingName];
  /** Impeller vanes or fan blades, or teeth of the gear on the measured shaft. */
  passes: number;
  /** Group of like machines of which only some are needed. */
  group?: string;
}

/** How many of a group's machines must run. */
export const GROUPS: Record<string, number> = {
  'pulper-discharge': 1,
  'stock-transfer': 2,
  'fan-pumps': 2,
  vacuum: 1,
  'cooling-water': 2,
  'boiler-feed': 1,
  'compressed-air': 1,
};

type Short = [
  tag: string,
  en: string,
  zh: string,
  kind: MachineKind,
  powerKw: number,
  ratedRpm: number,
  drive: BearingName,
  other: BearingName,
  passes: number,
  group?: string,
];

const STOCK: Short[] = [
  ['SP-C101', 'Pulp bale conveyor', '浆板输送机', 'conveyor', 18.5, 980, '6309', '6208', 0],
  ['SP-P101A', 'Pulper discharge pump A', '碎浆机出浆泵 A', 'pump', 75, 1485, '6316', '6312', 4, 'pulper-discharge'],
  ['SP-P101B', 'Pulper discharge pump B', '碎浆机出浆泵 B', 'pump', 75, 1485, '6316', '6312', 4, 'pulper-discharge'],
  ['SP-R101', 'Double-disc refiner 1', '双盘磨浆机 1', 'motor', 280, 990, '22222', '22218', 0],
  ['SP-R102', 'Double-disc refiner 2', '双盘磨浆机 2', 'motor', 280, 990, '22222', '22218', 0],
  ['SP-P111A', 'Stock transfer pump A', '上浆泵 A', 'pump', 55, 1480, '6312', '6309', 5, 'stock-transfer'],
  ['SP-P111B', 'Stock transfer pump B', '上浆泵 B', 'pump', 55, 1480, '6312', '6309', 5, 'stock-transfer'],
  ['SP-P111C', 'Stock transfer pump C', '上浆泵 C', 'pump', 55, 1480, '6312', '6309', 5, 'stock-transfer'],
  ['SP-G101', 'Chest agitator gearbox', '浆池搅拌器减速机', 'gearbox', 37, 1475, '6309', '7312', 23],
];

const PM1: Short[] = [
  ['PM-P201A', 'Fan pump A', '冲浆泵 A', 'pump', 160, 1488, '6319', '7312', 6, 'fan-pumps'],
  ['PM-P201B', 'Fan pump B', '冲浆泵 B', 'pump', 160, 1488, '6319', '7312', 6, 'fan-pumps'],
  ['PM-P201C', 'Fan pump C', '冲浆泵 C', 'pump', 160, 1488, '6319', '7312', 6, 'fan-pumps'],
  ['PM-P211A', 'Vacuum pump A', '真空泵 A', 'pump', 132, 990, '22218', '22218', 12, 'vacuum'],
  ['PM-P211B', 'Vacuum pump B', '真空泵 B', 'pump', 132, 990, '22218', '22218', 12, 'vacuum'],
  ['PM-F201', 'Hood exhaust fan', '气罩排风机', 'fan', 90, 1480, '22218', '6316', 11],
  ['PM-F202', 'Hood supply fan', '气罩送风机', 'fan', 75, 1480, '6316', '6316', 12],
  ['PM-G201', 'Dryer section gearbox', '烘干部减速机', 'gearbox', 110, 1490, '6316', '7312', 27],
  ['PM-G202', 'Press section gearbox', '压榨部减速机', 'gearbox', 132, 1490, '6319', '7312', 31],
  ['PM-M201', 'Reel drive motor', '卷纸机驱动电机', 'motor', 45, 1470, '6312', '6309', 0],
];

const UTILITIES: Short[] = [
  ['UT-P301A', 'Cooling water pump A', '冷却水泵 A', 'pump', 90, 1480, '6316', '6312', 6, 'cooling-water'],
  ['UT-P301B', 'Cooling water pump B', '冷却水泵 B', 'pump', 90, 1480, '6316', '6312', 6, 'cooling-water'],
  ['UT-P301C', 'Cooling water pump C', '冷却水泵 C', 'pump', 90, 1480, '6316', '6312', 6, 'cooling-water'],
  ['UT-P311A', 'Boiler feed pump A', '锅炉给水泵 A', 'pump', 110, 2970, '6312', '7312', 7, 'boiler-feed'],
  ['UT-P311B', 'Boiler feed pump B', '锅炉给水泵 B', 'pump', 110, 2970, '6312', '7312', 7, 'boiler-feed'],
  ['UT-F301', 'Induced draught fan', '引风机', 'fan', 200, 990, '22222', '22218', 12],
  ['UT-F302', 'Forced draught fan', '鼓风机', 'fan', 90, 1485, '6316', '6316', 10],
  ['UT-K301A', 'Air compressor A', '空压机 A', 'motor', 132, 1490, '6319', '6316', 0, 'compressed-air'],
  ['UT-K301B', 'Air compressor B', '空压机 B', 'motor', 132, 1490, '6319', '6316', 0, 'compressed-air'],
  ['UT-C301', 'Biomass feed conveyor', '生物质输送机', 'conveyor', 15, 970, '6309', '6208', 0],
];

const FINISHING: Short[] = [
  ['FN-M401', 'Winder drive motor', '复卷机驱动电机', 'motor', 110, 1485, '6316', '6312', 0],
  ['FN-G401', 'Winder gearbox', '复卷机减速机', 'gearbox', 110, 1485, '6316', '7312', 29],
  ['FN-C401', 'Roll conveyor', '纸卷输送机', 'conveyor', 15, 970, '6309', '6208', 0],
  ['FN-F401', 'Trim exhaust fan', '纸边抽风机', 'fan', 30, 2950, '6309', '6309', 8],
];

function rows(line: LineKey, short: Short[]): MachineRow[] {
  return short.map(([tag, en, zh, kind, powerKw, ratedRpm, drive, other, passes, group]) => ({
    tag,
    en,
    zh,
    kind,
    line,
    powerKw,
    ratedRpm,
    bearings: [drive, other],
    passes,
    ...(group === undefined ? {} : { group }),
  }));
}

/** The rotating machines of the plant, line by line. */
export const MACHINES: readonly MachineRow[] = [
  ...rows('stock', STOCK),
  ...rows('pm1', PM1),
  ...rows('utilities', UTILITIES),
  ...rows('finishing', FINISHING),
];
