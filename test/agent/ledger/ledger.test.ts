import test from 'ava';
import { playScenario } from './scenario.ts';

const scenario = test.macro({ exec: playScenario, title: (title) => title as string });

test(
	'an account is created once, and told apart from another of its name',
	scenario,
	`
	account ann              -> created
	account ann              -> exists
	account ann throttle 500 -> exists_with_different_values
	account -ann             -> invalid_value
	block bob                -> not_found
	block ann                -> changed
	block ann                -> exists
	unblock ann              -> changed
`,
);

test(
	'a top-up credits once, whoever asks how often',
	scenario,
	`
	topup t1 ann 1000 byte           -> not_found
	account ann
	topup t1 ann 1000 byte           -> created
	topup t1 ann 1000 byte           -> exists
	topup t1 ann 1001 byte           -> exists_with_different_values
	topup t1 ann 1000 second         -> exists_with_different_values
	topup t1 ann 1000 byte valid 5   -> exists_with_different_values
	topup t1 bob 1000 byte           -> exists_with_different_values
	topup ~1 ann 1000 byte           -> invalid_value
	packages ann                     -> t1:1000
	history ann                      -> topup:1000
`,
);

test(
	'amounts that are not whole, positive and bounded are refused',
	scenario,
	`
	account ann
	topup t1 ann 0 byte                   -> invalid_value
	topup t1 ann -5 byte                  -> invalid_value
	topup t1 ann 1.5 byte                 -> invalid_value
	topup t1 ann 1125899906842625 byte    -> invalid_value
	topup t1 ann 1125899906842624 byte    -> created
	topup t2 ann 1 byte                   -> invalid_value
	topup t2 ann 1 second                 -> created
	topup t1 ann 1125899906842624 byte    -> exists
	topup t3 ann 5 byte throttle 0        -> invalid_value
	topup t3 ann 5 second valid 0         -> invalid_value
	settle ann reserve -1                 -> invalid_value
	settle ann reserve 0.5                -> invalid_value
	settle bob reserve 0                  -> not_found
`,
);

test(
	'a settle charges the difference, and reserves exactly what it is asked to',
	scenario,
	`
	account ann
	topup t1 ann 1000 byte
	open s1 ann 7                   -> created
	settle ann reserve 600          -> granted 600 available 400
	settle ann 7=0/0 reserve 600    -> unchanged granted 600 available 400
	settle ann 7=10/20 reserve 600  -> paid 30 granted 600 available 370
	settle ann 7=10/20 reserve 600  -> unchanged granted 600 available 370
	settle ann 7=10/20 reserve 100  -> granted 100 available 870
	settle ann 7=100/20 reserve 0   -> paid 90 available 880
	settle ann 7=100/20 reserve 5000 -> granted 880
	sessions                        -> s1:100/20/0
	packages ann                    -> t1:880
	history ann                     -> used:90 used:30 topup:1000
`,
);

test(
	'use beyond the grant is paid from the balance, and beyond the balance is an overrun',
	scenario,
	`
	account ann
	topup t1 ann 1000 byte
	open s1 ann 7
	settle ann reserve 100
	settle ann 7=300/0 reserve 100  -> paid 300 granted 100 available 600
	settle ann 7=1100/0 reserve 100 -> paid 700 unpaid 100 overrun 100
	settle ann 7=1100/0 reserve 100 -> unchanged
	end ann                         -> block t1
	history ann                     -> overrun:100 used:600 used:100 used:200 used:100 topup:1000
`,
);

test(
	'after a package that ends in a throttle, use is recorded unpaid until its validity is over',
	scenario,
	`
	account ann
	topup t1 ann 100 byte valid 60 throttle 500
	open s1 ann 7
	end ann                         -> block
	settle ann 7=150/0 reserve 100  -> paid 100 unpaid 50
	end ann                         -> throttle 500 t1
	expiry ann                      -> 60
	wait 59
	settle ann 7=200/0 reserve 100  -> unpaid 50
	wait 1
	end ann                         -> block t1
	expiry ann                      -> never
	settle ann 7=210/0 reserve 100  -> unpaid 10 overrun 10
	topup t2 ann 50 byte
	settle ann 7=220/0 reserve 100  -> paid 10 granted 40
	end ann                         -> block t2
`,
);

