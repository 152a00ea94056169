import type { CmdbWriter } from './cmdb.ts';
import { deviceName } from './machineCis.ts';
import { type LineKey, MACHINES } from './machineList.ts';

const LINES: readonly LineKey[] = ['stock', 'pm1', 'utilities', 'finishing'];

/** Networks, gateways, controllers, servers, databases and applications of the plant. */
export function writeInformation(cmdb: CmdbWriter): void {
  writeNetwork(cmdb);
  writeServers(cmdb);
  writeApplications(cmdb);
}

function writeNetwork(cmdb: CmdbWriter): void {
  cmdb.ci('circuit-internet', 'circuit', 'Internet line 互联网专线', { bandwidthMbps: 500 });
  for (const core of ['switch-core-1', 'switch-core-2']) {
    cmdb.ci(
      core,
      'network_device',
      core === 'switch-core-1' ? 'Core switch 1 核心交换机 1' : 'Core switch 2 核心交换机 2',
    );
    cmdb.relate('feed-server-room', 'POWERS', core);
  }
  for (const line of LINES) {
    const access = `switch-${line}`;
    cmdb.ci(access, 'network_device', `Access switch ${line} 接入交换机`);
    for (const core of ['switch-core-1', 'switch-core-2']) {
      cmdb.relate(access, 'CONNECTED_TO', core, { group: 'uplink', minUp: 1 });
    }
    cmdb.ci(`gateway-${line}`, 'gateway', `Edge gateway ${line} 边缘网关`);
    cmdb.relate(`gateway-${line}`, 'CONNECTED_TO', access);
    cmdb.ci(`plc-${line}`, 'plc', `Line controller ${line} 产线控制器`, { device: `plc-${line}` });
    cmdb.relate(`plc-${line}`, 'CONNECTED_TO', access);
    cmdb.relate(`line-${line}`, 'DEPENDS_ON', `plc-${line}`);
  }
  for (const machine of MACHINES) {
    const sensor = `node-${deviceName(machine.tag)}`;
    cmdb.ci(sensor, 'sensor', `Vibration node ${machine.tag} 振动采集节点`, { device: deviceName(machine.tag) });
    cmdb.relate(sensor, 'CONNECTED_TO', `gateway-${machine.line}`);
    cmdb.relate(sensor, 'MONITORS', deviceName(machine.tag));
  }
}

function writeServers(cmdb: CmdbWriter): void {
  for (const number of [1, 2, 3]) {
    cmdb.ci(`server-${number}`, 'server', `Virtualisation host ${number} 虚拟化主机 ${number}`, {
      cores: 32,
      memoryGb: 256,
    });
    cmdb.relate('feed-server-room', 'POWERS', `server-${number}`);
    for (const core of ['switch-core-1', 'switch-core-2']) {
      cmdb.relate(`server-${number}`, 'CONNECTED_TO', core, { group: 'uplink', minUp: 1 });
    }
  }
  for (const [key, name] of [
    ['vm-mes', 'VM mes-01'],
    ['vm-erp', 'VM erp-01'],
    ['vm-data', 'VM data-01'],
    ['vm-web', 'VM web-01'],
  ] as const) {
    cmdb.ci(key, 'vm', name);
    // A virtual machine moves when its host fails: two of three hosts carry them all.
    for (const number of [1, 2, 3]) cmdb.relate(key, 'RUNS_ON', `server-${number}`, { group: 'cluster', minUp: 2 });
  }
  for (const [key, name, vm] of [
    ['db-mes', 'MES database MES 数据库', 'vm-data'],
    ['db-erp', 'ERP database ERP 数据库', 'vm-erp'],
    ['db-historian', 'Process historian 过程数据库', 'vm-data'],
  ] as const) {
    cmdb.ci(key, 'database', name, { engine: 'PostgreSQL' });
    cmdb.relate(key, 'RUNS_ON', vm);
  }
}

function writeApplications(cmdb: CmdbWriter): void {
  for (const [key, name, vm, database] of [
    ['app-mes', 'MES 制造执行系统', 'vm-mes', 'db-mes'],
    ['app-erp', 'ERP 企业资源计划', 'vm-erp', 'db-erp'],
    ['app-lims', 'Laboratory system 实验室系统', 'vm-mes', 'db-mes'],
    ['app-wms', 'Warehouse system 仓储系统', 'vm-erp', 'db-erp'],
    ['app-portal', 'Customer portal 客户门户', 'vm-web', 'db-erp'],
    ['app-energy', 'Energy monitor 能源监测', 'vm-web', 'db-historian'],
  ] as const) {
    cmdb.ci(key, 'application', name);
    cmdb.relate(key, 'RUNS_ON', vm);
    cmdb.relate(key, 'DEPENDS_ON', database);
  }
  cmdb.relate('app-portal', 'CONNECTED_TO', 'circuit-internet');
  for (const line of LINES)
    cmdb.relate('db-historian', 'DEPENDS_ON', `gateway-${line}`, { group: 'sources', minUp: 3 });
}
