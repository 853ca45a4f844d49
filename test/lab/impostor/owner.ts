import { join } from 'node:path';
import type { AgentHandle } from '../agent-handle.ts';
import { PROJECT_ROOT } from '../project-root.ts';
import type { Station } from '../station.ts';
import { ROUTER_LAN_IPV4 } from '../topology.ts';
import type { Visit, Visited } from './visit.ts';

const GIBIBYTE = 1 << 30;

export const PRODUCTS = {
	currency: 'EUR',
	tariffs: [{ name: 'data', microPerMebibyte: 20_000 }],
	plans: [
		{ name: 'large', title: '1 GiB', bytes: GIBIBYTE },
		{ name: 'coins', title: '5.00', micro: 5_000_000, tariff: 'data' },
		{ name: 'priced', title: '12 MiB', bytes: 12 << 20, priceMicro: 90_000 },
		{ name: 'month', title: 'A month', bytes: GIBIBYTE, validForSeconds: 2_592_000, renews: true },
	],
};

/** A device of the owner's that is never there. */
export const TABLET_MAC = '02:00:5e:10:aa:01';
const GROUP = 'club';
const ACCOUNT = 'owner-1';
const ACCOUNT_PAGES = ['/top-up', '/devices', '/gift', '/group', '/alerts', '/receipt', '/why'] as const;
const FORM_PAGES = ['/', '/top-up', '/devices', '/gift', '/group'] as const;

/** Visits the portal from a station, each request on a connection of its own. */
export async function visit(station: Pick<Station, 'namespace'>, visits: readonly Visit[]): Promise<Visited[]> {
	const program = join(PROJECT_ROOT, 'build/test/lab/impostor/visitor.js');
	return JSON.parse(await station.namespace.run(process.execPath, [program, JSON.stringify(visits)])) as Visited[];
}

/** A customer who came by a code: with data, money, a plan that renews, a second device, and a group. */
export class Owner {
	readonly agent: AgentHandle;
	readonly station: Station;
	readonly account = ACCOUNT;
	readonly #code: string;
	#tokens: Record<string, string> = {};
	#renewal = '';

	private constructor(agent: AgentHandle, station: Station, code: string) {
		this.agent = agent;
		this.station = station;
		this.#code = code;
	}

	static async admit(agent: AgentHandle, station: Station): Promise<Owner> {
		const { codes } = await agent.ask<{ codes: { code: string }[] }>('voucher.create', {
			batch: 'owner',
			plan: 'large',
			count: 1,
			devices: 5,
		});
		const owner = new Owner(agent, station, (codes[0] as { code: string }).code);
		await owner.enterCode();
		for (const plan of ['coins', 'month']) await agent.topUp(ACCOUNT, plan);
		await agent.ask('account.create', { account: GROUP });
		await agent.topUp(GROUP, 'large');
		await agent.ask('group.join', { group: GROUP, account: ACCOUNT });
		await agent.ask('station.attach', { mac: TABLET_MAC, account: ACCOUNT });
		const { renewals } = await agent.ask<{ renewals: { id: string }[] }>('account.show', { account: ACCOUNT });
		owner.#renewal = renewals[0]?.id ?? '';
		return owner;
	}

