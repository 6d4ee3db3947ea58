// SPDX-License-Identifier: MIT OR GPL-2.0
// An SPI bus with an MCP3008 at chip select 0 (DS21295), for a machine that has none. What is at its inputs, and whether the bus hangs, are
// its parameters, in /sys/module/spi_mcp3008/parameters.
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>

#define INPUTS 8
#define RESULT_BITS 10
#define NULL_BIT 6 // clocks behind the start bit

static ushort values[INPUTS];
module_param_array(values, ushort, NULL, 0644);
MODULE_PARM_DESC(values, "what each input reads as, 0 to 1023; more: the chip is not there");
static bool hangs;
module_param(hangs, bool, 0644);
MODULE_PARM_DESC(hangs, "no transfer ends, and nobody can be killed who waits for one");

static struct platform_device *parent;
static struct spi_controller *bus;

static int result_of(unsigned int configuration)
{
	unsigned int input = configuration & 7;

	if (configuration & 8)
		return values[input];
	return max(0, values[input] - values[input ^ 1]);
}

/* What the chip sends at a clock so far behind the null bit: down from the highest bit, up again, and then zeros. */
static bool sent(int result, int step)
{
	int bit = abs(RESULT_BITS - step);

	return step > 0 && bit < RESULT_BITS && (result >> bit & 1);
}

static void converse(const u8 *in, u8 *out, unsigned int bytes)
{
	unsigned int configuration = 0, at;
	int clock = -1, result = 0;

	memset(out, 0xff, bytes);
	for (at = 0; at < bytes * 8; ++at) {
		u8 mask = 0x80 >> at % 8;
		bool told = in[at / 8] & mask;

		if (clock < 0 && !told)
			continue;
		if (++clock >= 1 && clock <= 4)
			configuration = configuration << 1 | told;
		if (clock == NULL_BIT)
			result = result_of(configuration);
		if (clock >= NULL_BIT && result < 1 << RESULT_BITS && !sent(result, clock - NULL_BIT))
			out[at / 8] &= ~mask;
	}
}

static int transfer_one(struct spi_controller *its, struct spi_device *chip, struct spi_transfer *transfer)
{
	bool is_understood = transfer->tx_buf && transfer->rx_buf && transfer->speed_hz <= 3600000 &&
			     !(chip->mode & SPI_CPOL) == !(chip->mode & SPI_CPHA);

	while (READ_ONCE(hangs))
		msleep(20);
	if (is_understood)
		converse(transfer->tx_buf, transfer->rx_buf, transfer->len);
	else if (transfer->rx_buf)
		memset(transfer->rx_buf, 0xff, transfer->len);
	return 0;
}

static int __init begin(void)
{
	struct spi_board_info chip = {.modalias = "mcp3008-bench", .max_speed_hz = 1000000};
	int error;

	parent = platform_device_register_simple("spi-mcp3008", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	error = -ENOMEM;
	bus = spi_alloc_master(&parent->dev, 0);
	if (!bus)
		goto no_bus;
	bus->bus_num = 0;
	bus->num_chipselect = 2;
	bus->mode_bits = SPI_CPOL | SPI_CPHA;
	bus->bits_per_word_mask = SPI_BPW_MASK(8);
	bus->transfer_one = transfer_one;
	error = spi_register_controller(bus);
	if (error) {
		spi_controller_put(bus);
		goto no_bus;
	}
	if (spi_new_device(bus, &chip))
		return 0;
	error = -ENODEV;
	spi_unregister_controller(bus);
no_bus:
	platform_device_unregister(parent);
	return error;
}

static void __exit end(void)
{
	spi_unregister_controller(bus);
	platform_device_unregister(parent);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("An SPI bus with an MCP3008, for tests");
