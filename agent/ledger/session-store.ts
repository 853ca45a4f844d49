import type Database from 'better-sqlite3';
import { freeMeterOf } from '../core/free-meter.ts';
import { tetheredMeterOf } from '../core/tethered-meter.ts';
import type { AccountId, Bytes, MacAddress, MeterId, Seconds, WallMs } from '../core/units.ts';
import type { AccountRow } from './account-store.ts';
import type { Answer } from './answer.ts';
import type { Epoch, Moment } from './moment.ts';
import type { Checkpoints, OpenSessionRequest, Session } from './session.ts';

/** The open meter of a session, with its checkpoint. */
export type MeterRow = {
	readonly number: number;
	readonly session: number;
	readonly id: MeterId;
	readonly account: number;
	readonly epoch: number;
	readonly up_checkpoint: number;
	readonly down_checkpoint: number;
	readonly seconds_checkpoint: number;
	/** Its session's record has ended; what its station uses from now on belongs to the next. */
	readonly ended: 0 | 1;
};

type SessionRow = {
	readonly number: number;
	readonly id: string;
	readonly mac: MacAddress;
	readonly account: AccountId;
	readonly meter: MeterId;
	readonly epoch: Epoch;
	readonly opened_wall_ms: WallMs;
	readonly up_bytes: Bytes;
	readonly down_bytes: Bytes;
	readonly free_up_bytes: Bytes;
	readonly free_down_bytes: Bytes;
	readonly tethered_up_bytes: Bytes;
	readonly tethered_down_bytes: Bytes;
	readonly seconds: Seconds;
	readonly closed_wall_ms: WallMs | null;
	readonly close_reason: string | null;
	readonly open: 0 | 1;
	readonly up_checkpoint: number;
	readonly down_checkpoint: number;
	readonly seconds_checkpoint: number;
	readonly free_up_checkpoint: number;
	readonly free_down_checkpoint: number;
	readonly tethered_up_checkpoint: number;
	readonly tethered_down_checkpoint: number;
};

type ClassRow = Omit<MeterRow, 'account' | 'session' | 'ended'> & { readonly class: string };

const SELECT_SESSION = `
	SELECT s.number, s.id, s.mac, a.id AS account, m.id AS meter, e.name AS epoch, s.opened_wall_ms,
		m.up_bytes, m.down_bytes, coalesce(f.up_bytes, 0) AS free_up_bytes, coalesce(f.down_bytes, 0) AS free_down_bytes,
		coalesce(t.up_bytes, 0) AS tethered_up_bytes, coalesce(t.down_bytes, 0) AS tethered_down_bytes,
		m.seconds, s.closed_wall_ms, s.close_reason, m.open, m.up_checkpoint, m.down_checkpoint, m.seconds_checkpoint,
		coalesce(f.up_checkpoint, 0) AS free_up_checkpoint, coalesce(f.down_checkpoint, 0) AS free_down_checkpoint,
		coalesce(t.up_checkpoint, 0) AS tethered_up_checkpoint, coalesce(t.down_checkpoint, 0) AS tethered_down_checkpoint
	FROM session AS s JOIN meter AS m ON m.session = s.number AND m.class = 'own'
		LEFT JOIN meter AS f ON f.session = s.number AND f.class = 'free'
		LEFT JOIN meter AS t ON t.session = s.number AND t.class = 'tethered'
		JOIN account AS a ON a.number = s.account JOIN epoch AS e ON e.number = m.epoch`;

const SELECT_METER = `
	SELECT m.number, m.session, m.id, s.account, m.epoch, m.up_checkpoint, m.down_checkpoint, m.seconds_checkpoint,
		s.closed_wall_ms IS NOT NULL AS ended
	FROM meter AS m JOIN session AS s ON s.number = m.session`;

/** Classes beside a session's own flows. */
export type MeterClass = 'free' | 'tethered';

const CLASS_METERS = { free: freeMeterOf, tethered: tetheredMeterOf } as const;

