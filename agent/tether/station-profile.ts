import { systemOfName } from './connectivity-names.ts';
import { type DhcpFingerprint, systemOfDhcp } from './dhcp-fingerprint.ts';
import { EVIDENCE_RULES, type EvidenceKind, FLOW_ENTERS, STANDING_POINTS } from './evidence.ts';
import { EvidenceBook } from './evidence-book.ts';
import type { FlowFacts, SynFacts } from './flow-facts.ts';
import { hopStart } from './hop-limit.ts';
import type { SignatureBook } from './signature-book.ts';
import { isReduced, type Stack, StackHistory } from './stack-history.ts';
import { contradictsName, contradictsStack, SYSTEM_NAMES, type System } from './system.ts';

/** Questions of one system in so short a time are one look-up. */
const NAME_REPEATED_MS = 5000;

/** Every stack leaves all but the segment size out for somebody, and scanners never send more: it names no system. */
const BARE = 'mss';

/** What is known about one station. Everything in it is of a bounded size. */
export class StationProfile {
	readonly evidence = new EvidenceBook();
	readonly #book: SignatureBook;
	readonly #stacks = new StackHistory();
	#dhcp: System | undefined;
	/** The first system whose connectivity check was looked up. */
	#firstName: System | undefined;
	/**
	 * The start value that packets straight from the station had first, of each version: routers advertise one for IPv6 (RFC 4861,
	 * 4.2), so that Windows begins with 128 here and with 64 there.
	 */
	readonly #starts: Partial<Record<4 | 6, number>> = {};
	/** The versions of which one more hop was seen: nobody hides hops there. */
	readonly #openly = new Set<4 | 6>();
	#lastName: System | undefined;
	#lastNameMs = 0;
	/** Points of the flow that is being looked at. */
	#points = 0;

	constructor(book: SignatureBook) {
		this.#book = book;
	}

	/** Takes in the first packet of a flow, and says whether that flow comes from behind the station. */
	judge(facts: FlowFacts, nowMs: number): boolean {
		this.#points = 0;
		this.#judgeHops(facts, nowMs);
		if (facts.syn !== undefined) this.#judgeSyn(facts, facts.syn, nowMs);
		if (facts.question !== undefined) this.heardName(facts.question, nowMs);
		if (this.#points === 0) return false;
		return this.#points + this.#standingPoints(facts, nowMs) >= FLOW_ENTERS;
	}

	/** Where tethered flows show their hop, one without it is the station's own, unless it shows enough by itself. */
	#standingPoints({ version, hopLimit }: FlowFacts, nowMs: number): number {
		if (hopStart(hopLimit) === hopLimit && this.#openly.has(version)) return 0;
		return this.evidence.standing(nowMs).tethering ? STANDING_POINTS : 0;
	}

	heardDhcp(fingerprint: DhcpFingerprint): void {
		this.#dhcp = systemOfDhcp(fingerprint) ?? this.#dhcp;
	}

	heardName(name: string, nowMs: number): void {
		const asked = systemOfName(name);
		if (asked === undefined || this.#isRepeated(asked, nowMs)) return;
		const stack = this.#stacks.own(this.#dhcp);
		this.#firstName ??= asked;
		const isOther =
			this.#dhcp !== undefined
				? contradictsName(this.#dhcp, asked)
				: contradictsStack(asked, stack?.system) ||
					(asked !== this.#firstName && contradictsName(this.#firstName, asked));
		if (isOther) this.#show('name_other', `${name}, asked for by ${SYSTEM_NAMES[asked]}`, nowMs);
	}

	/** Both kinds of address are asked for at once, and the queue and the sensor may both hear it. */
	#isRepeated(asked: System, nowMs: number): boolean {
		const isRepeated = asked === this.#lastName && nowMs - this.#lastNameMs < NAME_REPEATED_MS;
		[this.#lastName, this.#lastNameMs] = [asked, nowMs];
		return isRepeated;
	}

	#judgeHops({ version, hopLimit, isTranslated }: FlowFacts, nowMs: number): void {
		const start = hopStart(hopLimit);
		if (start === undefined || isTranslated) return;
		const what = version === 4 ? 'TTL' : 'hop limit';
		const hops = start - hopLimit;
		if (hops === 1) {
			this.#openly.add(version);
			this.#show('one_hop', `${what} ${hopLimit}`, nowMs);
		} else if (hops > 1) this.#show('some_hops', `${what} ${hopLimit}`, nowMs);
		else {
			const first = this.#starts[version] ?? start;
			this.#starts[version] = first;
			if (start !== first) this.#show('start_mixed', `${what} ${hopLimit} beside ${first}`, nowMs);
		}
	}

	#judgeSyn({ version, hopLimit }: FlowFacts, syn: SynFacts, nowMs: number): void {
		const start = hopStart(hopLimit);
		const match = this.#book.find({ ...syn, version, hopLimit });
		const isBare = syn.layout === BARE;
		const system = isBare ? undefined : match?.signature.system;
		const { stack, alternates } = this.#stacks.see(
			{
				layout: syn.layout,
				label: match?.signature.label ?? 'an unknown system',
				system,
				isBare,
				scale: syn.scale,
				isTool: match?.signature.isTool ?? false,
				isNear: start === hopLimit,
			},
			nowMs,
		);
		if (stack.isTool) return;
		const own = this.#stacks.own(this.#dhcp);
		if (contradictsStack(this.#dhcp, system)) {
			this.#show('dhcp_other', `${stack.label}; by DHCP ${SYSTEM_NAMES[this.#dhcp as System]}`, nowMs);
		}
		if (version === 4 && !isBare && match?.contradictsStart && start === hopLimit && stack !== own) {
			this.#show('start_wrong', `${stack.label} with ${hopLimit} instead of ${match.signature.start}`, nowMs);
		}
		if (own === undefined) return;
		if (stack !== own) this.#judgeStack(stack, own, nowMs);
		else if (syn.scale !== own.scale) {
			this.#show('scale_other', `scale ${syn.scale} beside ${own.scale}`, nowMs);
		}
		if (alternates && stack === own) this.#show('layout_alternates', own.label, nowMs);
	}

	#judgeStack(stack: Stack, own: Stack, nowMs: number): void {
		const isOther = contradictsStack(own.system, stack.system);
		const kind = isOther || !isReduced(stack.layout, own.layout) ? 'layout_other' : 'layout_reduced';
		this.#show(kind, `${stack.label} (${stack.layout || 'none'}) beside ${own.label} (${own.layout || 'none'})`, nowMs);
	}

	#show(kind: EvidenceKind, detail: string, nowMs: number): void {
		this.#points += EVIDENCE_RULES[kind].flow;
		this.evidence.add(kind, detail, nowMs);
	}
}