test(
	"an account's own throttle holds before any package was spent",
	scenario,
	`
	account ann throttle 9
	end ann                   -> throttle 9
	open s1 ann 7
	settle ann 7=5/5 reserve 9 -> unpaid 10
	end bob                   -> not_found
`,
);

test(
	'packages are spent soonest expiry first, then oldest, seconds before bytes',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	topup t2 ann 100 byte valid 500
	topup t3 ann 100 byte valid 50
	topup t4 ann 100 byte valid 500
	topup t5 ann 60 second
	packages ann                     -> t5:60 t3:100 t2:100 t4:100 t1:100
	open s1 ann 7
	settle ann reserve 250           -> granted 250 available 210
	settle ann 7=250/0 reserve 0     -> paid 250 available 210
	packages ann                     -> t5:60 t4:50 t1:100
	expiry ann                       -> 500
`,
);

test(
	'a new package that expires sooner is reserved before the old one',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	open s1 ann 7
	settle ann reserve 50          -> granted 50 available 50
	topup t2 ann 30 byte valid 60  -> created
	settle ann reserve 50          -> granted 50 available 80
	settle ann 7=40/0 reserve 0    -> paid 40 available 90
	packages ann                   -> t1:90
`,
);

test(
	'what remains of an expired package leaves the balance, but its open grant still pays',
	scenario,
	`
	account ann
	topup t1 ann 100 byte valid 60
	topup t2 ann 100 byte
	open s1 ann 7
	settle ann reserve 80          -> granted 80 available 120
	wait 60
	settle ann 7=30/0 reserve 80   -> paid 30 expired 70 granted 80 available 20
	packages ann                   -> t2:100
	history ann                    -> expired:70 used:30 topup:100 topup:100
`,
);

test(
	'while the clock is not set nothing expires by date, and a validity of another boot has not begun',
	scenario,
	`
	clock unset
	account ann
	topup t1 ann 100 byte valid 60
	expiry ann                     -> never
	settle ann reserve 10          -> granted 10 available 90
	boot boot-2
	wait 1000000000
	settle ann reserve 10          -> unchanged granted 10 available 90
	clock set
	settle ann reserve 10          -> granted 10 available 90
	expiry ann                     -> 60
	wait 60
	settle ann reserve 10          -> expired 100
`,
);

test(
	'a wall clock that goes back brings nothing back',
	scenario,
	`
	account ann
	topup t1 ann 100 byte valid 60
	wait 61
	settle ann reserve 10          -> expired 100
	wait -1000
	settle ann reserve 10          -> unchanged
`,
);

test(
	'bytes within a time package are recorded as included, its seconds are paid',
	scenario,
	`
	account ann
	topup t1 ann 60 second
	topup t2 ann 100 byte
	open s1 ann 7
	settle ann reserve 0 60                  -> granted 60 available 100
	settle ann 7=500/500 7=20s free reserve 0 60 -> paid 20 unpaid 1000 granted 40 available 100
	settle ann 7=500/500 7=20s free reserve 0 60 -> unchanged granted 40 available 100
	settle ann 7=600/500 7=60s free reserve 50 60 -> paid 40 unpaid 100 granted 50 available 50
	settle ann 7=610/500 reserve 50          -> paid 10 granted 50 available 40
	sessions                                 -> s1:610/500/60
	history ann -> used:10 included:100 used:40 included:1000 used:20 topup:100 topup:60
`,
);

test(
	'bytes for a right that does not spend bytes are recorded as that right, and nothing is paid for them',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	open s1 ann 7
	settle ann reserve 50                         -> granted 50 available 50
	settle ann 7=10/20 included reserve 50        -> unpaid 30 granted 50 available 50
	settle ann 7=10/24 throttled reserve 50       -> unpaid 4 granted 50 available 50
	settle ann 7=11/24 reserve 50                 -> paid 1 granted 50 available 49
	history ann                                   -> used:1 throttled:4 included:30 topup:100
`,
);

test(
	'a blocked account reserves nothing, but pays for what it used',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	open s1 ann 7
	settle ann reserve 50          -> granted 50 available 50
	block ann
	settle ann 7=20/0 reserve 50   -> paid 20 available 80
	settle ann 7=20/0 reserve 50   -> unchanged available 80
	unblock ann
	settle ann 7=20/0 reserve 50   -> granted 50 available 30
`,
);

