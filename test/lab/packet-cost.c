/*
 * What a forwarded packet costs, in nanoseconds: the instrument of the scenario "scale".
 *
 * One thread, pinned to one CPU, sends small UDP packets in batches (sendmmsg). On veth the whole path (send, forward, receive)
 * runs in the context of the sender, so the time per packet is the cost of the path; throughput would be noisier. The far end
 * drops port 9 as soon as a packet arrives. Each run opens a new socket: a new flow, which the router marks and tracks anew.
 *
 * cc -O2 -o packet-cost packet-cost.c
 * packet-cost SINK_IPV4 MILLISECONDS CPU      prints one number
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 64
#define DISCARD_PORT 9 /* RFC 863 */

static double seconds_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
	if (argc != 4) {
		fprintf(stderr, "usage: %s SINK_IPV4 MILLISECONDS CPU\n", argv[0]);
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
	char payload[18] = { 0 }; /* the smallest Ethernet frame */
	struct iovec data = { payload, sizeof payload };
	struct mmsghdr batch[BATCH];
	memset(batch, 0, sizeof batch);
	for (int i = 0; i < BATCH; i++) {
		batch[i].msg_hdr.msg_iov = &data;
		batch[i].msg_hdr.msg_iovlen = 1;
	}
	double start = seconds_now(), elapsed, limit = atof(argv[2]) / 1000;
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
	printf("%.1f\n", elapsed / sent * 1e9);
	return 0;
}
