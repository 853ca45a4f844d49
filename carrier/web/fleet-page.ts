import { boundedSum, type Queryable, SUM_MAX } from '../database/database.ts';
import { type AccessPointRow, listAccessPoints, SKEW_REPORTED_MS } from '../fleet/access-points.ts';
import { usageChart } from './chart.ts';
import { agoText, bytesText, timeText } from './format.ts';
import { type Html, html } from './html.ts';

const CHART_HOURS = 48;
const HOUR_MS = 3_600_000;
const ROWS_MAX = 100;
const EVENTS_MAX = 20;

type Sums = { known: number; online: number; sessions: number };
type EventRow = { ap: string; kind: string; account: string | null; received_at: number; details: object };

/** The fleet: how many, how much, which, and what happened. */
export async function fleetPage(tx: Queryable, { after, now }: { after: string; now: number }): Promise<Html> {
	const [sums] = await tx.query<Sums>(
		`SELECT count(*) AS known, count(*) FILTER (WHERE online) AS online, least(coalesce(sum(sessions) FILTER (WHERE online), 0), ${SUM_MAX}) AS sessions
		FROM access_point`,
	);
	const hours = await tx.query<{ hour: number; amount: number }>(
		`SELECT hour, least(sum(amount), ${SUM_MAX}) AS amount FROM access_point_usage WHERE unit = 'byte' AND hour > $1 GROUP BY hour`,
		[now - CHART_HOURS * HOUR_MS],
	);
	const day = hours
		.filter(({ hour }) => hour > now - 24 * HOUR_MS)
		.reduce((sum, { amount }) => boundedSum(sum, amount), 0);
	const rows = await listAccessPoints(tx, { after, limit: ROWS_MAX });
	const events = await tx.query<EventRow>('SELECT * FROM event ORDER BY received_at DESC, ap, id LIMIT $1', [
		EVENTS_MAX,
	]);
	const last = rows.at(-1);
	return html`<dl class="figures">
<div><dt>Access points</dt><dd>${sums?.known ?? 0}</dd></div>
<div><dt>Online</dt><dd>${sums?.online ?? 0}</dd></div>
<div><dt>Sessions</dt><dd>${sums?.sessions ?? 0}</dd></div>
<div><dt>Bytes in 24 hours</dt><dd>${bytesText(day)}</dd></div>
</dl>
<h2>Usage</h2>
${usageChart(hours, { now, hours: CHART_HOURS })}
<h2>Fleet</h2>
<div class="scroll"><table>
<thead><tr><th>Access point</th><th>State</th><th class="number">Sessions</th><th class="number">Policy</th><th>Software</th><th>Clock</th><th>Heard of</th></tr></thead>
<tbody>${rows.map((row) => rowOf(row, now))}</tbody>
</table></div>
${rows.length === ROWS_MAX && last !== undefined && html`<p><a href="/?after=${last.ap}">More</a></p>`}
<h2>What happened</h2>
<div class="scroll"><table>
<thead><tr><th>When (UTC)</th><th>Where</th><th>What</th><th>Account</th><th>Details</th></tr></thead>
<tbody>${events.map(({ ap, kind, account, received_at, details }) => html`<tr><td>${timeText(received_at)}</td><td>${ap === '' ? 'platform' : ap}</td><td>${kind}</td><td>${account ?? ''}</td><td><code>${JSON.stringify(details)}</code></td></tr>`)}</tbody>
</table></div>`;
}

function rowOf(
	{ ap, title, state, online, sessions, policy_version, software_version, clock_skew_ms, seen_at }: AccessPointRow,
	now: number,
): Html {
	const isSkewed = Math.abs(clock_skew_ms) > SKEW_REPORTED_MS;
	return html`<tr><td><strong>${ap}</strong><br><span class="hint">${title}</span></td>
<td class="${online ? 'good' : 'bad'}">${state === 'blocked' ? 'blocked' : online ? 'online' : 'offline'}</td>
<td class="number">${sessions}</td><td class="number">${policy_version}</td><td>${software_version}</td>
<td class="${isSkewed && 'bad'}">${isSkewed ? `${Math.round(clock_skew_ms / HOUR_MS)} h off` : 'right'}</td><td>${agoText(seen_at, now)}</td></tr>`;
}