test(
	'several stations spend one account',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	open s1 ann 7
	open s2 ann 8
	settle ann reserve 60                 -> granted 60 available 40
	settle ann 7=10/10 8=5/15 reserve 60  -> paid 40 granted 60
	settle ann 8=5/25 reserve 60          -> paid 10 granted 50
	sessions                              -> s1:10/10/0 s2:5/25/0
	settle ann 7=10/10 7=11/11 reserve 60 -> invalid_value
`,
);

test(
	'a meter belongs to one open session, and is used again after it',
	scenario,
	`
	account ann
	account bob
	open s1 ann 7  -> created
	open s1 ann 7  -> exists
	open s1 ann 8  -> exists_with_different_values
	open s2 bob 7  -> meter_in_use
	open s2 eve 8  -> not_found
	open s3 ann 0  -> invalid_value
	open s3 ann 65536 -> invalid_value
	topup t1 ann 100 byte
	settle bob 7=1/1 reserve 0 -> not_found
	settle ann 7=10/0 reserve 0 -> paid 10 available 90
	close s1       -> changed
	close s1       -> exists
	close s9       -> not_found
	settle ann 7=11/0 reserve 0 -> not_found
	open s1 ann 7  -> exists_with_different_values
	open s4 bob 7  -> created
	settle bob 7=3/0 reserve 0 -> unpaid 3 overrun 3
	sessions       -> s4:3/0/0
`,
);

for (const settle of ['8=9/9 7=9/10', '8=9/9 7=10/9', '7=4s']) {
	test(
		`a counter that goes back is refused, and nothing of that settle is written: ${settle}`,
		scenario,
		`
	account ann
	topup t1 ann 100 byte
	open s1 ann 7
	open s2 ann 8
	settle ann 7=10/10 8=1/1 7=5s reserve 50
	settle ann ${settle} reserve 50    -> ledger_broken
	sessions                           -> s1:10/10/5 s2:1/1/0
`,
	);
}

test(
	'lost counters: the customer is favoured by releasing the grants whole',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte
	topup t2 bob 100 byte
	open s1 ann 7
	open s2 bob 8
	settle ann 7=20/0 reserve 50
	settle bob reserve 70
	epochs         -> e1
	lost customer  -> ann:50 bob:70
	lost customer  ->
	epochs         ->
	sessions       ->
	packages ann   -> t1:80
	packages bob   -> t2:100
	history bob    -> lost_customer:70 topup:100
	end bob        -> block
`,
);

test(
	'lost counters: the venue is favoured by charging the grants whole',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	topup t2 ann 100 byte valid 10
	open s1 ann 7
	settle ann 7=20/0 reserve 120
	lost venue     -> ann:80 ann:40
	packages ann   -> t1:60
	history ann    -> lost_venue:40 lost_venue:80 used:20 topup:100 topup:100
`,
);

test(
	'the lost counter of one account leaves the others alone',
	scenario,
	`
	account ann
	account bob
	topup t1 ann 100 byte
	topup t2 bob 100 byte
	open s1 ann 7
	open s2 bob 8
	settle ann reserve 50
	settle bob reserve 70
	lost venue ann -> ann:50
	lost venue eve -> not_found
	sessions       -> s2:0/0/0
	settle bob 8=10/0 reserve 70 -> paid 10 granted 70 available 20
	settle ann reserve 50        -> granted 50
`,
);

test(
	'a settle of a new epoch waits until the old one is resolved',
	scenario,
	`
	account ann
	topup t1 ann 100 byte
	open s1 ann 7
	settle ann reserve 50
	epoch 2
	settle ann reserve 50         -> not_allowed
	settle ann 7=5/5 reserve 50   -> not_allowed
	lost customer                 ->
	epoch 1
	lost customer                 -> ann:50
	epoch 2
	open s2 ann 7                 -> created
	settle ann 7=5/5 reserve 50   -> paid 10 granted 50 available 40
	epochs                        -> e2
`,
);
