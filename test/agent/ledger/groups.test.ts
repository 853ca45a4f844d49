import test from 'ava';
import { playScenario } from './scenario.ts';

const scenario = test.macro({ exec: playScenario, title: (title) => title as string });

test(
	'members spend what the group has, each up to its allowance',
	scenario,
	`
	account family
	account ann
	account bob
	join family ann 60 byte                     -> created
	join family ann 60 byte                     -> exists
	join family ann 50 byte                     -> changed
	join family bob                             -> created
	join family nobody                          -> not_found
	topup t1 family 100 byte valid 1000
	funds ann                                   -> packages 50 B
	funds bob                                   -> packages 100 B
	open s1 ann 1
	open s2 bob 2
	settle ann 1=0/0 reserve 40                 -> granted 40 available 10
	members family                              -> ann:40 bob:0
	settle bob 2=0/0 reserve 500                -> granted 60
	settle ann 1=30/0 reserve 40                -> paid 30 granted 10
	settle bob 2=10/0 reserve 20                -> paid 10 granted 20 available 30
	members family                              -> ann:40 bob:30
	settle ann 1=30/0 reserve 40                -> granted 20
	history ann                                 -> drawn:10 used:30 drawn:40
`,
);

test(
	'what a member does not need goes back to the group',
	scenario,
	`
	account family
	account ann
	account bob
	join family ann
	join family bob
	topup t1 family 100 byte
	open s1 ann 1
	open s2 bob 2
	settle ann 1=0/0 reserve 100                -> granted 100
	settle bob 2=0/0 reserve 100                -> unchanged
	settle ann 1=25/0 reserve 0                 -> paid 25 available 75
	settle ann 1=25/0 reserve 0                 -> unchanged available 75
	settle bob 2=0/0 reserve 100                -> granted 75
	explain s1                                  -> 25 byte used t1~s2<t1
	history family                              -> lent:75 regained:75 lent:100 topup:100
`,
);

test(
	'own credit before the group of the same expiry, and a group package that expires sooner before it',
	scenario,
	`
	account family
	account ann
	join family ann
	topup t1 family 100 byte
	topup t2 ann 30 byte
	open s1 ann 1
	settle ann 1=40/0 reserve 0                 -> paid 40 available 90
	explain s1                                  -> 30 byte used t2, 10 byte used t1~s2<t1
	topup t3 family 100 byte valid 50
	topup t4 ann 5 byte
	settle ann 1=60/0 reserve 0                 -> paid 20 available 175
	packages ann                                -> t4:5
	packages family                             -> t3:80 t1:90
`,
);

test(
	'a new cycle gives the group its allotment and the members their allowances again',
	scenario,
	`
	account family
	account ann
	join family ann 50 byte
	topup t1 family 100 byte valid 60 renews
	open s1 ann 1
	settle ann 1=50/0 reserve 10                -> paid 50
	settle ann 1=50/0 reserve 10                -> unchanged
	wait 60
	settle ann 1=50/0 reserve 10                -> granted 10 available 40
	members family                              -> ann:10
	history family                              -> lent:10 renewed:100 expired:50 lent:50 topup:100
`,
);

test(
	'a share that was drawn expires with the package of the group',
	scenario,
	`
	account family
	account ann
	join family ann
	topup t1 family 100 byte valid 60
	open s1 ann 1
	settle ann 1=0/0 reserve 30                 -> granted 30 available 70
	wait 60
	settle ann 1=20/0 reserve 30                -> paid 20 expired 10
`,
);

test(
	'a blocked group lends nothing, and a group is one level deep',
	scenario,
	`
	account family
	account ann
	account clan
	join family ann
	join clan family                            -> not_allowed
	join ann clan                               -> not_allowed
	join ann ann                                -> not_allowed
	topup t1 family 100 byte
	block family
	open s1 ann 1
	settle ann 1=0/0 reserve 30                 -> unchanged
	unblock family
	settle ann 1=0/0 reserve 30                 -> granted 30 available 70
	leave family ann                            -> changed
	leave family ann                            -> not_found
	settle ann 1=10/0 reserve 30                -> paid 10 granted 20
	settle ann 1=10/0 reserve 0
	packages family                             -> t1:90
`,
);

test(
	'a wallet of the group is spent by its tariff',
	scenario,
	`
	account family
	account ann
	join family ann 30 micro
	topup t1 family 100 micro tariff data byte 1 per 1
	funds ann                                   -> wallet 30 B
	open s1 ann 1
	settle ann 1=0/0 reserve 50                 -> granted 30
	settle ann 1=12/0 reserve 5                 -> paid 12 cost 12 granted 5 money 13
	explain s1                                  -> 12 byte rated data 12, 12 micro used t1~s2<t1
`,
);

