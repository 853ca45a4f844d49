import test from 'ava';
import {
	EVIDENCE_RULES,
	type EvidenceKind,
	FLOW_ENTERS,
	HALF_LIFE_MS,
	STANDING_POINTS,
	STATION_ENTERS,
	STATION_LEAVES,
} from '../../../agent/tether/evidence.ts';
import { score, tethers } from '../../../agent/tether/score.ts';

const KINDS = Object.keys(EVIDENCE_RULES) as EvidenceKind[];
const sign = (kind: EvidenceKind, faded: number, lastMs = 0) => ({ kind, faded, seen: faded, lastMs, detail: '' });

test('only a hop that was counted makes a station tether by itself', (t) => {
	const alone = KINDS.filter((kind) => score([sign(kind, 1000)], 0) >= STATION_ENTERS);
	t.deepEqual(alone, ['one_hop']);
	t.true(score([sign('one_hop', 1)], 0) < STATION_ENTERS, 'and not by one packet');
});

test('a flow is tethered by itself for a hop only; of a station that tethers, for a lesser sign', (t) => {
	t.deepEqual(
		KINDS.filter((kind) => EVIDENCE_RULES[kind].flow >= FLOW_ENTERS),
		['one_hop'],
	);
	t.true(STANDING_POINTS < FLOW_ENTERS, 'no flow is tethered without any sign of its own');
});

test('no points are more than all, none less than nothing, and more sightings are never worth less', (t) => {
	for (const kind of KINDS) {
		const worth = [0, 0.5, 1, 2, 5, 100].map((faded) => score([sign(kind, faded)], 0));
		t.deepEqual(
			worth,
			worth.toSorted((first, second) => first - second),
		);
		t.is(worth[0], 0);
		t.is(worth.at(-1), EVIDENCE_RULES[kind].station);
	}
});

test('a sighting counts half after the half-life, and a clock that stands still changes nothing', (t) => {
	const { station, enough } = EVIDENCE_RULES.layout_other;
	t.is(score([sign('layout_other', enough)], HALF_LIFE_MS), station / 2);
	t.is(score([sign('layout_other', enough, 1000)], 0), station);
});

test('who tethers is left later than entered', (t) => {
	const between = (STATION_ENTERS + STATION_LEAVES) / 2;
	t.false(tethers(between, false));
	t.true(tethers(between, true));
	t.true(tethers(STATION_ENTERS, false));
	t.false(tethers(STATION_LEAVES - 1, true));
});
