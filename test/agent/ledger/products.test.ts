import test from 'ava';
import { playScenario } from './scenario.ts';

const scenario = test.macro({ exec: playScenario, title: (title) => title as string });

test(
	'a wallet pays by the byte: reserved as money, charged by what was used, the rest is free again',
	scenario,
	`
	account ann
	topup t1 ann 1000 micro                                      -> invalid_value
	topup t1 ann 1000 micro tariff data byte 10 per 100          -> created
	topup t1 ann 1000 micro tariff data byte 10 per 100          -> exists
	topup t1 ann 1000 micro tariff data byte 11 per 100          -> exists_with_different_values
	funds ann                                                    -> wallet 10000 B
	open s1 ann 1                                                -> created
	settle ann 1=0/0 reserve 2000                                -> granted 2000 money 800
	wallet ann                                                   -> 800 available, 200 reserved, 0 spent
	settle ann 1=1000/5 reserve 2000                             -> paid 1005 cost 101 granted 2000 money 699
	settle ann 1=1000/5 reserve 2000                             -> unchanged granted 2000 money 699
	settle ann 1=1000/10 reserve 0                               -> paid 5 money 899
	wallet ann                                                   -> 899 available, 0 reserved, 101 spent
	explain s1                                                   -> 1010 byte rated data 101, 101 micro used t1
	receipt s1                                                   -> 1010 byte data, total 101
	history ann                                                  -> rated:5 rated:1005 used:101 topup:1000
`,
);

test(
	'money to bytes: the kernel gets no more than the money covers, to the byte',
	scenario,
	`
	account ann
	topup t1 ann 7 micro tariff data byte 10 per 100
	open s1 ann 1
	settle ann 1=0/0 reserve 5000               -> granted 70
	settle ann 1=71/0 reserve 5000              -> paid 70 cost 7 unpaid 1 overrun 1
	explain s1                                  -> 70 byte rated data 7, 1 byte overrun, 7 micro used t1
`,
);

test(
	'60/30: the first minute at once, then every started half minute',
	scenario,
	`
	account ann
	topup t1 ann 1000 micro tariff call second 120 per 60 pattern 60 30
	open s1 ann 1
	settle ann 1=0/0 reserve 0 45                          -> granted 45 money 880
	settle ann 1=0/9 1=1s free reserve 0 59                -> paid 1 cost 120 unpaid 9 granted 59 money 880
	settle ann 1=0/9 1=60s free reserve 0 1                -> paid 59 granted 1 money 820
	settle ann 1=0/9 1=61s free reserve 0 9999             -> paid 1 cost 60 granted 419 money 40
	settle ann 1=0/9 1=480s free reserve 0 1               -> paid 419 cost 780 money 40
	records ann                                            -> s1 9 480 960
	receipt s1                                             -> 480 second call, 9 byte -, total 960
`,
);

test(
	'what was begun is paid: the rest of a minute remains when the money is gone; without money nothing is free',
	scenario,
	`
	account ann
	topup t1 ann 120 micro tariff call second 120 per 60 free 10 pattern 60 30
	open s1 ann 1
	settle ann 1=0/0 reserve 0 999              -> granted 70
	settle ann 1=0/0 1=11s reserve 0 999        -> paid 11 cost 120 granted 59
	funds ann                                   -> wallet 59 s
	settle ann 1=0/0 1=11s reserve 0 999        -> unchanged granted 59
	settle ann 1=0/0 1=70s reserve 0 999        -> paid 59
	close s1
	open s2 ann 1
	funds ann                                   -> nothing
	settle ann 1=0/0 reserve 0 999              -> unchanged
`,
);

test(
	'free time comes first, in each session',
	scenario,
	`
	account ann
	topup t1 ann 100 micro tariff call second 60 per 60 free 300 pattern 60 60
	open s1 ann 1
	funds ann                                   -> wallet 360 s
	settle ann 1=0/0 reserve 0 300              -> granted 300 money 100
	settle ann 1=0/0 1=300s reserve 0 60        -> paid 300 granted 60 money 40
	settle ann 1=0/0 1=300s reserve 0 0         -> money 100
	close s1
	open s2 ann 2
	settle ann 2=0/0 reserve 0 300              -> granted 300 money 100
`,
);

test(
	'stations of one wallet: what is granted to them together is covered, whoever uses it',
	scenario,
	`
	account ann
	topup t1 ann 100 micro tariff data byte 10 per 10 pattern 10 10
	open s1 ann 1
	open s2 ann 2
	settle ann 1=0/0 2=0/0 reserve 9999         -> granted 80
	settle ann 1=41/0 2=39/0 reserve 9999       -> paid 80 cost 90 money 10
	records ann                                 -> s2 39 0 40, s1 41 0 50
`,
);

