/*
 * Sends frames that no stack would: borrowed sources, odd headers, quoted packets. Nothing is read but the arguments.
 *
 *     odd-packets DEVICE FROM_MAC TO_MAC KIND COUNT BYTES SEED SOURCES DESTINATIONS [SOURCE_PORT DESTINATION_PORT]
 *
 * KIND    echo      echo requests, whose identifier is SOURCE_PORT
 *         syn       segments that open a connection, with random sequence numbers
 *         udp       datagrams
 *         option    IPv6: a hop-by-hop option that nobody knows and that asks for an error; IPv4: the same as udp
 *         fragment  first fragments of datagrams whose rest never comes
 *         error     port unreachable, which quotes an echo request from the last of SOURCES, that it answers, to the last of
 *                   DESTINATIONS; its identifier is SOURCE_PORT
 *         odd       everything at random
 * BYTES   of payload; of `odd`: at most
 * SOURCES, DESTINATIONS   addresses, with commas between them; each packet takes one of both that are of one family
 *
 * Prints how many frames were sent, and their bytes without the Ethernet header.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** So many leave at once, then a pause: a veth's queue holds 1,000. */
#define BURST 32
#define PAUSE_US 400
#define ADDRESSES_MAX 64
#define FRAME_MAX 1600
#define LAYER_3_MAX 1500

enum { ICMP = 1, TCP = 6, UDP = 17, ROUTING = 43, FRAGMENT = 44, ICMPV6 = 58, DESTINATION_OPTIONS = 60 };

struct address {
	int family;
	int bytes;
	uint8_t raw[16];
};

static struct address sources[ADDRESSES_MAX], destinations[ADDRESSES_MAX];
static int source_count, destination_count;
static uint64_t state;
static const char *kind;
static int source_port, destination_port, payload_max;

/** xorshift64: the same packets for the same seed. */
static uint32_t any(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % below;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static uint32_t sum(uint32_t total, const uint8_t *bytes, int count)
{
	for (int i = 0; i < count; i++)
		total += i % 2 ? bytes[i] : bytes[i] << 8;
	return total;
}

static uint16_t folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total;
}

static int parse(char *text, struct address *into)
{
	int count = 0;

	for (char *one = strtok(text, ","); one; one = strtok(NULL, ",")) {
		if (count == ADDRESSES_MAX)
			exit(2);
		int family = strchr(one, ':') ? AF_INET6 : AF_INET;
		into[count].family = family;
		into[count].bytes = family == AF_INET ? 4 : 16;
		if (inet_pton(family, one, into[count].raw) != 1)
			exit(2);
		count++;
	}
	return count;
}

static void fill(uint8_t *at, int count)
{
	for (int i = 0; i < count; i++)
		at[i] = any(256);
}

/** RFC 1071, with the pseudo header; ICMP has none. */
static void seal(const struct address *from, const struct address *to, int protocol, uint8_t *segment, int length, int at)
{
	uint32_t total = 0;

	put16(segment + at, 0);
	if (protocol != ICMP) {
		total = sum(total, from->raw, from->bytes);
		total = sum(total, to->raw, to->bytes);
		total += length + protocol;
	}
	put16(segment + at, folded(sum(total, segment, length)));
}

static int echo(const struct address *from, const struct address *to, uint8_t *at, int payload, unsigned identifier)
{
	int protocol = from->family == AF_INET ? ICMP : ICMPV6;

	fill(at, 8 + payload);
	at[0] = protocol == ICMP ? 8 : 128;
	at[1] = 0;
	put16(at + 4, identifier);
	seal(from, to, protocol, at, 8 + payload, 2);
	return 8 + payload;
}

/* For routers (RFC 4861, 4.1): the answer to it goes to its source. */
static int solicitation(const struct address *from, const struct address *to, uint8_t *at)
{
	memset(at, 0, 8);
	at[0] = 133;
	seal(from, to, ICMPV6, at, 8, 2);
	return 8;
}

static int datagram(const struct address *from, const struct address *to, uint8_t *at, int payload, int sport, int dport)
{
	fill(at, 8 + payload);
	put16(at, sport);
	put16(at + 2, dport);
	put16(at + 4, 8 + payload);
	seal(from, to, UDP, at, 8 + payload, 6);
	return 8 + payload;
}

static int segment(const struct address *from, const struct address *to, uint8_t *at, int payload, int dport, int flags)
{
	fill(at, 20 + payload);
	put16(at + 2, dport);
	at[12] = 5 << 4;
	at[13] = flags;
	seal(from, to, TCP, at, 20 + payload, 16);
	return 20 + payload;
}

