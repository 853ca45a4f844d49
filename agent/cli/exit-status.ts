/** What an exit status means. `ERROR_CODES` says which error ends with which; a test compares the two. */
export const EXIT_STATUSES: Readonly<Record<number, string>> = {
	0: 'done',
	2: 'the command line, a value or the configuration is wrong',
	3: 'what was named does not exist',
	4: 'it exists already and differs, or its state does not allow this',
	5: 'no agent answers, or another one runs already',
	6: 'the kernel, a program or a permission is missing or refuses',
	7: 'the ledger cannot be written, or one of its invariants does not hold',
	8: 'a figure that a scenario of the lab checks does not hold',
	70: 'a defect in octroi',
};
