import type { CliCommand } from './cli-command.ts';
import { accountBlock } from './commands/account-block.ts';
import { accountCreate } from './commands/account-create.ts';
import { accountGift } from './commands/account-gift.ts';
import { accountHistory } from './commands/account-history.ts';
import { accountList } from './commands/account-list.ts';
import { accountMerge } from './commands/account-merge.ts';
import { accountPermit } from './commands/account-permit.ts';
import { accountShow } from './commands/account-show.ts';
import { accountTake } from './commands/account-take.ts';
import { accountTopup } from './commands/account-topup.ts';
import { accountUnblock } from './commands/account-unblock.ts';
import { agent } from './commands/agent.ts';
import { alertRemove } from './commands/alert-remove.ts';
import { alertSeen } from './commands/alert-seen.ts';
import { alertSet } from './commands/alert-set.ts';
import { capture } from './commands/capture.ts';
import { carrierStatus } from './commands/carrier-status.ts';
import { dnsmasq } from './commands/dnsmasq.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { giftList } from './commands/gift-list.ts';
import { giftReturn } from './commands/gift-return.ts';
import { groupJoin } from './commands/group-join.ts';
import { groupLeave } from './commands/group-leave.ts';
import { groupShow } from './commands/group-show.ts';
import { lcd } from './commands/lcd.ts';
import { ledgerVerify } from './commands/ledger-verify.ts';
import { pairConfirm } from './commands/pair-confirm.ts';
import { pairList } from './commands/pair-list.ts';
import { pairStart } from './commands/pair-start.ts';
import { planAdd } from './commands/plan-add.ts';
import { planList } from './commands/plan-list.ts';
import { planRemove } from './commands/plan-remove.ts';
import { receipt } from './commands/receipt.ts';
import { recordList } from './commands/record-list.ts';
import { recordShow } from './commands/record-show.ts';
import { renewalEnd } from './commands/renewal-end.ts';
import { stationAttach } from './commands/station-attach.ts';
import { stationDetach } from './commands/station-detach.ts';
import { stationHandover } from './commands/station-handover.ts';
import { stationList } from './commands/station-list.ts';
import { stationPin } from './commands/station-pin.ts';
import { stationShow } from './commands/station-show.ts';
import { status } from './commands/status.ts';
import { top } from './commands/top.ts';
import { voucherBlock } from './commands/voucher-block.ts';
import { voucherCreate } from './commands/voucher-create.ts';
import { voucherFind } from './commands/voucher-find.ts';
import { voucherList } from './commands/voucher-list.ts';
import { voucherRedeem } from './commands/voucher-redeem.ts';
import { voucherSheet } from './commands/voucher-sheet.ts';
import { voucherShow } from './commands/voucher-show.ts';
import { voucherUnblock } from './commands/voucher-unblock.ts';
import { voucherVoid } from './commands/voucher-void.ts';
import { why } from './commands/why.ts';

/** Every command, in the order of the help. */
export const CLI_COMMANDS: readonly CliCommand[] = [
	agent,
	status,
	top,
	lcd,
	stationList,
	stationShow,
	stationAttach,
	stationDetach,
	stationHandover,
	stationPin,
	why,
	accountCreate,
	accountList,
	accountShow,
	accountTopup,
	accountBlock,
	accountUnblock,
	accountGift,
	accountPermit,
	accountTake,
	accountMerge,
	accountHistory,
	groupJoin,
	groupLeave,
	groupShow,
	carrierStatus,
	alertSet,
	alertRemove,
	alertSeen,
	renewalEnd,
	planList,
	planAdd,
	planRemove,
	voucherCreate,
	voucherList,
	voucherShow,
	voucherFind,
	voucherRedeem,
	voucherVoid,
	voucherBlock,
	voucherUnblock,
	voucherSheet,
	giftList,
	giftReturn,
	pairStart,
	pairList,
	pairConfirm,
	recordList,
	recordShow,
	explain,
	receipt,
	ledgerVerify,
	doctor,
	capture,
	dnsmasq,
];