test(
	'one member gives to another: by a code, once, from what is not reserved',
	scenario,
	`
	account ann
	account bob
	account eve
	account family
	topup t1 ann 100 byte valid 500
	permit secret-1 ann 40 byte                 -> created
	permit secret-1 ann 40 byte                 -> exists
	permit secret-1 ann 41 byte                 -> exists_with_different_values
	take g1 secret-1 bob                        -> not_found
	join family ann
	join family bob
	take g1 secret-1 ann                        -> not_found
	take g1 SECRET-1 bob                        -> created 40
	take g1 secret-1 bob                        -> exists
	take g2 secret-1 bob                        -> not_found
	packages bob                                -> g1:40
	packages ann                                -> t1:60
	expiry bob                                  -> 500
	history bob                                 -> received:40
	history ann                                 -> given:40 topup:100
	permit secret-2 ann 70 byte eve             -> created
	take g2 secret-2 bob                        -> not_found
	take g2 secret-2 eve                        -> not_allowed
	open s1 ann 1
	settle ann 1=0/0 reserve 55                 -> granted 55 available 5
	permit secret-3 ann 6 byte eve
	take g3 secret-3 eve                        -> not_allowed
	open s2 bob 2
	settle bob 2=9/0 reserve 0                  -> paid 9 available 31
	explain s2                                  -> 9 byte used g1<t1
`,
);

test(
	'a member gives from the group, against its own allowance',
	scenario,
	`
	account family
	account ann
	account bob
	join family ann 50 byte
	join family bob 10 byte
	topup t1 family 100 byte
	permit secret-1 ann 51 byte
	take g1 secret-1 bob                        -> not_allowed
	permit secret-2 ann 30 byte
	take g1 secret-2 bob                        -> created 30
	funds ann                                   -> packages 20 B
	funds bob                                   -> packages 40 B
	members family                              -> ann:30 bob:0
`,
);

test(
	'the group is warned as its members use: what they only have reserved is not used',
	scenario,
	`
	account family
	account ann
	account bob
	join family ann
	join family bob
	topup t1 family 100 byte
	alert family low byte percent 80            -> created
	alert ann low byte rest 30                  -> created
	open s1 ann 1
	open s2 bob 2
	settle ann 1=60/0 reserve 10
	alerts family                               -> low:armed
	settle bob 2=0/0 reserve 100                -> granted 30
	settle ann 1=70/0 reserve 10                -> paid 10
	alerts family                               -> low:armed
	settle bob 2=15/0 reserve 0                 -> paid 15 available 15
	alerts family                               -> low:raised
	settle ann 1=70/0 reserve 10                -> granted 10 available 5
	alerts ann                                  -> low:raised
	settle ann 1=80/0 reserve 10                -> paid 10 granted 5
	alerts family                               -> low:raised
`,
);

test(
	'a group whose credit is used up in one go is warned, and stays so',
	scenario,
	`
	account family
	account ann
	join family ann
	topup t1 family 100 byte
	alert family most byte percent 90
	open s1 ann 1
	settle ann 1=0/0 reserve 100                -> granted 100
	alerts family                               -> most:armed
	settle ann 1=100/0 reserve 100              -> paid 100
	alerts family                               -> most:raised
	settle ann 1=110/0 throttled reserve 0      -> unpaid 10
	alerts family                               -> most:raised
	topup t2 family 900 byte
	alerts family                               -> most:armed
`,
);

test(
	'a member is warned by what it may draw, not by what the group has',
	scenario,
	`
	account family
	account ann
	join family ann 20 byte
	topup t1 family 100 byte
	alert ann most byte percent 80
	open s1 ann 1
	settle ann 1=10/0 reserve 5                 -> paid 10 granted 5 available 5
	alerts ann                                  -> most:armed
	settle ann 1=16/0 reserve 4                 -> paid 6 granted 4
	alerts ann                                  -> most:raised
`,
);

test(
	"a member goes on by the tariff of the group's money when that is gone: what was begun is paid, and recorded",
	scenario,
	`
	account family
	account ann
	join family ann
	topup t1 family 60 micro tariff call second 60 per 60 pattern 60 30
	open s1 ann 1
	settle ann 1=0/0 reserve 0 60               -> granted 60
	settle ann 1=0/0 1=10s free reserve 0 50    -> paid 10 cost 60 granted 50
	settle ann 1=0/0 1=16s free reserve 0 44    -> paid 6 granted 44
	leave family ann
	settle ann 1=0/0 1=60s free reserve 0 60    -> paid 44
	records ann                                 -> s1 0 60 60
`,
);