test(
	'packages before money, and one window spans both',
	scenario,
	`
	account ann
	topup t1 ann 50 micro tariff data byte 1 per 1
	topup t2 ann 100 byte
	open s1 ann 1
	settle ann 1=0/0 reserve 120                -> granted 120 money 30
	settle ann 1=110/0 reserve 120              -> paid 110 cost 10 granted 40
	explain s1                                  -> 100 byte used t2, 10 byte rated data 10, 10 micro used t1
`,
);

test(
	'another price under the same name never re-rates the past',
	scenario,
	`
	account ann
	topup t1 ann 1000 micro tariff data byte 1 per 1
	open s1 ann 1
	settle ann 1=100/0 reserve 0                -> paid 100 cost 100 money 900
	topup t2 ann 1000 micro tariff data byte 3 per 1
	settle ann 1=200/0 reserve 0                -> paid 100 cost 300 money 1600
	explain s1                                  -> 100 byte rated data 100, 100 byte rated data 300, 400 micro used t1
`,
);

test(
	'what was granted by one tariff is charged by it, whatever was bought since',
	scenario,
	`
	account ann
	topup t1 ann 100 micro tariff call second 60 per 60
	open s1 ann 1
	settle ann 1=0/0 reserve 0 60               -> granted 60 money 40
	topup t2 ann 100 micro tariff data byte 1 per 1
	settle ann 1=9/0 1=30s free reserve 50      -> paid 30 cost 30 unpaid 9 granted 50 money 120
	explain s1                                  -> 30 second rated call 30, 9 byte included, 30 micro used t1
`,
);

test(
	'grace: once for each purchase, unpaid, and then nothing',
	scenario,
	`
	account ann
	topup t1 ann 100 byte grace 30 byte throttle 5   -> invalid_value
	topup t1 ann 100 byte grace 30 byte              -> created
	open s1 ann 1
	settle ann 1=0/0 reserve 100                     -> granted 100
	settle ann 1=60/0 grace reserve 40               -> paid 60 granted 40
	funds ann                                        -> packages 40 B, grace 30 B
	settle ann 1=60/0 grace reserve 70               -> granted 70
	history ann                                      -> grace:30 used:60 topup:100
	settle ann 1=130/0 grace reserve 70              -> paid 70
	settle ann 1=131/0 grace reserve 70              -> unpaid 1 overrun 1
	explain s1                                       -> 100 byte used t1, 30 byte used ~5<t1, 1 byte overrun
	topup t2 ann 10 byte grace 30 byte
	settle ann 1=131/0 grace reserve 70              -> granted 40
`,
);

test(
	'the rest of a grace allowance is withdrawn by the next purchase',
	scenario,
	`
	account ann
	topup t1 ann 100 byte grace 30 second
	open s1 ann 1
	settle ann 1=100/0 reserve 100                        -> paid 100
	settle ann 1=100/0 grace reserve 0 30                 -> granted 30
	settle ann 1=100/7 1=10s grace free reserve 0 20      -> paid 10 unpaid 7 granted 20
	topup t2 ann 100 byte
	settle ann 1=100/7 1=12s free reserve 50              -> paid 2 expired 18 granted 50 available 50
	history ann                                           -> grace_ended:18 used:2 topup:100 included:7 used:10 grace:30 used:100 topup:100
`,
);

test(
	'validity from the first use, not from the purchase',
	scenario,
	`
	account ann
	topup t1 ann 100 byte valid 60 first-use
	wait 1000
	open s1 ann 1
	settle ann 1=0/0 reserve 50                 -> granted 50 available 50
	expiry ann                                  -> never
	settle ann 1=1/0 reserve 50                 -> paid 1 granted 50 available 49
	expiry ann                                  -> 60
	wait 60
	settle ann 1=1/0 reserve 50                 -> expired 99
`,
);

test(
	'while the clock is not set, validity runs on the boot clock, and goes over to the date',
	scenario,
	`
	account ann
	clock unset
	topup t1 ann 100 byte valid 60
	topup t2 ann 100 byte valid 90
	wait 59
	settle ann reserve 0                        -> unchanged available 200
	wait 1
	settle ann reserve 0                        -> expired 100 available 100
	clock set
	settle ann reserve 0                        -> available 100
	expiry ann                                  -> 30
`,
);

