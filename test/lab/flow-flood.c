/*
 * Sends datagrams of one byte, each the first packet of a new flow: another destination port each time, and another source port
 * when those are used up.
 *
 *     flow-flood ADDRESS FLOWS_PER_SECOND MILLISECONDS      prints how many were sent
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** So many leave at once: far less than a veth's queue of 1,000 holds. */
#define BURST 50
#define PORT_FIRST 10000
#define PORTS 50000

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words)
{
	struct sockaddr_in to[BURST];
	struct mmsghdr messages[BURST];
	struct iovec byte = { "x", 1 };
	long sent = 0;
	int fd = -1;

	if (count != 4)
		return 2;
	const double rate = atof(words[2]), seconds = atof(words[3]) / 1000, start = now();
	memset(messages, 0, sizeof(messages));
	memset(to, 0, sizeof(to));
	for (int i = 0; i < BURST; i++) {
		to[i].sin_family = AF_INET;
		if (inet_pton(AF_INET, words[1], &to[i].sin_addr) != 1)
			return 2;
		messages[i].msg_hdr.msg_name = &to[i];
		messages[i].msg_hdr.msg_namelen = sizeof(to[i]);
		messages[i].msg_hdr.msg_iov = &byte;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (now() - start < seconds) {
		if (sent > (now() - start) * rate) {
			usleep(200);
			continue;
		}
		if (sent % PORTS == 0) {
			if (fd >= 0)
				close(fd);
			fd = socket(AF_INET, SOCK_DGRAM, 0);
			if (fd < 0)
				return 1;
		}
		for (int i = 0; i < BURST; i++)
			to[i].sin_port = htons(PORT_FIRST + (sent + i) % PORTS);
		for (int done = 0; done < BURST;) {
			int now_sent = sendmmsg(fd, messages + done, BURST - done, 0);
			/* An unreachable port of before answers once. */
			if (now_sent > 0)
				done += now_sent;
		}
		sent += BURST;
	}
	printf("%ld\n", sent);
	return 0;
}
