/*
 * Whether the kernel holds its wall clock for synchronised: adjtimex(2) without STA_UNSYNC. NTP daemons clear the flag (busybox
 * ntpd, chronyd, ntpd, systemd-timesyncd); clock_settime(2) sets it, so a clock that was set by hand, from a file or from a
 * battery-backed clock has it, and the kernel sets it again when nobody has disciplined the clock for hours (kernel/time/ntp.c,
 * second_overflow: maxerror above NTP_PHASE_LIMIT).
 *
 *     wallClockSynchronised() -> a boolean; false if the kernel does not answer
 */
#define NAPI_VERSION 7
#include "kernel-time.h"
#include <stdbool.h>
#include <sys/timex.h>

napi_value wall_clock_synchronised(napi_env env, napi_callback_info info)
{
	struct timex time = { .modes = 0 };
	napi_value answer;
	bool synchronised;

	(void)info;
	synchronised = adjtimex(&time) != -1 && (time.status & STA_UNSYNC) == 0;
	if (napi_get_boolean(env, synchronised, &answer) != napi_ok)
		return NULL;
	return answer;
}
