/*
 * Stations that exist on the wire only: each sends a datagram of another size every second, and gets it back.
 *
 *     moving-stations answer ADDRESS                          sends everything back
 *     moving-stations move DEVICE ROUTER_MAC ADDRESS COUNT    station I has 02:00:5e:20:I and 10.77.64.0 + I
 *
 * Both go on until they are killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 7
/** Ports below 1024 are translated to ports below 1024: too few of them. */
#define PORT_FROM 5007
#define PAYLOAD_MIN 64
#define PAYLOAD_MAX 1400
/** A second's datagrams leave in so many bursts: a veth's queue holds 1,000. */
#define BURSTS 50
#define STATIONS_FIRST 0x0a4d4000u

struct frame {
	struct ether_header ether;
	struct iphdr ip;
	struct udphdr udp;
	char payload[PAYLOAD_MAX];
} __attribute__((packed));

static int answer(const char *address)
{
	static char payload[PAYLOAD_MAX];
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(PORT) }, from;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (inet_pton(AF_INET, address, &here.sin_addr) != 1 || bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t length = recvfrom(fd, payload, sizeof(payload), 0, (struct sockaddr *)&from, &size);

		if (length >= 0)
			sendto(fd, payload, length, 0, (struct sockaddr *)&from, size);
	}
}

static unsigned short checksum(const void *header)
{
	const unsigned short *words = header;
	unsigned long sum = 0;

	for (int index = 0; index < 10; index++)
		sum += words[index];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void fill(struct frame *frame, unsigned station, int payload)
{
	frame->ether.ether_shost[4] = station >> 8;
	frame->ether.ether_shost[5] = station & 255;
	frame->ip.saddr = htonl(STATIONS_FIRST + station);
	frame->ip.tot_len = htons(sizeof(frame->ip) + sizeof(frame->udp) + payload);
	frame->ip.check = 0;
	frame->ip.check = checksum(&frame->ip);
	frame->udp.len = htons(sizeof(frame->udp) + payload);
}

static int move(const char *device, const char *router, const char *address, unsigned count)
{
	static struct frame frame = {
		.ether = { .ether_shost = { 2, 0, 0x5e, 0x20 } },
		.ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP },
	};
	unsigned char *mac = frame.ether.ether_dhost;
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(device) };
	struct timespec next;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || to.sll_ifindex == 0 || inet_pton(AF_INET, address, &frame.ip.daddr) != 1 ||
	    sscanf(router, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
		return 1;
	frame.ether.ether_type = htons(ETHERTYPE_IP);
	frame.udp.source = htons(PORT_FROM);
	frame.udp.dest = htons(PORT);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		for (unsigned burst = 0, station = 0; burst < BURSTS; burst++) {
			for (; station < count * (burst + 1) / BURSTS; station++) {
				int payload = PAYLOAD_MIN + rand() % (PAYLOAD_MAX - PAYLOAD_MIN);

				fill(&frame, station, payload);
				sendto(fd, &frame, sizeof(frame) - PAYLOAD_MAX + payload, 0, (struct sockaddr *)&to, sizeof(to));
			}
			next.tv_nsec += 1000000000 / BURSTS;
			if (next.tv_nsec >= 1000000000) {
				next.tv_nsec -= 1000000000;
				next.tv_sec++;
			}
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		}
	}
}

int main(int count, char **words)
{
	if (count == 3 && strcmp(words[1], "answer") == 0)
		return answer(words[2]);
	if (count == 6 && strcmp(words[1], "move") == 0)
		return move(words[2], words[3], words[4], atoi(words[5]));
	return 2;
}