/** The tables `session` and `meter`. */
export class SessionStore {
	readonly #byId: Database.Statement<[string], SessionRow>;
	readonly #open: Database.Statement<[], SessionRow>;
	readonly #meter: Database.Statement<[number], MeterRow>;
	readonly #ofEpoch: Database.Statement<[number], MeterRow>;
	readonly #ofAccount: Database.Statement<[number], number>;
	readonly #add: Database.Statement<unknown[]>;
	readonly #classMeter: Database.Statement<[number, MeterClass], MeterRow>;
	readonly #addClassMeter: Database.Statement<[number, MeterClass, number, number]>;
	readonly #addMeter: Database.Statement<[number, number, number]>;
	readonly #move: Database.Statement<[number, number, number, number, number, number, number]>;
	readonly #close: Database.Statement<[number, number, string, number]>;
	readonly #closeMeter: Database.Statement<[number]>;
	readonly #isServed: Database.Statement<[number], number>;
	readonly #classes: Database.Statement<[number], ClassRow>;
	readonly #follow: Database.Statement<[string, number, number, number]>;
	readonly #carry: Database.Statement<unknown[]>;

	constructor(database: Database.Database) {
		this.#byId = database.prepare(`${SELECT_SESSION} WHERE s.id = ?`);
		this.#open = database.prepare(`${SELECT_SESSION} WHERE m.open = 1 ORDER BY s.number`);
		this.#meter = database.prepare(`${SELECT_METER} WHERE m.id = ? AND m.open = 1`);
		this.#ofEpoch = database.prepare(`${SELECT_METER} WHERE m.epoch = ? AND m.open = 1 ORDER BY m.number`);
		this.#ofAccount = database
			.prepare<[number], number>(
				"SELECT s.number FROM meter AS m JOIN session AS s ON s.number = m.session WHERE m.open = 1 AND m.class = 'own' AND s.account = ?",
			)
			.pluck();
		this.#add = database.prepare(
			'INSERT INTO session (id, account, mac, opened_wall_ms, opened_boot_ms) VALUES (?, ?, ?, ?, ?)',
		);
		this.#addMeter = database.prepare('INSERT INTO meter (session, id, epoch) VALUES (?, ?, ?)');
		this.#classMeter = database.prepare(`${SELECT_METER} WHERE m.session = ? AND m.class = ?`);
		this.#addClassMeter = database.prepare('INSERT INTO meter (session, class, id, epoch) VALUES (?, ?, ?, ?)');
		this.#move = database.prepare(`
			UPDATE meter SET up_bytes = up_bytes + ?, down_bytes = down_bytes + ?, seconds = seconds + ?,
				up_checkpoint = ?, down_checkpoint = ?, seconds_checkpoint = ? WHERE number = ?`);
		this.#close = database.prepare(
			'UPDATE session SET closed_wall_ms = ?, closed_boot_ms = ?, close_reason = ? WHERE number = ? AND closed_wall_ms IS NULL',
		);
		this.#isServed = database
			.prepare<[number], number>("SELECT 1 FROM item WHERE session = ? AND reason <> 'zero_rated' LIMIT 1")
			.pluck();
		this.#classes = database.prepare('SELECT * FROM meter WHERE session = ? AND open = 1');
		this.#follow = database.prepare(`INSERT INTO session (id, account, mac, opened_wall_ms, opened_boot_ms, follows)
			SELECT ?, account, mac, ?, ?, number FROM session WHERE number = ?`);
		this.#carry =
			database.prepare(`INSERT INTO meter (session, class, id, epoch, up_checkpoint, down_checkpoint, seconds_checkpoint)
			VALUES (?, ?, ?, ?, ?, ?, ?)`);
		this.#closeMeter = database.prepare(`
			UPDATE meter SET open = 0, up_checkpoint = NULL, down_checkpoint = NULL, seconds_checkpoint = NULL
			WHERE session = ? AND open = 1`);
	}

	/** The number of the epoch is only asked for when a row is written. */
	open(request: OpenSessionRequest, account: AccountRow | undefined, epoch: () => number): Answer {
		const found = this.#byId.get(request.session);
		if (found !== undefined) return isSame(found, request) ? 'exists' : 'exists_with_different_values';
		if (account === undefined) return 'not_found';
		if (this.#meter.get(request.meter) !== undefined) return 'meter_in_use';
		const { session, mac, meter, at } = request;
		const added = this.#add.run(session, account.number, mac, at.wallMs, at.bootMs);
		this.#addMeter.run(Number(added.lastInsertRowid), meter, epoch());
		return 'created';
	}

	/** Closes a session by its id: its station is detached. One that had ended keeps its end and its reason. */
	close(id: string, reason: string, at: Moment): Answer {
		const found = this.#byId.get(id);
		if (found === undefined) return 'not_found';
		if (found.closed_wall_ms !== null && found.open === 0) return 'exists';
		this.closeNumber(found.number, reason, at);
		return 'changed';
	}

	/** Closes an open session by its number; its meter's checkpoint is forgotten, its id free again. */
	closeNumber(session: number, reason: string, at: Moment): void {
		this.#close.run(at.wallMs, at.bootMs, reason, session);
		this.#closeMeter.run(session);
	}

	/** Whether a session has had anything but what is free for everybody. */
	isServed(session: number): boolean {
		return this.#isServed.get(session) !== undefined;
	}

	/** Its record ends; the station stays attached, its counters go on. */
	end(session: number, reason: string, at: Moment): void {
		this.#close.run(at.wallMs, at.bootMs, reason, session);
	}

	/** A station whose session has ended goes on in a new one, from where its counters were charged last. */
	follow(ended: MeterRow, id: string, at: Moment): MeterRow {
		const classes = this.#classes.all(ended.session);
		const session = Number(this.#follow.run(id, at.wallMs, at.bootMs, ended.session).lastInsertRowid);
		this.#closeMeter.run(ended.session);
		for (const { class: of, id: meter, epoch, ...at } of classes) {
			this.#carry.run(session, of, meter, epoch, at.up_checkpoint, at.down_checkpoint, at.seconds_checkpoint);
		}
		return this.#meter.get(ended.id) as MeterRow;
	}

	/** Of an ended session: the checkpoint of another class; undefined where it has none. */
	foundClassMeter(own: MeterRow, of: MeterClass): MeterRow | undefined {
		return this.#classMeter.get(own.session, of);
	}

	byId(id: string): Session | undefined {
		const row = this.#byId.get(id);
		return row === undefined ? undefined : sessionOf(row);
	}

	openSessions(): Session[] {
		return this.#open.all().map(sessionOf);
	}

	openMeter(meter: MeterId): MeterRow | undefined {
		return this.#meter.get(meter);
	}

	/** The numbers of the sessions of an account's attached stations. */
	openOfAccount(account: number): number[] {
		return this.#ofAccount.all(account);
	}

	/** The meter of a session's flows of another class, by the session's own one; made when it is first needed. */
	classMeter(own: MeterRow, of: MeterClass): MeterRow {
		const found = this.#classMeter.get(own.session, of);
		if (found !== undefined) return found;
		this.#addClassMeter.run(own.session, of, CLASS_METERS[of](own.id), own.epoch);
		return this.#classMeter.get(own.session, of) as MeterRow;
	}

	openMetersOfEpoch(epoch: number): MeterRow[] {
		return this.#ofEpoch.all(epoch);
	}

	/** Adds differences to the session's totals, and moves the checkpoint by as much. */
	move(meter: MeterRow, by: { up: number; down: number; seconds: number }): void {
		const { up, down, seconds } = by;
		this.#move.run(
			up,
			down,
			seconds,
			meter.up_checkpoint + up,
			meter.down_checkpoint + down,
			meter.seconds_checkpoint + seconds,
			meter.number,
		);
	}
}

function isSame(found: SessionRow, request: OpenSessionRequest): boolean {
	return (
		found.closed_wall_ms === null &&
		found.account === request.account &&
		found.mac === request.mac &&
		found.meter === request.meter &&
		found.epoch === request.epoch
	);
}

function sessionOf(row: SessionRow): Session {
	return {
		id: row.id,
		mac: row.mac,
		account: row.account,
		meter: row.meter,
		epoch: row.epoch,
		openedWallMs: row.opened_wall_ms,
		upBytes: row.up_bytes,
		downBytes: row.down_bytes,
		freeUpBytes: row.free_up_bytes,
		freeDownBytes: row.free_down_bytes,
		tetheredUpBytes: row.tethered_up_bytes,
		tetheredDownBytes: row.tethered_down_bytes,
		seconds: row.seconds,
		...(row.closed_wall_ms === null || row.close_reason === null
			? {}
			: { closed: { wallMs: row.closed_wall_ms, reason: row.close_reason } }),
		...(row.open === 0 ? {} : { checkpoints: checkpointsOf(row) }),
	};
}

function checkpointsOf(row: SessionRow): Checkpoints {
	return {
		up: row.up_checkpoint,
		down: row.down_checkpoint,
		free: { up: row.free_up_checkpoint, down: row.free_down_checkpoint },
		tethered: { up: row.tethered_up_checkpoint, down: row.tethered_down_checkpoint },
		seconds: row.seconds_checkpoint,
	};
}
