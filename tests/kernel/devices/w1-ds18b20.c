// SPDX-License-Identifier: MIT OR GPL-2.0
// A 1-wire bus with a DS18B20 that has its own supply, for a machine that has none; bit by bit, as its data sheet has the commands. What it
// measures is a parameter, in /sys/module/w1_ds18b20/parameters.
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/w1.h>

static int millidegrees = 20000;
module_param(millidegrees, int, 0644);
MODULE_PARM_DESC(millidegrees, "what it measures");
static bool absent;
module_param(absent, bool, 0644);
MODULE_PARM_DESC(absent, "it is not there");

enum state { ROM_COMMAND, SEARCH, MATCH, COMMAND, SEND, RECEIVE, CONVERT, SILENT };

static u8 code[8] = {0x28, 0x01};
/* Temperature (85 degrees after power-on), alarms, 12 bits, reserved; its CRC comes when it is sent. */
static u8 scratchpad[9] = {0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10};
static enum state state = SILENT;
static unsigned int bits; // of what is sent or received
static u8 command;
static unsigned long converted;

static bool bit_of(const u8 *bytes, unsigned int bit)
{
	return bytes[bit / 8] >> bit % 8 & 1;
}

static void enter(enum state next)
{
	state = next;
	bits = 0;
	command = 0;
}

static bool is_received(bool told)
{
	command |= told << bits;
	return ++bits == 8;
}

static void measure(void)
{
	int sixteenths = millidegrees * 16 / 1000;

	scratchpad[0] = sixteenths;
	scratchpad[1] = sixteenths >> 8;
}

static void obey(void)
{
	switch (command) {
	case 0x44: // CONVERT T: 750 ms
		converted = jiffies + msecs_to_jiffies(750);
		enter(CONVERT);
		break;
	case 0x4e: // WRITE SCRATCHPAD
		enter(RECEIVE);
		break;
	case 0xbe: // READ SCRATCHPAD
		if (converted && time_after(jiffies, converted)) {
			measure();
			converted = 0;
		}
		scratchpad[8] = w1_calc_crc8(scratchpad, 8);
		enter(SEND);
		break;
	default: // READ POWER SUPPLY, COPY and RECALL are answered by ones
		enter(SILENT);
	}
}

/* A bit's time: the controller sends it, or a one to read. What the wire has then. */
static u8 touch_bit(void *unused, u8 told)
{
	bool ours = true;

	switch (state) {
	case ROM_COMMAND:
		if (is_received(told))
			enter(command == 0xf0 ? SEARCH : command == 0x55 ? MATCH : command == 0xcc ? COMMAND : SILENT);
		break;
	case SEARCH: // each bit, its complement, and which way the search goes on
		if (bits % 3 < 2)
			ours = bit_of(code, bits / 3) != bits % 3;
		else if (told != bit_of(code, bits / 3))
			state = SILENT;
		++bits;
		if (bits == 3 * 64)
			enter(COMMAND);
		break;
	case MATCH:
		if (told != bit_of(code, bits))
			state = SILENT;
		else if (++bits == 64)
			enter(COMMAND);
		break;
	case COMMAND:
		if (is_received(told))
			obey();
		break;
	case SEND:
		ours = bit_of(scratchpad, bits);
		if (++bits == 72)
			enter(SILENT);
		break;
	case RECEIVE: // both alarms and the resolution
		scratchpad[2 + bits / 8] = (scratchpad[2 + bits / 8] & ~BIT(bits % 8)) | told << bits % 8;
		if (++bits == 24)
			enter(SILENT);
		break;
	case CONVERT:
		ours = time_after(jiffies, converted);
		break;
	case SILENT:
		break;
	}
	return told && ours;
}

/* 0: somebody is there. */
static u8 reset_bus(void *unused)
{
	enter(absent ? SILENT : ROM_COMMAND);
	return absent;
}

static struct w1_bus_master bus = {.touch_bit = touch_bit, .reset_bus = reset_bus};

static int __init begin(void)
{
	code[7] = w1_calc_crc8(code, 7);
	return w1_add_master_device(&bus);
}

static void __exit end(void)
{
	w1_remove_master_device(&bus);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A 1-wire bus with a DS18B20, for tests");
