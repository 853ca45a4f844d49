import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { OctroiError } from '../../agent/core/octroi-error.ts';
import { currentPrivilege, LAB_DIRECTORY } from './namespace/private-namespaces.ts';
import { runProgram } from './namespace/program.ts';

const IMAGE_SIZE = '64M';
/** EXT4_IOC_SHUTDOWN (fs/ext4/ext4.h, the same number as XFS_IOC_GOINGDOWN) with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing more reaches the disk. */
const SHUTDOWN_PROGRAM = `
open(my $directory, '<', $ARGV[0]) or die "open: $!";
my $flags = pack('L', 2);
ioctl($directory, 0x8004587d, $flags) or die "shutdown: $!";
`;

/** A small disk whose power can be cut: ext4 on a loop device. What was not synced is lost, as on flash. */
export class PowerImage {
	readonly directory = join(LAB_DIRECTORY, 'disk');
	readonly #image = join(LAB_DIRECTORY, 'disk.img');

	/** Makes and mounts it. Throws `permission_denied` in a user namespace: only root of the machine mounts a loop device. */
	async start(): Promise<void> {
		if (currentPrivilege() !== 'root') {
			throw new OctroiError('permission_denied', 'this scenario mounts a loop device, and only root may', {
				fix: 'run it as root',
			});
		}
		mkdirSync(this.directory, { recursive: true });
		await runProgram('truncate', ['-s', IMAGE_SIZE, this.#image]);
		await runProgram('mkfs.ext4', ['-q', '-F', this.#image]);
		await this.mount();
	}

	/** Power is there again: the journal is replayed. */
	async mount(): Promise<void> {
		// The mount owns the loop device (autoclear): it goes with the last mount, also when the lab is killed.
		await runProgram('mount', ['-o', 'loop', this.#image, this.directory]);
	}

	/** From this moment on nothing is written any more; programs that have files open get errors. */
	async cut(): Promise<void> {
		await runProgram('perl', ['-e', SHUTDOWN_PROGRAM, this.directory]);
	}

	async unmount(): Promise<void> {
		await runProgram('umount', [this.directory]);
	}
}