test(
	'a validity whose boot has ended begins anew: nobody knows how long the power was off',
	scenario,
	`
	account ann
	clock unset
	topup t1 ann 100 byte valid 60
	wait 50
	boot boot-2
	wait 50
	settle ann reserve 0                        -> unchanged available 100
	clock set
	settle ann reserve 0                        -> available 100
	expiry ann                                  -> 60
`,
);

test(
	'an add-on extends the validity with the amount',
	scenario,
	`
	account ann
	topup a1 ann 50 byte valid 100 add-on       -> nothing_to_extend
	topup t1 ann 100 byte valid 100
	topup t2 ann 100 second valid 500
	wait 90
	topup a1 ann 50 byte valid 100 add-on       -> created
	topup a1 ann 50 byte valid 100 add-on       -> exists
	expiry ann                                  -> 110
	wait 109
	settle ann reserve 0                        -> unchanged available 250
	wait 1
	settle ann reserve 0                        -> expired 150 available 100
`,
);

test(
	'a cycle: the rest expires and the allotment is issued anew; missed cycles once',
	scenario,
	`
	account ann
	topup t1 ann 100 byte valid 60 renews       -> created
	topup t1 ann 100 byte valid 60 renews       -> exists
	open s1 ann 1
	settle ann 1=30/0 reserve 50                -> paid 30 granted 50 available 20
	wait 60
	settle ann 1=40/0 reserve 50                -> paid 10 expired 60 granted 50 available 50
	history ann                                 -> expired:60 used:10 renewed:100 used:30 topup:100
	wait 205
	renew                                       -> 1
	expiry ann                                  -> -145
	settle ann 1=45/0 reserve 0                 -> paid 5 expired 95 available 100
	expiry ann                                  -> 35
	packages ann                                -> t1~5:100
`,
);

test(
	'speed: what is reserved together is spent at one pace',
	scenario,
	`
	account ann
	topup t1 ann 100 byte valid 60 pace 10 20
	topup t2 ann 100 byte pace 10 20 stations 2
	topup t3 ann 100 byte stations 3
	funds ann                                   -> packages 300 B
	open s1 ann 1
	settle ann 1=0/0 reserve 250                -> granted 200 available 100 pace 10/20
	settle ann 1=200/0 reserve 250              -> paid 200 granted 100
	funds ann                                   -> packages 100 B, stations 3
`,
);

test(
	'power loss with money: released whole for the customer, charged whole for the venue',
	scenario,
	`
	account ann
	topup t1 ann 1000 micro tariff data byte 1 per 1
	open s1 ann 1
	settle ann 1=10/0 reserve 100               -> paid 10 cost 10 granted 100 money 890
	lost customer                               -> ann:100
	wallet ann                                  -> 990 available, 0 reserved, 10 spent
	epoch 2
	open s2 ann 1
	settle ann 1=10/0 reserve 100               -> paid 10 cost 10 granted 100 money 880
	lost venue                                  -> ann:100
	wallet ann                                  -> 880 available, 0 reserved, 20 spent
`,
);

test(
	'alerts: raised once, seen, and armed again by a purchase',
	scenario,
	`
	account ann
	alert ann low byte rest 50                  -> created
	alert ann low byte rest 50                  -> exists
	alert ann half byte percent 50              -> created
	alerts ann                                  -> half:armed low:armed
	topup t1 ann 100 byte
	open s1 ann 1
	settle ann 1=49/0 reserve 50                -> paid 49 granted 50 available 1
	alerts ann                                  -> half:armed low:armed
	settle ann 1=50/0 reserve 50                -> paid 1 granted 50
	alerts ann                                  -> half:raised low:raised
	seen ann low                                -> changed
	seen ann low                                -> exists
	alerts ann                                  -> half:raised low:seen
	topup t2 ann 500 byte
	alerts ann                                  -> half:armed low:armed
	alert ann low byte rest 600                 -> changed
	alerts ann                                  -> half:armed low:raised
	alert ann x byte percent 101                -> invalid_value
`,
);

test(
	'a warning by percentage stays when everything is used up and goes on slowly',
	scenario,
	`
	account ann
	alert ann most byte percent 80
	topup t1 ann 100 byte throttle 5
	open s1 ann 1
	settle ann 1=100/0 reserve 50               -> paid 100
	alerts ann                                  -> most:raised
	settle ann 1=150/0 throttled reserve 0      -> unpaid 50
	alerts ann                                  -> most:raised
`,
);
