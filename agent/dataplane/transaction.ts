import {
	counterObject,
	deleteObject,
	deleteSetElements,
	type NetlinkRequest,
	type ObjectKind,
	type SetElement,
	setElements,
} from '../netlink/index.ts';
import { TABLE } from './names.ts';

/**
 * Collects the changes of one nf_tables transaction and puts them into the order in which the kernel accepts them: an
 * object can go only when no element refers to it, and an element can come only when its object is there.
 */
export class Transaction {
	readonly #deletedElements = new Map<string, SetElement[]>();
	readonly #deletedObjects: NetlinkRequest[] = [];
	readonly #newObjects: NetlinkRequest[] = [];
	readonly #newElements = new Map<string, SetElement[]>();

	deleteElement(set: string, key: Buffer): void {
		into(this.#deletedElements, set, { key });
	}

	deleteObject(name: string, kind: ObjectKind): void {
		this.#deletedObjects.push(deleteObject(TABLE, name, kind));
	}

	addCounter(name: string): void {
		this.#newObjects.push(counterObject(TABLE, name));
	}

	/** A new object, or a quota that takes a new limit in place. */
	setObject(request: NetlinkRequest): void {
		this.#newObjects.push(request);
	}

	addElement(set: string, element: SetElement): void {
		into(this.#newElements, set, element);
	}

	requests(): NetlinkRequest[] {
		return [
			...[...this.#deletedElements].flatMap(([set, elements]) => deleteSetElements(TABLE, set, elements)),
			...this.#deletedObjects,
			...this.#newObjects,
			...[...this.#newElements].flatMap(([set, elements]) => setElements(TABLE, set, elements)),
		];
	}
}

function into(sets: Map<string, SetElement[]>, set: string, element: SetElement): void {
	const elements = sets.get(set);
	if (elements) elements.push(element);
	else sets.set(set, [element]);
}
