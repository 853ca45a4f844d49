import type { CliCommand } from './cli-command.ts';
import { accountBlock } from './commands/account-block.ts';
import { accountCreate } from './commands/account-create.ts';
import { accountList } from './commands/account-list.ts';
import { accountShow } from './commands/account-show.ts';
import { accountTopup } from './commands/account-topup.ts';
import { accountUnblock } from './commands/account-unblock.ts';
import { agent } from './commands/agent.ts';
import { dnsmasq } from './commands/dnsmasq.ts';
import { doctor } from './commands/doctor.ts';
import { ledgerHistory } from './commands/ledger-history.ts';
import { ledgerVerify } from './commands/ledger-verify.ts';
import { planList } from './commands/plan-list.ts';
import { stationAttach } from './commands/station-attach.ts';
import { stationDetach } from './commands/station-detach.ts';
import { stationList } from './commands/station-list.ts';
import { status } from './commands/status.ts';

/** Every command, in the order of the help. */
export const CLI_COMMANDS: readonly CliCommand[] = [
	agent,
	status,
	stationList,
	stationAttach,
	stationDetach,
	accountCreate,
	accountList,
	accountShow,
	accountTopup,
	accountBlock,
	accountUnblock,
	planList,
	ledgerVerify,
	ledgerHistory,
	doctor,
	dnsmasq,
];