/** The IP header of a packet whose payload of that length follows. */
static int header(const struct address *from, const struct address *to, uint8_t *at, int protocol, int length, int hops)
{
	if (from->family == AF_INET) {
		memset(at, 0, 20);
		at[0] = 0x45;
		put16(at + 2, 20 + length);
		put16(at + 4, any(65536));
		at[8] = hops;
		at[9] = protocol;
		memcpy(at + 12, from->raw, 4);
		memcpy(at + 16, to->raw, 4);
		put16(at + 10, folded(sum(0, at, 20)));
		return 20;
	}
	memset(at, 0, 8);
	at[0] = 0x60;
	put16(at + 4, length);
	at[6] = protocol;
	at[7] = hops;
	memcpy(at + 8, from->raw, 16);
	memcpy(at + 24, to->raw, 16);
	return 40;
}

/** An error that quotes an echo request from `inner_from` to `inner_to`. */
static int error(const struct address *from, const struct address *to, uint8_t *at, int payload, unsigned identifier,
		 const struct address *inner_from, const struct address *inner_to)
{
	int protocol = from->family == AF_INET ? ICMP : ICMPV6;
	uint8_t message[FRAME_MAX];
	int length = echo(inner_from, inner_to, message, payload, identifier);
	int start = 8 + header(inner_from, inner_to, at + 8, protocol, length, 60);

	memset(at, 0, 8);
	at[0] = protocol == ICMP ? 3 : 1;
	at[1] = protocol == ICMP ? 3 : 4;
	memcpy(at + start, message, length);
	seal(from, to, protocol, at, start + length, 2);
	return start + length;
}

/** Options of IPv4 behind its header, in front of what follows it. */
static int with_options(uint8_t *packet, int length)
{
	static const uint8_t options[][4] = { { 7, 4, 4, 0 }, { 68, 4, 5, 0 }, { 148, 4, 0, 0 }, { 131, 3, 4, 0 }, { 201, 4, 9, 9 } };

	memmove(packet + 24, packet + 20, length - 20);
	memcpy(packet + 20, options[any(5)], 4);
	packet[0] = 0x46;
	put16(packet + 2, length + 4);
	return length + 4;
}

/** A header of eight bytes between that of IPv6 and what follows: options (known or not), routing, or a fragment. */
static int with_extension(uint8_t *packet, int length, int type, const uint8_t *rest)
{
	memmove(packet + 48, packet + 40, length - 40);
	packet[40] = packet[6];
	packet[41] = 0;
	memcpy(packet + 42, rest, 6);
	packet[6] = type;
	put16(packet + 4, length - 40 + 8);
	return length + 8;
}

static const uint8_t UNKNOWN_OPTION[6] = { 0x9e, 4, 1, 2, 3, 4 };
static const uint8_t PADDING[6] = { 1, 4, 0, 0, 0, 0 };
static const uint8_t ROUTE[6] = { 0, 1, 0, 0, 0, 0 };

static void pick(const struct address **from, const struct address **to)
{
	do {
		*from = &sources[any(source_count)];
		*to = &destinations[any(destination_count)];
	} while ((*from)->family != (*to)->family);
}

static const struct address *inner(const struct address *list, int count, int family)
{
	const struct address *found;

	do
		found = &list[any(count)];
	while (found->family != family);
	return found;
}

static int odd(uint8_t *packet)
{
	static const int ports[] = { 53, 67, 68, 80, 123, 161, 443, 547, 1900, 2050, 5001, 5351, 5353, 33434 };
	static const int others[] = { 0, 2, 4, 41, 47, 50, 51, 59, 60, 89, 94, 103, 112, 115, 132, 136, 253 };
	static const int hops[] = { 1, 2, 64, 255 };
	const struct address *from, *to;
	uint8_t body[FRAME_MAX];
	int protocol, length, payload = any(payload_max + 1);

	pick(&from, &to);
	const int is_ipv4 = from->family == AF_INET, icmp = is_ipv4 ? ICMP : ICMPV6;
	const int port = any(4) ? ports[any(14)] : (int)any(65536);
	switch (any(8)) {
	case 0:
		protocol = icmp;
		length = echo(from, to, body, payload, any(65536));
		break;
	case 1:
		protocol = icmp;
		length = echo(from, to, body, payload, any(65536));
		body[0] = any(256);
		body[1] = any(8);
		seal(from, to, icmp, body, length, 2);
		break;
	case 2:
		protocol = icmp;
		length = error(from, to, body, payload > 1300 ? 1300 : payload, any(65536),
			       any(2) ? to : inner(sources, source_count, from->family),
			       any(2) ? from : inner(destinations, destination_count, from->family));
		break;
	case 3:
	case 4:
		protocol = UDP;
		length = datagram(from, to, body, payload, any(2) ? ports[any(14)] : 1024 + (int)any(60000), port);
		break;
	case 5:
	case 6:
		protocol = TCP;
		length = segment(from, to, body, any(3) ? 0 : payload, port, any(3) ? 2 : (int)any(256));
		break;
	default:
		protocol = any(3) ? others[any(17)] : (int)any(256);
		length = payload;
		fill(body, length);
	}
	if (any(16) == 0 && length > 4)
		body[any(length)] ^= 1 << any(8);
	int start = header(from, to, packet, protocol, length, any(2) ? 64 : hops[any(4)]);
	memcpy(packet + start, body, length);
	length += start;
	const uint32_t change = any(12);
	if (is_ipv4) {
		if (change == 0)
			length = with_options(packet, length);
		if (change == 1)
			put16(packet + 6, any(2) ? 0x2000 : any(65536));
		if (change == 2)
			put16(packet + 2, any(65536));
		packet[1] = any(8) ? 0 : any(256);
		put16(packet + 10, 0);
		put16(packet + 10, folded(sum(0, packet, (packet[0] & 15) * 4)));
	} else {
		uint8_t fragment[6] = { 0, 1, any(256), any(256), any(256), any(256) };

		if (change == 0)
			length = with_extension(packet, length, any(2) ? 0 : DESTINATION_OPTIONS, any(2) ? UNKNOWN_OPTION : PADDING);
		if (change == 1)
			length = with_extension(packet, length, FRAGMENT, fragment);
		if (change == 2)
			length = with_extension(packet, length, ROUTING, ROUTE);
		if (change == 3)
			put16(packet + 4, any(65536));
	}
	return length;
}

