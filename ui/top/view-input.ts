import type {
	AccountDetail,
	StationDetail as AgentStationDetail,
	HistoryRow,
	StationRow,
} from '../../agent/status/protocol.ts';
import type { StatusModel } from '../feed/merge.ts';
import type { FeedLink } from '../feed/status-feed.ts';
import type { Glyphs } from './glyphs.ts';
import type { History } from './history.ts';
import type { SystemFigures } from './system-figures.ts';
import type { TopState } from './top-state.ts';

/** More about the station that is looked at; asked for only then. */
export type StationDetail = {
	readonly mac: string;
	/** Whether it is held to tether, and what speaks for that. */
	readonly tethering: AgentStationDetail['tethering'];
	readonly account: AccountDetail | undefined;
	readonly events: readonly HistoryRow[];
};

/** All that a screen is drawn from. */
export type ViewInput = {
	readonly model: StatusModel | undefined;
	readonly link: FeedLink;
	readonly history: History;
	readonly state: TopState;
	/** The stations as listed. */
	readonly rows: readonly StationRow[];
	readonly detail: StationDetail | undefined;
	readonly system: SystemFigures | undefined;
	/** Lines that whoever opened the dashboard shows above every screen. */
	readonly banner: readonly string[];
	/** Of the clock that {@link FeedLink} is measured by. */
	readonly nowMs: number;
	readonly glyphs: Glyphs;
	readonly size: Size;
	/** Why nothing may be changed; undefined if it may. */
	readonly refusal: string | undefined;
	/** A wall clock time in the zone of the one who looks: `YYYY-MM-DD HH:MM:SS`. */
	readonly timeText: (wallMs: number) => string;
};

export type Size = { readonly columns: number; readonly rows: number };