	async enterCode(from?: string): Promise<Visited> {
		const order = { host: ROUTER_LAN_IPV4, page: '/', path: '/redeem', fields: { code: this.#code } };
		const [answer] = await visit(this.station, [{ ...order, ...(from === undefined ? {} : { from }) }]);
		return answer as Visited;
	}

	/** Reads the tokens of his forms. On an open Wi-Fi everybody can. */
	async openForms(): Promise<void> {
		const pages = await visit(
			this.station,
			FORM_PAGES.map((path) => ({ host: ROUTER_LAN_IPV4, path })),
		);
		for (const { body } of pages) {
			for (const [, action = '', token = ''] of body.matchAll(
				/<form method="post" action="([^"]+)"[^>]*>\s*<input type="hidden" name="token" value="([^"]+)"/g,
			)) {
				this.#tokens[action] = token;
			}
		}
	}

	/** Every form that moves or shares credit, or changes his devices, with a token of his own. */
	forms(): Pick<Visit, 'path' | 'fields'>[] {
		const tokens = this.#tokens;
		const mac = TABLET_MAC;
		const forms: [string, Record<string, string>][] = [
			['/gift', { unit: 'byte', amount: '1000' }],
			['/group/permit', { unit: 'byte', amount: '10' }],
			['/devices/pair', {}],
			['/devices/rename', { mac, name: 'Stolen' }],
			['/devices/remove', { mac }],
			['/buy', { plan: 'priced' }],
			['/renewal/end', { renewal: this.#renewal }],
		];
		return forms.map(([path, fields]) => ({ path, fields: { ...fields, token: tokens[path] ?? '' } }));
	}

	/** What he can be told of himself only: the pages of his account, and the figures. */
	pages(): Pick<Visit, 'path'>[] {
		return ['/', '/api/status', '/api/cost', ...ACCOUNT_PAGES].map((path) => ({ path }));
	}

	/** Gives a megabyte away, as he may. @returns whether he got a code for it */
	async gives(): Promise<boolean> {
		const fields = { unit: 'byte', amount: '1', proof: this.#code };
		const [answer] = await visit(this.station, [{ host: ROUTER_LAN_IPV4, page: '/gift', path: '/gift', fields }]);
		return answer !== undefined && hasCode(answer);
	}

	/** What others must not change: purchases and gifts in the books, devices, open pairings, and what renews. */
	async state(): Promise<{ credit: string; devices: string; codes: string }> {
		const { agent } = this;
		const history = await agent.ask<{ reason: string; unit: string; amount: number }[]>('account.history', {
			account: ACCOUNT,
			limit: 1000,
		});
		const moved = history.filter(({ reason }) => !['used', 'included', 'rated', 'lost_venue'].includes(reason));
		const { renewals } = await agent.ask<{ renewals: unknown[] }>('account.show', { account: ACCOUNT });
		const gifts = await agent.ask<{ id: string }[]>('gift.list', { account: ACCOUNT });
		const pairings = await agent.ask<{ code: string }[]>('pair.list');
		const stations = (await agent.stations()).filter(({ account }) => account === ACCOUNT).map(({ mac }) => mac);
		return {
			credit: JSON.stringify([moved, renewals]),
			devices: stations.toSorted().join(),
			codes: JSON.stringify([...gifts.map(({ id }) => id), ...pairings.map(({ code }) => code)]),
		};
	}

	/** Lets him have his devices again, after somebody has moved one. */
	async restore(): Promise<void> {
		for (const mac of [this.station.mac, TABLET_MAC]) {
			const row = (await this.agent.stations()).find((one) => one.mac === mac);
			if (row?.account !== undefined && row.account !== ACCOUNT) await this.agent.ask('station.detach', { mac });
			if (row?.account !== ACCOUNT) await this.agent.ask('station.attach', { mac, account: ACCOUNT });
		}
	}
}

/** Whether an answer tells something of the account. */
export function tells({ path }: Pick<Visit, 'path'>, { status, body }: Visited): boolean {
	if (status !== 200) return false;
	if (path === '/api/status') return !body.includes('"state":"walled');
	if (path === '/api/cost') return /"remaining"|walletMicro/.test(body);
	return (ACCOUNT_PAGES as readonly string[]).includes(path) || body.includes('/receipt"') || body.includes(ACCOUNT);
}

/** Whether a form was carried out. */
export function acted(answer: Visited): boolean {
	return answer.status === 303 || (answer.status === 200 && hasCode(answer));
}

export function hasCode({ body }: Visited): boolean {
	return body.includes('class="big code"');
}