static int plain(uint8_t *packet)
{
	const struct address *from, *to;
	uint8_t body[FRAME_MAX];
	int protocol = UDP, length;

	pick(&from, &to);
	const int icmp = from->family == AF_INET ? ICMP : ICMPV6;
	if (!strcmp(kind, "echo")) {
		protocol = icmp;
		length = echo(from, to, body, payload_max, source_port);
	} else if (!strcmp(kind, "solicit")) {
		protocol = icmp;
		length = solicitation(from, to, body);
	} else if (!strcmp(kind, "syn")) {
		protocol = TCP;
		length = segment(from, to, body, 0, destination_port, 2);
	} else if (!strcmp(kind, "error")) {
		protocol = icmp;
		from = &sources[0];
		to = &destinations[0];
		length = error(from, to, body, payload_max, source_port, &sources[source_count - 1],
			       &destinations[destination_count - 1]);
	} else {
		length = datagram(from, to, body, payload_max, source_port ? source_port : 1024 + (int)any(60000),
				  destination_port ? destination_port : 1024 + (int)any(60000));
	}
	int start = header(from, to, packet, protocol, length, strcmp(kind, "solicit") ? 64 : 255);
	memcpy(packet + start, body, length);
	length += start;
	if (!strcmp(kind, "option") && from->family == AF_INET6)
		return with_extension(packet, length, 0, UNKNOWN_OPTION);
	if (strcmp(kind, "fragment"))
		return length;
	if (from->family == AF_INET6) {
		uint8_t first[6] = { 0, 1, any(256), any(256), any(256), any(256) };

		length -= (length - 40) % 8;
		return with_extension(packet, length, FRAGMENT, first);
	}
	length -= (length - 20) % 8;
	put16(packet + 2, length);
	put16(packet + 6, 0x2000);
	put16(packet + 10, 0);
	put16(packet + 10, folded(sum(0, packet, 20)));
	return length;
}

static int mac(const char *text, uint8_t *into)
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", into, into + 1, into + 2, into + 3, into + 4, into + 5) == 6;
}

int main(int count, char **words)
{
	static uint8_t frames[BURST][FRAME_MAX];
	struct mmsghdr messages[BURST];
	struct iovec parts[BURST];
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
	uint8_t from_mac[6], to_mac[6];
	long sent = 0, bytes = 0;

	if (count < 10 || !mac(words[2], from_mac) || !mac(words[3], to_mac))
		return 2;
	kind = words[4];
	const long wanted = atol(words[5]);
	payload_max = atoi(words[6]);
	state = strtoull(words[7], NULL, 10) * 0x9e3779b97f4a7c15ull + 1;
	source_count = parse(words[8], sources);
	destination_count = parse(words[9], destinations);
	source_port = count > 10 ? atoi(words[10]) : 0;
	destination_port = count > 11 ? atoi(words[11]) : 0;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	to.sll_ifindex = if_nametoindex(words[1]);
	if (fd < 0 || to.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return 1;
	while (sent < wanted) {
		int burst = wanted - sent < BURST ? wanted - sent : BURST;

		memset(messages, 0, sizeof(messages));
		for (int i = 0; i < burst; i++) {
			uint8_t *frame = frames[i];
			int length = strcmp(kind, "odd") ? plain(frame + 14) : odd(frame + 14);

			if (length > LAYER_3_MAX)
				length = LAYER_3_MAX;
			memcpy(frame, to_mac, 6);
			memcpy(frame + 6, from_mac, 6);
			put16(frame + 12, frame[14] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
			parts[i] = (struct iovec){ frame, 14 + length };
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
			bytes += length;
		}
		for (int done = 0; done < burst;) {
			int now = sendmmsg(fd, messages + done, burst - done, 0);

			if (now > 0)
				done += now;
			else
				usleep(PAUSE_US);
		}
		sent += burst;
		usleep(PAUSE_US);
	}
	printf("%ld %ld\n", sent, bytes);
	return 0;
}
