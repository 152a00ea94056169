/** One code of a closure list with its names. */
export interface ClosureCode {
  readonly code: string;
  readonly en: string;
  readonly zh: string;
}

const row = (code: string, en: string, zh: string): ClosureCode => ({ code, en, zh });

/** Failure modes of rotating equipment: how the failure showed itself. ISO 14224:2016, table B.6. */
export const FAILURE_MODES: readonly ClosureCode[] = [
  row('AIR', 'abnormal instrument reading', '仪表读数异常'),
  row('BRD', 'breakdown', '损坏停机'),
  row('ERO', 'erratic output', '输出不稳定'),
  row('ELP', 'external leakage of process medium', '工艺介质外漏'),
  row('ELU', 'external leakage of utility medium', '公用介质外漏'),
  row('FTS', 'fails to start on demand', '无法启动'),
  row('HIO', 'high output', '输出过高'),
  row('INL', 'internal leakage', '内漏'),
  row('LOO', 'low output', '输出过低'),
  row('NOI', 'noise', '异响'),
  row('OHE', 'overheating', '过热'),
  row('PDE', 'parameter deviation', '参数偏差'),
  row('PLU', 'plugged or choked', '堵塞'),
  row('SER', 'minor in-service problem', '轻微运行问题'),
  row('STD', 'structural deficiency', '结构缺陷'),
  row('STP', 'fails to stop on demand', '无法停机'),
  row('UST', 'spurious stop', '误停机'),
  row('VIB', 'vibration', '振动'),
  row('OTH', 'other', '其他'),
  row('UNK', 'unknown', '未知'),
];

/** Failure mechanisms: what physically happened. ISO 14224:2016, table B.2. */
export const FAILURE_MECHANISMS: readonly ClosureCode[] = [
  row('1.0', 'mechanical, general', '机械类，一般'),
  row('1.1', 'leakage', '泄漏'),
  row('1.2', 'vibration', '振动'),
  row('1.3', 'clearance or alignment', '间隙或对中'),
  row('1.4', 'deformation', '变形'),
  row('1.5', 'looseness', '松动'),
  row('1.6', 'sticking', '卡滞'),
  row('2.0', 'material, general', '材料类，一般'),
  row('2.1', 'cavitation', '汽蚀'),
  row('2.2', 'corrosion', '腐蚀'),
  row('2.3', 'erosion', '冲蚀'),
  row('2.4', 'wear', '磨损'),
  row('2.5', 'breakage', '断裂'),
  row('2.6', 'fatigue', '疲劳'),
  row('2.7', 'overheating', '过热'),
  row('2.8', 'burst', '爆裂'),
  row('3.0', 'instrument, general', '仪表类，一般'),
  row('3.1', 'control failure', '控制失效'),
  row('3.2', 'no signal, indication or alarm', '无信号、指示或报警'),
  row('3.3', 'faulty signal, indication or alarm', '信号、指示或报警错误'),
  row('3.4', 'out of adjustment', '失调'),
  row('3.5', 'software error', '软件错误'),
  row('3.6', 'common cause', '共因失效'),
  row('4.0', 'electrical, general', '电气类，一般'),
  row('4.1', 'short circuit', '短路'),
  row('4.2', 'open circuit', '断路'),
  row('4.3', 'no power or voltage', '无电源或电压'),
  row('4.4', 'faulty power or voltage', '电源或电压异常'),
  row('4.5', 'earth or isolation fault', '接地或绝缘故障'),
  row('5.0', 'external influence, general', '外部影响，一般'),
  row('5.1', 'blockage or plugging', '堵塞'),
  row('5.2', 'contamination', '污染'),
  row('5.3', 'other external influence', '其他外部影响'),
  row('6.0', 'miscellaneous, general', '其他，一般'),
  row('6.1', 'no cause found', '未找到原因'),
  row('6.2', 'combined causes', '多种原因'),
  row('6.3', 'other', '其他'),
  row('6.4', 'unknown', '未知'),
];

/** Failure causes: why it came to that. ISO 14224:2016, table B.3. */
export const FAILURE_CAUSES: readonly ClosureCode[] = [
  row('1.0', 'design, general', '设计类，一般'),
  row('1.1', 'improper capacity', '能力不当'),
  row('1.2', 'improper material', '材料不当'),
  row('2.0', 'fabrication or installation, general', '制造或安装类，一般'),
  row('2.1', 'fabrication failure', '制造缺陷'),
  row('2.2', 'installation failure', '安装缺陷'),
  row('3.0', 'operation or maintenance, general', '运行或维护类，一般'),
  row('3.1', 'off-design service', '超设计工况'),
  row('3.2', 'operating error', '操作失误'),
  row('3.3', 'maintenance error', '维护失误'),
  row('3.4', 'expected wear and tear', '正常磨损'),
  row('4.0', 'management, general', '管理类，一般'),
  row('4.1', 'documentation error', '文件错误'),
  row('4.2', 'management error', '管理失误'),
  row('5.0', 'miscellaneous, general', '其他，一般'),
  row('5.1', 'no cause found', '未找到原因'),
  row('5.2', 'common cause', '共同原因'),
  row('5.3', 'combined causes', '多种原因'),
  row('5.4', 'other failing equipment', '其他设备故障'),
  row('5.5', 'other', '其他'),
  row('5.6', 'unknown', '未知'),
];
