/*
 * What it costs to have all counters of our table dumped by the kernel and to throw them away: the floor under a sample of the agent,
 * which asks the same and keeps them. Processor time of this thread, the kernel's part included, in microseconds for one dump.
 *
 * cc -O2 -o counter-dump counter-dump.c
 * counter-dump TABLE TIMES    prints "MICROSECONDS COUNTERS": of one dump, mean of so many; and how many counters it had
 *
 * linux/netfilter/nf_tables.h: NFT_MSG_GETOBJ with NLM_F_DUMP; NFTA_OBJ_TABLE and NFTA_OBJ_TYPE choose what is dumped.
 */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <arpa/inet.h>

/* As large as the kernel makes a datagram of a dump (NLMSG_GOODSIZE, and what a reader's buffer lets it grow to). */
#define BUFFER_BYTES 32768
#define TABLE_BYTES_MAX 64

static double microseconds_used(void) {
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static size_t put(char *to, unsigned short type, const void *data, size_t size) {
	struct nlattr head = { .nla_len = NLA_HDRLEN + size, .nla_type = type };
	memcpy(to, &head, sizeof head);
	memcpy(to + NLA_HDRLEN, data, size);
	return NLA_ALIGN(head.nla_len);
}

/* One dump: the number of objects that came, or -1. */
static long dump(int s, const char *table) {
	static char buffer[BUFFER_BYTES];
	char request[NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg)) + 2 * NLA_HDRLEN + TABLE_BYTES_MAX + 8] = { 0 };
	unsigned kind = htonl(NFT_OBJECT_COUNTER);
	size_t size = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct nfgenmsg));
	struct nfgenmsg family = { .nfgen_family = 1 /* NFPROTO_INET */, .version = NFNETLINK_V0 };
	memcpy(request + NLMSG_HDRLEN, &family, sizeof family);
	size += put(request + size, NFTA_OBJ_TABLE, table, strlen(table) + 1);
	size += put(request + size, NFTA_OBJ_TYPE, &kind, sizeof kind);
	struct nlmsghdr head = { .nlmsg_len = size, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1 };
	head.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETOBJ;
	memcpy(request, &head, sizeof head);
	if (send(s, request, size, 0) != (ssize_t)size)
		return -1;
	for (long objects = 0;;) {
		ssize_t got = recv(s, buffer, sizeof buffer, 0);
		if (got < 0)
			return -1;
		for (struct nlmsghdr *message = (struct nlmsghdr *)buffer; NLMSG_OK(message, got); message = NLMSG_NEXT(message, got)) {
			if (message->nlmsg_type == NLMSG_DONE)
				return objects;
			if (message->nlmsg_type == NLMSG_ERROR)
				return -1;
			objects++;
		}
	}
}

int main(int argc, char **argv) {
	long times = argc == 3 ? atol(argv[2]) : 0;
	if (times < 1 || strlen(argv[1]) >= TABLE_BYTES_MAX) {
		fprintf(stderr, "usage: %s TABLE TIMES\n", argv[0]);
		return 2;
	}
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	if (s < 0) {
		perror("socket");
		return 1;
	}
	long objects = 0;
	double start = microseconds_used();
	for (long i = 0; i < times; i++) {
		objects = dump(s, argv[1]);
		if (objects < 0) {
			fprintf(stderr, "the kernel does not dump the counters of %s\n", argv[1]);
			return 1;
		}
	}
	printf("%.1f %ld\n", (microseconds_used() - start) / times, objects);
	return 0;
}
