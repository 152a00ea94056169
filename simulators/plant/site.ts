import type { CmdbWriter } from './cmdb.ts';
import { OWNERS, TEAMS, TECHNICIANS } from './people.ts';
import { SUPPLIERS } from './suppliers.ts';

/** Site, buildings, lines and the power that feeds them. */
export function writeSite(cmdb: CmdbWriter): void {
  cmdb.ci('site-linjiang', 'site', 'Linjiang paper mill 临江纸业', { country: 'CN', timeZone: 'Asia/Shanghai' });
  for (const [key, name] of [
    ['building-pulp', 'Pulp hall 制浆车间'],
    ['building-pm', 'Paper machine hall 抄纸车间'],
    ['building-power', 'Power house 动力站'],
  ] as const) {
    cmdb.ci(key, 'building', name);
    cmdb.relate(key, 'LOCATED_IN', 'site-linjiang');
  }
  for (const [key, name, building, leader] of [
    ['line-stock', 'Stock preparation 制浆线', 'building-pulp', OWNERS.stock],
    ['line-pm1', 'Paper machine 1 一号纸机', 'building-pm', OWNERS.productionDeputy],
    ['line-utilities', 'Utilities 公用工程', 'building-power', OWNERS.utilities],
    ['line-finishing', 'Finishing 完成线', 'building-pm', OWNERS.finishing],
  ] as const) {
    cmdb.ci(key, 'line', name, { device: key.replace('line-', 'plc-') });
    cmdb.relate(key, 'LOCATED_IN', building);
    cmdb.own(key, leader.key, 'accountable');
    cmdb.relate(`feed-${key.replace('line-', '')}`, 'POWERS', key);
  }
  cmdb.relate('line-pm1', 'DEPENDS_ON', 'line-stock');
  cmdb.relate('line-pm1', 'DEPENDS_ON', 'line-utilities');
  writePower(cmdb);
}

function writePower(cmdb: CmdbWriter): void {
  for (const [key, name] of [
    ['feed-grid-1', 'Grid feed 1 电网进线 1'],
    ['feed-grid-2', 'Grid feed 2 电网进线 2'],
    ['feed-stock', 'Switchboard stock preparation 制浆配电柜'],
    ['feed-pm1', 'Switchboard paper machine 纸机配电柜'],
    ['feed-utilities', 'Switchboard power house 动力站配电柜'],
    ['feed-finishing', 'Switchboard finishing 完成线配电柜'],
    ['feed-server-room', 'UPS server room 机房不间断电源'],
  ] as const) {
    cmdb.ci(key, 'power_feed', name);
    if (key.startsWith('feed-grid')) continue;
    for (const grid of ['feed-grid-1', 'feed-grid-2']) cmdb.relate(grid, 'POWERS', key, { group: 'grid', minUp: 1 });
  }
}

/** Everybody whom Faultline may have to tell, and who delivers what. */
export function writePeople(cmdb: CmdbWriter): void {
  for (const { key, name, ...attributes } of Object.values(OWNERS)) cmdb.ci(key, 'person', name, attributes);
  for (const { key, name, skills, place, ...attributes } of TECHNICIANS) {
    cmdb.ci(key, 'person', name, { ...attributes, skills });
    cmdb.relate(key, 'LOCATED_IN', place);
  }
  for (const { key, name, lead } of TEAMS) {
    cmdb.ci(key, 'team', name);
    cmdb.own(key, lead, 'accountable');
  }
  for (const { key, name, email, phone, locale } of SUPPLIERS) {
    cmdb.ci(key, 'supplier', name, { email, phone, locale });
    cmdb.ci(`contract-${key}`, 'contract', `Service contract ${name} 维保合同`, { responseHours: 8 });
    cmdb.relate(`contract-${key}`, 'SUPPLIED_BY', key);
  }
}
