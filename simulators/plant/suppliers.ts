import type { MachineKind } from './machineList.ts';

export interface SupplierRow {
  key: string;
  name: string;
  email: string;
  phone: string;
  locale: 'zh-CN' | 'en';
  /** Kinds of machines that it delivers. */
  delivers: readonly MachineKind[];
}

export const SUPPLIERS: readonly SupplierRow[] = [
  {
    key: 'supplier-jinlu',
    name: 'Jinlu Pump Works 金麓泵业',
    email: 'support@jinlu.plant.example',
    phone: '+86 731 5550 4001',
    locale: 'zh-CN',
    delivers: ['pump'],
  },
  {
    key: 'supplier-nordvent',
    name: 'Nordvent Industrial Fans',
    email: 'service@nordvent.plant.example',
    phone: '+46 8 555 0142',
    locale: 'en',
    delivers: ['fan'],
  },
  {
    key: 'supplier-weida',
    name: 'Weida Drives 威达传动',
    email: 'service@weida.plant.example',
    phone: '+86 512 5550 4003',
    locale: 'zh-CN',
    delivers: ['motor', 'gearbox', 'conveyor'],
  },
];
