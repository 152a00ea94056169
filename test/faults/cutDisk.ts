import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A real ext4 file system whose power can be cut: what its cache has not written is gone. */
export interface CutDisk {
  readonly folder: string;
  /** Nothing more reaches the disk, not even the journal; every later write fails. */
  cut(): void;
  /** Mounts it again, as a machine does that starts after a power cut. Whoever used it must be gone. */
  powerOn(): Promise<void>;
  remove(): Promise<void>;
}

/** FS_IOC_SHUTDOWN with the flag that keeps even the journal from being flushed. */
const CUT = 'my $flags = pack("L", 2); open(D, "<", $ARGV[0]) or die $!; ioctl(D, 0x8004587d, $flags) or die $!';

/** Why there can be no such disk here, or null. */
export function noCutDisk(): string | null {
  if (process.getuid?.() !== 0) return 'root, to mount a file system and cut its power';
  try {
    execFileSync('sh', ['-c', 'command -v mkfs.ext4 perl losetup && test -e /dev/loop-control'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'mkfs.ext4, perl and loop devices';
  }
}

/** Makes the disk (as large as it gets filled, at most so many bytes) and mounts it below `parent`. */
export async function cutDisk(parent: string, bytes: number): Promise<CutDisk> {
  const image = join(parent, 'disk.ext4');
  const folder = join(parent, 'disk');
  writeFileSync(image, '');
  truncateSync(image, bytes);
  execFileSync('mkfs.ext4', ['-q', '-F', image]);
  mkdirSync(folder);
  const mount = () => {
    execFileSync('mount', ['-o', 'loop', image, folder], { stdio: 'pipe' });
    chmodSync(folder, 0o711);
  };
  const unmount = async () => {
    for (let attempt = 0; ; attempt++) {
      try {
        return void execFileSync('umount', [folder], { stdio: 'pipe' });
      } catch (error) {
        if (attempt > 200) throw error; // somebody still has a file open in it
        await pause(50);
      }
    }
  };
  mount();
  return {
    folder,
    cut: () => void execFileSync('perl', ['-e', CUT, folder]),
    powerOn: async () => {
      await unmount();
      mount();
    },
    remove: unmount,
  };
}
