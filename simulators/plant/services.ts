import type { CmdbWriter } from './cmdb.ts';
import { OWNERS } from './people.ts';

interface ServiceRow {
  key: string;
  name: string;
  criticality: 1 | 2 | 3 | 4;
  costPerHour: number;
  users: number;
  needs: readonly string[];
  accountable: keyof typeof OWNERS;
  deputy?: keyof typeof OWNERS;
}

const SERVICES: readonly ServiceRow[] = [
  {
    key: 'service-paper',
    name: 'Paper production PM1 一号纸机生产',
    criticality: 1,
    costPerHour: 86_000,
    users: 240,
    needs: ['line-pm1', 'app-mes'],
    accountable: 'production',
    deputy: 'productionDeputy',
  },
  {
    key: 'service-energy',
    name: 'Steam, air and cooling water supply 蒸汽、压缩空气与冷却水供应',
    criticality: 1,
    costPerHour: 60_000,
    users: 400,
    needs: ['line-utilities'],
    accountable: 'utilities',
  },
  {
    key: 'service-fulfilment',
    name: 'Order fulfilment 订单交付',
    criticality: 2,
    costPerHour: 24_000,
    users: 130,
    needs: ['service-paper', 'line-finishing', 'app-wms', 'app-erp'],
    accountable: 'logistics',
  },
  {
    key: 'service-planning',
    name: 'Production planning 生产计划',
    criticality: 2,
    costPerHour: 6_000,
    users: 45,
    needs: ['app-mes', 'app-erp'],
    accountable: 'planning',
  },
  {
    key: 'service-quality',
    name: 'Quality certificates 质量证书',
    criticality: 2,
    costPerHour: 9_000,
    users: 60,
    needs: ['app-lims'],
    accountable: 'quality',
  },
  {
    key: 'service-portal',
    name: 'Customer portal 客户门户',
    criticality: 3,
    costPerHour: 2_500,
    users: 1_800,
    needs: ['app-portal'],
    accountable: 'customers',
  },
  {
    key: 'service-monitoring',
    name: 'Condition monitoring 状态监测',
    criticality: 3,
    costPerHour: 1_200,
    users: 25,
    needs: ['db-historian'],
    accountable: 'reliability',
  },
  {
    key: 'service-reporting',
    name: 'Energy reporting 能源报表',
    criticality: 4,
    costPerHour: 300,
    users: 12,
    needs: ['app-energy'],
    accountable: 'finance',
  },
];

/** Business services: what they need, what their loss costs, and who answers for them. */
export function writeServices(cmdb: CmdbWriter): void {
  cmdb.ci('capability-supply', 'business_capability', 'Supply printing paper 文化纸供应', {
    criticality: 1,
    costPerHour: 0,
    users: 0,
  });
  cmdb.relate('capability-supply', 'DEPENDS_ON', 'service-fulfilment');
  for (const service of SERVICES) {
    cmdb.ci(service.key, 'business_service', service.name, {
      criticality: service.criticality,
      costPerHour: service.costPerHour,
      users: service.users,
    });
    for (const needed of service.needs) cmdb.relate(service.key, 'DEPENDS_ON', needed);
    cmdb.own(service.key, OWNERS[service.accountable].key, 'accountable');
    if (service.deputy) cmdb.own(service.key, OWNERS[service.deputy].key, 'deputy');
  }
}
