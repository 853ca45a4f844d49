/*
 * What a forwarded packet costs, in nanoseconds: the instrument of the scenario "scale".
 *
 * One thread, pinned to one CPU, sends small UDP packets in batches (sendmmsg). On veth the whole path (send, forward, receive)
 * runs in the context of the sender, so the time per packet is the cost of the path; throughput would be noisier. The far end
 * drops port 9 as soon as a packet arrives. Each run opens a new socket: a new flow, which the router marks and tracks anew.
 * Its first datagram, of one byte, is let through and answered, so that the flow is established as most flows are: firewalls
 * are quick with those.
 *
 * cc -O2 -o packet-cost packet-cost.c
 * packet-cost SINK_IPV4 MILLISECONDS CPU      prints one number: of the processor's time that the sender had, so that others on a
 *                                             busy machine do not count
 * packet-cost answer SINK_IPV4                answers first datagrams; prints a line when it is ready
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 64
#define DISCARD_PORT 9 /* RFC 863 */
#define ANSWER_MILLISECONDS 500
#define TRIES 5

static double seconds_used(void) {
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static double seconds_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int answer(const char *address) {
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(DISCARD_PORT) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	if (s < 0 || inet_pton(AF_INET, address, &own.sin_addr) != 1 || bind(s, (struct sockaddr *)&own, sizeof own)) {
		perror("bind");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		char byte;
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		if (recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &size) == 1)
			sendto(s, &byte, 1, 0, (struct sockaddr *)&from, size);
	}
}

static int establish(int s) {
	for (int try = 0; try < TRIES; try++) {
		char byte = 1;
		struct pollfd waiting = { .fd = s, .events = POLLIN };
		if (send(s, &byte, 1, 0) == 1 && poll(&waiting, 1, ANSWER_MILLISECONDS) == 1 && recv(s, &byte, 1, 0) == 1)
			return 0;
	}
	return -1;
}

int main(int argc, char **argv) {
	if (argc == 3 && strcmp(argv[1], "answer") == 0)
		return answer(argv[2]);
	if (argc != 4) {
		fprintf(stderr, "usage: %s SINK_IPV4 MILLISECONDS CPU\n       %s answer SINK_IPV4\n", argv[0], argv[0]);
		return 2;
	}
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[3]), &cpus);
	if (sched_setaffinity(0, sizeof cpus, &cpus)) {
		perror("sched_setaffinity");
		return 1;
	}
	struct sockaddr_in sink = { .sin_family = AF_INET, .sin_port = htons(DISCARD_PORT) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	if (s < 0 || inet_pton(AF_INET, argv[1], &sink.sin_addr) != 1 || connect(s, (struct sockaddr *)&sink, sizeof sink)) {
		perror("connect");
		return 1;
	}
	if (establish(s)) {
		fprintf(stderr, "the sink does not answer\n");
		return 1;
	}
	char payload[18] = { 0 }; /* the smallest Ethernet frame */
	struct iovec data = { payload, sizeof payload };
	struct mmsghdr batch[BATCH];
	memset(batch, 0, sizeof batch);
	for (int i = 0; i < BATCH; i++) {
		batch[i].msg_hdr.msg_iov = &data;
		batch[i].msg_hdr.msg_iovlen = 1;
	}
	double used = seconds_used(), start = seconds_now(), elapsed, limit = atof(argv[2]) / 1000;
	long sent = 0;
	do {
		int count = sendmmsg(s, batch, BATCH, 0);
		if (count > 0)
			sent += count;
		elapsed = seconds_now() - start;
	} while (elapsed < limit);
	if (sent == 0) {
		fprintf(stderr, "nothing was sent\n");
		return 1;
	}
	printf("%.1f\n", (seconds_used() - used) / sent * 1e9);
	return 0;
}
